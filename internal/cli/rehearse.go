package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/deploy"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/recording"
	"github.com/woodwork-lang/ww/internal/rehearsal"
	"github.com/woodwork-lang/ww/internal/session"
	"github.com/woodwork-lang/ww/internal/turn"
)

type testOptions struct {
	IO
	Files   []string
	Mode    string
	EnvFile string
	JUnit   string
	Session string
	Record  bool
	Offline bool
	Trust   bool
	Seed    seed
	JSON    bool
}

// bothModes are the modes in which the tests of a file are run one after the other.
const bothModes = "both"

func testCmd(world IO) *cobra.Command {
	o := testOptions{IO: world}
	cmd := &cobra.Command{
		Use:   "test [FILE...]",
		Short: "Run the conversation tests that stand beside an app",
		Long: `Asks the turns of test files (*` + rehearsal.Suffix + `, those of this directory when none is named) and compares what comes of them
with what the files expect. Every file has an app of its own, beside a running one. --record adds to a file what came of the
turns of which nothing was expected; a file that is not there yet is made of the session that was used last.
Exit status: 0 everything held, 1 something did not, or an app did not start, 2 bad files, source or flags.`,
		GroupID: groupWrite,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Files = args
			return onStage(cmd.Context(), func(ctx context.Context) error { return runTest(ctx, o) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Mode, "mode", "", "centralized, distributed or both; without it the mode that the files say")
	f.BoolVar(&o.Offline, "offline", false, "models are played by a script, not asked")
	f.BoolVar(&o.Trust, "trust", false, "the commands of the apps may be started")
	f.BoolVar(&o.Record, "record", false, "add to the files what came of the turns")
	f.StringVar(&o.Session, "session", "", "with --record and a new file: the session whose turns it asks")
	seedFlag(cmd, &o.Seed, "")
	f.StringVar(&o.JUnit, "junit", "", "write a report for build servers into this file")
	f.BoolVar(&o.JSON, "json", false, "print the report as JSON")
	envFileFlag(cmd, &o.EnvFile)
	return cmd
}

// tested is the JSON of ww test.
type tested struct {
	OK    bool            `json:"ok"`
	Files []rehearsal.Ran `json:"files"`
}

func runTest(ctx context.Context, o testOptions) error {
	if o.Mode != "" && o.Mode != bothModes && o.Mode != project.Centralized && o.Mode != project.Distributed {
		return usage("--mode is centralized, distributed or both, not %q%s", o.Mode, meant(o.Mode, []string{project.Centralized, project.Distributed, bothModes}, ""))
	}
	files, err := o.files()
	if err != nil {
		return err
	}
	junit, err := openJUnit(o.JUnit)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer junit.discard()
	out := tested{OK: true, Files: []rehearsal.Ran{}}
	for _, f := range files {
		ran, err := o.runFile(ctx, f)
		if err != nil {
			return err
		}
		for _, r := range ran {
			out.OK = out.OK && r.OK
		}
		out.Files = append(out.Files, ran...)
	}
	if err := errors.Join(o.report(out), junit.write(out.Files)); err != nil {
		return failed(err)
	}
	if !out.OK {
		return silent(exitFailed)
	}
	return nil
}

// testFile is a file of tests with its text and its app.
type testFile struct {
	*rehearsal.File
	text []byte
	app  *project.Project
	src  []byte
}

// files reads everything before anything is started: every problem is told first.
func (o testOptions) files() ([]testFile, error) {
	names, err := o.names()
	if err != nil {
		return nil, err
	}
	var all []testFile
	for _, name := range names {
		text, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) && o.Record {
			text, err = o.fromSession(name)
		}
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		f, err := rehearsal.Parse(name, text)
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		t := testFile{File: f, text: text}
		if err := o.load(&t); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// names are the files that are meant: those that are named, and those in a directory that is.
func (o testOptions) names() (names []string, err error) {
	places := o.Files
	if len(places) == 0 {
		places = []string{"."}
	}
	for _, place := range places {
		if info, err := os.Stat(place); err != nil || !info.IsDir() {
			names = append(names, place)
			continue
		}
		entries, err := os.ReadDir(place)
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		before := len(names)
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), rehearsal.Suffix) && !e.IsDir() {
				names = append(names, filepath.Join(place, e.Name()))
			}
		}
		where := "here"
		if place != "." {
			where = "in " + place
		}
		if len(names) == before {
			return nil, usage("there is no *%s %s; ww test --record NAME%s makes one of the session that was used last", rehearsal.Suffix, where, rehearsal.Suffix)
		}
	}
	return names, nil
}

// load reads the app of a file.
func (o testOptions) load(t *testFile) error {
	real, err := realFile(t.App)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("%s: %w", t.Name, err)}
	}
	if t.src, err = os.ReadFile(real); err != nil {
		return &exitError{exitUsage, err}
	}
	p, problems := o.source(*t, real, t.src).Load()
	if problems.HasErrors() {
		return showProblems(o.IO, p.Sources, onlyErrors(problems))
	}
	t.app = p
	return devOptions{IO: o.IO, File: t.App, Trust: o.Trust, Stage: true}.trusted(p)
}

func (o testOptions) source(t testFile, file string, text []byte) project.Source {
	return project.Source{File: file, Text: slices.Clone(text), EnvFile: o.EnvFile, Offline: o.Offline || t.Offline, Env: o.Env}
}

// fromSession is the text of a new file.
func (o testOptions) fromSession(name string) ([]byte, error) {
	main := filepath.Join(filepath.Dir(name), app.DefaultFile)
	a, err := app.Identify(main, "", o.Env)
	if err != nil {
		return nil, err
	}
	dir, id := session.In(a.State), o.Session
	if id == "" {
		list, err := dir.List()
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(list, func(s session.Info) bool { return s.Turns > 0 })
		if i < 0 {
			return nil, fmt.Errorf("%s is not there, and no session of %s was recorded to make it of: talk to the app first", name, main)
		}
		id = list[i].ID
	}
	s, err := dir.Show(id)
	if err != nil {
		return nil, err
	}
	var asks []string
	for _, t := range s.List {
		asks = append(asks, t.Text)
	}
	return rehearsal.New(app.DefaultFile, asks), nil
}

// runFile runs a file in its modes, and adds to it what came of it when that is wanted.
func (o testOptions) runFile(ctx context.Context, f testFile) ([]rehearsal.Ran, error) {
	mode := o.Mode
	if mode == "" {
		mode = f.Mode
	}
	modes := []string{mode}
	if mode == bothModes {
		modes = []string{project.Distributed, project.Centralized}
	}
	var all []rehearsal.Ran
	for i, m := range modes {
		outcomes, err := o.play(ctx, f, m)
		if ctx.Err() != nil {
			return nil, &exitError{exitInterrupted, ctx.Err()}
		}
		ran := rehearsal.Ran{File: f.Name, Mode: m, OK: err == nil, Turns: []rehearsal.RanTurn{}}
		if m == "" {
			ran.Mode = "as written"
		}
		if err != nil {
			ran.Error = err.Error()
		}
		for n, t := range f.Turns {
			if n >= len(outcomes) {
				ran.NotAsked = append(ran.NotAsked, rehearsal.RanTurn{Turn: n + 1, Line: t.Line, Ask: t.Ask, Chain: []string{}, Tools: []rehearsal.Called{}, Failures: []rehearsal.Failure{}})
			}
		}
		for n, out := range outcomes {
			t := rehearsed(f, n, out)
			ran.OK = ran.OK && t.OK
			ran.Turns = append(ran.Turns, t)
		}
		all = append(all, ran)
		if o.Record && i == 0 && err == nil {
			if err := record(f, outcomes); err != nil {
				return nil, failed(err)
			}
		}
	}
	return all, nil
}

func record(f testFile, outcomes []rehearsal.Outcome) error {
	text, err := rehearsal.Record(f.File, f.text, outcomes)
	if err != nil {
		return err
	}
	return os.WriteFile(f.Name, text, 0o644) //nolint:gosec // a source file, for everybody
}

func rehearsed(f testFile, n int, out rehearsal.Outcome) rehearsal.RanTurn {
	t := f.Turns[n]
	failures := f.Judge(t, out)
	ran := rehearsal.RanTurn{
		Turn: n + 1, Line: t.Line, Ask: t.Ask, OK: len(failures) == 0, Status: out.Status, Answer: out.Answer, Error: out.Error,
		Chain: out.Chain, Tools: out.Tools, TookMS: float64(out.Took.Microseconds()) / 1000, Failures: failures,
	}
	if ran.Failures == nil {
		ran.Failures = []rehearsal.Failure{}
	}
	return ran
}

// play asks the turns of a file in one mode, in an app of its own.
func (o testOptions) play(ctx context.Context, f testFile, mode string) (out []rehearsal.Outcome, err error) {
	p := f.app
	if mode != "" {
		m, err := deploy.Plan(p, f.src, deploy.Options{Mode: mode})
		if err != nil {
			return nil, err
		}
		again, problems := o.source(f, p.File, m.After).Load()
		if problems.HasErrors() {
			return nil, problems.Err()
		}
		p = again
	}
	s, err := openStage(ctx, stageOptions{IO: o.IO, Project: p, File: p.File, Name: "test", Seed: o.seedOf(f)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var ids, sessions []string
	for _, t := range f.Turns {
		on := t.Session
		if on == "" {
			on = f.Session
		}
		one, err := s.ask(ctx, turn.Turn{ID: turn.NewID(), Session: on, Text: t.Ask})
		if err != nil {
			return out, err
		}
		ids, sessions = append(ids, one.end.Turn), append(sessions, on)
		out = append(out, outcomeOf(one))
	}
	if err := s.end(); err != nil { // then everything is recorded
		return out, err
	}
	err = addTools(s.app.State, out, ids, sessions)
	if err != nil && !slices.ContainsFunc(f.Turns, func(t rehearsal.Turn) bool { return t.Tools != nil }) {
		err = nil // an app that records nothing, and nobody asks
	}
	return out, err
}

// seedOf is the seed of a file: that of the flag counts more.
func (o testOptions) seedOf(f testFile) seed {
	if o.Seed.n != nil {
		return o.Seed
	}
	return seed{f.Seed}
}

func outcomeOf(one played) rehearsal.Outcome {
	o := rehearsal.Outcome{
		Status: string(one.end.Status), Answer: one.end.Answer, Error: one.end.Error, Chain: one.chain, Tools: []rehearsal.Called{}, Took: one.took,
	}
	if len(one.end.Outputs) > 0 && o.Answer == "" {
		var all []string
		for _, out := range one.end.Outputs {
			all = append(all, out.Text)
		}
		o.Answer = strings.Join(all, "\n")
	}
	return o
}

// addTools adds the calls of tools that were recorded.
func addTools(state string, out []rehearsal.Outcome, ids, sessions []string) error {
	known := map[string]*recording.Recording{}
	for i := range out {
		rec := known[sessions[i]]
		if rec == nil {
			var err error
			if rec, err = recording.Of(state, sessions[i]); err != nil {
				return fmt.Errorf("which tools were called is not known: %w", err)
			}
			known[sessions[i]] = rec
		}
		t, n := rec.Turn(ids[i])
		if n == 0 {
			continue
		}
		for _, e := range t.Entries {
			if e.Kind == recording.KindCall && e.Type == event.TypeProcess {
				out[i].Tools = append(out[i].Tools, calledOf(e))
			}
		}
	}
	return nil
}

// calledOf reads a call: a function with arguments, or a text.
func calledOf(e recording.Entry) rehearsal.Called {
	c := rehearsal.Called{Name: e.To}
	var call struct {
		Action *string        `json:"action"`
		Inputs map[string]any `json:"inputs"`
	}
	var object map[string]any
	switch {
	case json.Unmarshal(e.Request, &call) == nil && call.Action != nil && call.Inputs != nil:
		c.Function, c.Arguments = *call.Action, call.Inputs
	case json.Unmarshal(e.Request, &object) == nil:
		c.Arguments = object
	default:
		c.Arguments = map[string]any{"text": string(e.Request)}
	}
	return c
}
