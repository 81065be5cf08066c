package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/deploy"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/recording"
	"github.com/woodwork-lang/ww/internal/rehearsal"
	"github.com/woodwork-lang/ww/internal/turn"
)

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
