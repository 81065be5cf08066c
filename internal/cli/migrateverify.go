package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/deploy"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/rehearsal"
	"github.com/woodwork-lang/ww/internal/session"
	"github.com/woodwork-lang/ww/internal/turn"
)

// maxVerified is how many recorded turns are run again.
const maxVerified = 50

// verification is what the comparison of two modes found.
type verification struct {
	Turns       int          `json:"turns"`
	Same        bool         `json:"same"`
	Random      int          `json:"random"`                 // turns whose answers differ from run to run in one mode: only their chains are compared
	RandomTurns []int        `json:"random_turns,omitempty"` // which, from 1
	Seed        *uint32      `json:"seed,omitempty"`
	Differences []difference `json:"differences"`
	BeforeMS    float64      `json:"before_p50_ms"`
	AfterMS     float64      `json:"after_p50_ms"`
}

// difference is one turn that went otherwise.
type difference struct {
	Turn   int    `json:"turn"` // from 1
	Text   string `json:"text"`
	Hop    string `json:"hop"`  // the first component that did something else
	What   string `json:"what"` // answer, chain, status, call or hop
	Before string `json:"before"`
	After  string `json:"after"`
}

// scriptTurn is one turn of a script.
type scriptTurn struct{ Session, Text string }

// verify runs the turns in the mode that the file has and in the one that it would get. The first one runs twice: what
// is not the same then is random, and proves nothing.
func (o migrateOptions) verify(ctx context.Context, p *project.Project, m *deploy.Migration) (*verification, error) {
	turns, err := o.turns(m.File)
	if err != nil {
		return nil, err
	}
	if err := (devOptions{IO: o.IO, File: o.File, Trust: o.Trust, Stage: true}).trusted(p); err != nil {
		return nil, err
	}
	before := m.Before
	if _, problems := o.source(m.File, before).Load(); o.Fix && problems.HasErrors() {
		before = deploy.Modernize(m.File, before) // it never ran as it is
	}
	var runs [3][]played
	ids := make([]string, len(turns)) // the same in all runs: what is made of them is, too
	for i := range ids {
		ids[i] = turn.NewID()
	}
	for i, text := range [][]byte{before, before, m.After} {
		if runs[i], err = o.play(ctx, m.File, text, turns, ids); err != nil {
			return nil, failed(err)
		}
	}
	v := compare(turns, runs[0], runs[1], runs[2])
	v.Seed = o.Seed.n
	if !o.JSON {
		o.reportVerified(v)
	}
	return v, nil
}

func (o migrateOptions) reportVerified(v *verification) {
	fmt.Fprintf(o.Err, "%s in both modes: a turn takes %.1f ms now and %.1f ms then (p50)\n", counted(v.Turns, "turn"), v.BeforeMS, v.AfterMS)
	if v.Random > 0 {
		fmt.Fprintf(o.Err, "%s from run to run in one mode; of those only the chains were compared: %s%s\n", verbs2(v.Random, "answer differs", "answers differ"),
			numbered(v.RandomTurns), orSeed(v.Seed))
	}
	for _, d := range v.Differences {
		fmt.Fprintf(o.Err, "✗ turn %d %q: another %s at %s\n    now   %s\n    then  %s\n", d.Turn, printed(d.Text), d.What, d.Hop, printed(d.Before), printed(d.After))
	}
	switch {
	case !v.Same:
	case v.Random == v.Turns:
		fmt.Fprintln(o.Err, "chains and order are the same")
	default:
		fmt.Fprintln(o.Err, "answers, chains and order are the same")
	}
}

func numbered(turns []int) string {
	var all []string
	for _, n := range turns {
		all = append(all, strconv.Itoa(n))
	}
	if len(all) == 1 {
		return "turn " + all[0]
	}
	return "turns " + strings.Join(all, ", ")
}

// orSeed says what may be done about chance.
func orSeed(seed *uint32) string {
	if seed != nil {
		return "; their chance takes no seed"
	}
	return "; with --seed N chance begins the same in Python files, programs and models that take one"
}

func verbs2(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// turns are the lines of --turns; else what was recorded, and what the test files beside the app ask.
func (o migrateOptions) turns(file string) ([]scriptTurn, error) {
	if o.Turns != "" {
		return readTurns(o.Turns)
	}
	a, err := app.Identify(file, "", o.Env)
	if err != nil {
		return nil, failed(err)
	}
	dir := session.In(a.State)
	list, err := dir.List()
	if err != nil {
		return nil, failed(err)
	}
	var all []session.Turn
	for _, info := range list {
		s, err := dir.Show(info.ID)
		if err != nil {
			continue // it was removed just now
		}
		all = append(all, s.List...)
	}
	slices.SortStableFunc(all, func(a, b session.Turn) int { return a.At.Compare(b.At) })
	all = all[max(0, len(all)-maxVerified):]
	var turns []scriptTurn
	for _, t := range all {
		turns = append(turns, scriptTurn{t.Session, t.Text})
	}
	tests, err := testTurns(file)
	if err != nil {
		return nil, err
	}
	if turns = append(turns, tests...); len(turns) == 0 {
		return nil, usage("there are no turns to run: talk to the app first, or name a file with a turn a line: --turns FILE")
	}
	return turns, nil
}

// testTurns are the turns of the test files beside a .ww file that are about it.
func testTurns(file string) ([]scriptTurn, error) {
	names, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*"+rehearsal.Suffix))
	if err != nil {
		return nil, failed(err)
	}
	var turns []scriptTurn
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, failed(err)
		}
		f, err := rehearsal.Parse(near(name), text)
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		if about, err := realFile(f.App); err != nil || about != file {
			continue // of another app, or of none
		}
		for _, t := range f.Turns {
			turns = append(turns, scriptTurn{cmp.Or(t.Session, f.Session), t.Ask})
		}
	}
	return turns, nil
}

func readTurns(path string) ([]scriptTurn, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	defer f.Close()
	var turns []scriptTurn
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		t := scriptTurn{Session: "verify", Text: line}
		if strings.HasPrefix(line, "{") {
			var j struct{ Session, Text string }
			if err := json.Unmarshal([]byte(line), &j); err != nil || j.Text == "" {
				return nil, usage("%s:%d: want text, or an object with session and text", path, n)
			}
			t = scriptTurn{cmp.Or(j.Session, "verify"), j.Text}
		}
		turns = append(turns, t)
	}
	if err := lines.Err(); err != nil {
		return nil, failed(err)
	}
	if len(turns) == 0 {
		return nil, usage("%s has no turns", path)
	}
	return turns, nil
}

// play runs a text of the file as an app of its own, next to a running one, asks the turns one after the other and takes
// everything away again.
func (o migrateOptions) play(ctx context.Context, file string, text []byte, turns []scriptTurn, ids []string) (all []played, err error) {
	p, problems := o.source(file, text).Load()
	if problems.HasErrors() {
		return nil, problems.Err()
	}
	s, err := openStage(ctx, stageOptions{IO: o.IO, Project: p, File: file, Name: "verify", Seed: o.Seed})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for i, t := range turns {
		one, err := s.ask(ctx, turn.Turn{ID: ids[i], Session: t.Session, Text: t.Text})
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	s.ears.settle()
	if err := s.end(); err != nil { // then everything is recorded
		return nil, err
	}
	for i := range all {
		all[i].said = s.ears.of(all[i].end.Turn)
		all[i].calls, all[i].made = ofTape(s.app.State, all[i].end)
	}
	return all, nil
}
