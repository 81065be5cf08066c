package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/recording"
	"github.com/woodwork-lang/ww/internal/session"
	"github.com/woodwork-lang/ww/internal/turn"
)

type replayOptions struct {
	appOptions
	Session   string
	Recording string
	LLM       bool
	From      string
	EnvFile   string
	Offline   bool
	Trust     bool
	Seed      seed
	JSON      bool
	order     recording.Order
}

func replayCmd(world IO) *cobra.Command {
	o := replayOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "replay [SESSION]",
		Short: "Run a recorded session again, with its models and tools answered from the recording",
		Long: `Asks the turns of a recorded session again, in an app of its own beside a running one, and compares the answers. Agents run;
what models, tools and others said is taken from the recording, and what they are asked must be what they were asked then.
Without SESSION it is the one that was used last. --llm answers only for the models, and tools run. --from N answers what came
before hop N of the first turn, --from T:N of turn T, and everything behind it runs; ww sessions export ID --recording has the
numbers. Exit status: 0 equal, 1 not equal, or nothing to replay, 2 bad source or flags.`,
		GroupID: groupLook,
		Args:    atMostOne("session"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Session = strings.Join(args, "")
			return onStage(cmd.Context(), func(ctx context.Context) error { return runReplay(ctx, o) })
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	f := cmd.Flags()
	f.StringVar(&o.Recording, "recording", "", "play this file, which ww sessions export ID --recording wrote")
	f.BoolVar(&o.LLM, "llm", false, "answer only for the models; tools run")
	f.StringVar(&o.From, "from", "", "N or TURN:N: everything from this hop on runs")
	f.BoolVar(&o.Offline, "offline", false, "with --from: models are played by a script, not asked")
	f.BoolVar(&o.Trust, "trust", false, "the commands of the app may be started")
	seedFlag(cmd, &o.Seed, "with --llm or --from: ")
	f.BoolVar(&o.JSON, "json", false, "print it as JSON")
	envFileFlag(cmd, &o.EnvFile)
	return cmd
}

// replayed is the JSON of ww replay.
type replayed struct {
	File       string                `json:"file"`
	Session    string                `json:"session"`
	How        recording.How         `json:"how"`
	Same       bool                  `json:"same"`
	Turns      []replayedTurn        `json:"turns"`
	Mismatches []*recording.Mismatch `json:"mismatches"`
	Changed    []string              `json:"changed"`            // what is not what it was when it was recorded
	NotRun     int                   `json:"not_run,omitempty"`  // turns behind the first mismatch
	Lost       int                   `json:"lost,omitempty"`     // lines that were lost when it was recorded
	LeftOut    []string              `json:"left_out,omitempty"` // what a later ww put into it: kinds of line, and fields
}

type replayedTurn struct {
	Turn     string       `json:"turn"`
	Text     string       `json:"text"`
	Same     bool         `json:"same"`
	Live     bool         `json:"live,omitempty"`    // something in it ran that was not compared
	Skipped  bool         `json:"skipped,omitempty"` // it was cut short when it was recorded, and was not asked again
	Status   event.Status `json:"status"`
	Recorded string       `json:"recorded"`
	Now      string       `json:"now"`
	Error    string       `json:"error,omitempty"`
	Field    string       `json:"field,omitempty"` // what differs: answer, status, chain or outputs
}

func runReplay(ctx context.Context, o replayOptions) error {
	if err := o.ordered(); err != nil {
		return err
	}
	rec, err := o.recording()
	if err != nil {
		return err
	}
	if err := o.inRange(rec); err != nil {
		return err
	}
	real, err := realFile(o.File)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	p, problems := project.Source{File: real, EnvFile: o.EnvFile, Offline: o.Offline || o.order.How != recording.From, Env: o.Env}.Load()
	if problems.HasErrors() {
		return showProblems(o.IO, p.Sources, onlyErrors(problems))
	}
	if err := (devOptions{IO: o.IO, File: o.File, Trust: o.Trust, Stage: true}).trusted(p); err != nil {
		return err
	}
	out, err := o.replay(ctx, p, real, rec)
	if err != nil {
		return failed(err)
	}
	if o.JSON {
		err = failedIf(writeJSON(o.Out, out))
	} else {
		o.tell(out)
	}
	if !out.Same {
		return errors.Join(err, silent(exitFailed))
	}
	return err
}

// ordered reads the flags.
func (o *replayOptions) ordered() error {
	o.order.How = recording.All
	if o.LLM {
		o.order.How = recording.Models
	}
	switch {
	case o.Recording != "" && o.Session != "":
		return usage("give a session, or --recording FILE, not both")
	case o.LLM && o.From != "":
		return usage("give --llm or --from, not both")
	case o.Seed.n != nil && !o.LLM && o.From == "":
		return usage("--seed goes with --llm or --from: when all of it is answered from the recording, there is no chance in it")
	case o.From == "":
		return nil
	}
	t, hop, two := strings.Cut(o.From, ":")
	if !two {
		t, hop = "1", t
	}
	var errs [2]error
	o.order.How = recording.From
	o.order.Turn, errs[0] = strconv.Atoi(t)
	o.order.Hop, errs[1] = strconv.Atoi(hop)
	if errors.Join(errs[:]...) != nil || o.order.Turn < 1 || o.order.Hop < 1 {
		return usage("--from is the number of a hop, or TURN:HOP, both from 1, not %q", o.From)
	}
	return nil
}

// inRange refuses a hop that is not there.
func (o *replayOptions) inRange(rec *recording.Recording) error {
	switch {
	case len(rec.Turns) == 0:
		return failed(fmt.Errorf("the recording of session %s has no turns", rec.Session))
	case o.order.How != recording.From:
		return nil
	case o.order.Turn > len(rec.Turns):
		return usage("--from %s: the recording has %s", o.From, counted(len(rec.Turns), "turn"))
	}
	if n := len(rec.Turns[o.order.Turn-1].Entries); o.order.Hop > n {
		return usage("--from %s: turn %d has %s", o.From, o.order.Turn, counted(n, "hop"))
	}
	return nil
}

// recording finds what is to be played.
func (o *replayOptions) recording() (*recording.Recording, error) {
	if o.Recording != "" {
		rec, err := recording.Load(o.Recording)
		if err != nil {
			return nil, failed(err)
		}
		return rec, nil
	}
	a, dir, err := o.sessions()
	if err != nil {
		return nil, err
	}
	if o.Session == "" {
		list, err := dir.List()
		if err != nil {
			return nil, failed(err)
		}
		i := slices.IndexFunc(list, func(s session.Info) bool { return s.Turns > 0 })
		if i < 0 {
			return nil, failed(errors.New("there is nothing to replay: no session was recorded; talk to the app first, or name a file: --recording FILE"))
		}
		o.Session = list[i].ID
	}
	rec, err := recording.Of(a.State, o.Session)
	if err != nil {
		return nil, failed(err)
	}
	rec.App = filepath.Base(a.File)
	return rec, nil
}

// replay asks the recorded turns again, under their own ids.
func (o *replayOptions) replay(ctx context.Context, p *project.Project, file string, rec *recording.Recording) (out *replayed, err error) {
	out = &replayed{
		File: o.File, Session: rec.Session, How: o.order.How, Same: true, Lost: rec.Gaps, Turns: []replayedTurn{},
		Mismatches: []*recording.Mismatch{}, Changed: changedSince(p, rec), LeftOut: rec.Unknown,
	}
	gone := goneFrom(p, rec)
	if len(gone) > 0 && o.order.How == recording.All {
		out.Mismatches, out.Same = gone, false
		return out, nil
	}
	dir, err := os.MkdirTemp("", "ww-replay-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	play, report := filepath.Join(dir, "recording.jsonl"), filepath.Join(dir, "mismatches.jsonl")
	if err := writeRecording(play, rec); err != nil {
		return nil, err
	}
	s, err := openStage(ctx, stageOptions{
		IO: o.IO, Project: p, File: file, Name: "replay", Seed: o.Seed,
		Replay: func(string) *component.Replay {
			return &component.Replay{File: play, How: string(o.order.How), Turn: o.order.Turn, Hop: o.order.Hop, Report: report}
		},
		Prepare: func(state string) error {
			if err := o.remember(ctx, state, rec); err != nil || len(rec.Route) == 0 {
				return err
			}
			_, err := session.In(state).Create(rec.Session, rec.Route, 0)
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for i, t := range rec.Turns {
		live := o.order.How == recording.From && i+1 >= o.order.Turn
		if cutShort(t.Status) && !live {
			out.Turns = append(out.Turns, replayedTurn{Turn: t.ID, Text: t.Text, Same: true, Skipped: true, Status: t.Status, Recorded: t.Answer, Error: t.Error})
			continue
		}
		one, err := s.ask(ctx, turn.Turn{ID: t.ID, Session: rec.Session, Text: t.Text, To: t.Input})
		if err != nil {
			return nil, err
		}
		out.add(t, masterOf(p, rec), one, live)
		if out.Mismatches, err = readMismatches(report); err != nil {
			return nil, err
		}
		if len(out.Mismatches) > 0 { // whatever follows would be another conversation
			out.NotRun = len(rec.Turns) - i - 1
			break
		}
	}
	out.Same = out.Same && len(out.Mismatches) == 0
	return out, nil
}

func writeRecording(path string, rec *recording.Recording) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(rec.Write(f), f.Close())
}

func readMismatches(path string) ([]*recording.Mismatch, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return []*recording.Mismatch{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []*recording.Mismatch
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var m recording.Mismatch
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return all, err
		}
		all = append(all, &m)
	}
	return all, lines.Err()
}
