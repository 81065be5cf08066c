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
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/deploy"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/session"
	"github.com/woodwork-lang/ww/internal/turn"
)

// maxVerified is how many recorded turns are run again.
const maxVerified = 50

// verification is what the comparison of two modes found.
type verification struct {
	Turns       int          `json:"turns"`
	Same        bool         `json:"same"`
	Random      int          `json:"random"` // turns whose answers differ from run to run in one mode: only their chains are compared
	Differences []difference `json:"differences"`
	BeforeMS    float64      `json:"before_p50_ms"`
	AfterMS     float64      `json:"after_p50_ms"`
}

// difference is one turn that went otherwise.
type difference struct {
	Turn   int    `json:"turn"` // from 1
	Text   string `json:"text"`
	Hop    string `json:"hop"`  // the first component that did something else
	What   string `json:"what"` // answer, chain, status or order
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
	if err := (devOptions{IO: o.IO, File: o.File, Trust: o.Trust}).trusted(p); err != nil {
		return nil, err
	}
	var runs [3][]played
	for i, text := range [][]byte{m.Before, m.Before, m.After} {
		if runs[i], err = o.play(ctx, m.File, text, turns); err != nil {
			return nil, failed(err)
		}
	}
	v := compare(turns, runs[0], runs[1], runs[2])
	if !o.JSON {
		o.reportVerified(v)
	}
	return v, nil
}

func (o migrateOptions) reportVerified(v *verification) {
	fmt.Fprintf(o.Err, "%s in both modes: a turn takes %.1f ms now and %.1f ms then (p50)\n", counted(v.Turns, "turn"), v.BeforeMS, v.AfterMS)
	if v.Random > 0 {
		fmt.Fprintf(o.Err, "%s from run to run in one mode; of those only the chains were compared\n", verbs2(v.Random, "answer differs", "answers differ"))
	}
	for _, d := range v.Differences {
		fmt.Fprintf(o.Err, "✗ turn %d %q: another %s at %s\n    now   %s\n    then  %s\n", d.Turn, printed(d.Text), d.What, d.Hop, printed(d.Before), printed(d.After))
	}
	if v.Same {
		fmt.Fprintln(o.Err, "answers, chains and order are the same")
	}
}

func verbs2(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// turns are what is scriptTurn: the lines of --turns, else what was recorded.
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
	if len(turns) == 0 {
		return nil, usage("there are no turns to run: talk to the app first, or name a file with a turn a line: --turns FILE")
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

// played is how one turn went.
type played struct {
	end   event.End
	chain []string          // without the task master
	said  map[string]string // what each component handed on
	took  time.Duration
}

// play runs a text of the file as an app of its own, next to a running one, asks the turns one after the other and takes
// everything away again.
func (o migrateOptions) play(ctx context.Context, file string, text []byte, turns []scriptTurn) (all []played, err error) {
	p, problems := o.source(file, text).Load()
	if problems.HasErrors() {
		return nil, problems.Err()
	}
	a, err := app.Identify(file, fmt.Sprintf("verify-%d", os.Getpid()), o.Env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(a.State)) }()
	e, err := engine.Open(ctx, engine.Options{Project: p, App: a, Env: o.Env, Environ: o.Environ})
	if err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		_, err := e.Run(run)
		ended <- err
	}()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()
	if err := awaitReady(ctx, e); err != nil {
		return nil, err
	}
	ears := &overheard{said: map[string]map[string]string{}}
	listening, deaf := context.WithCancel(ctx)
	defer deaf()
	go func() { _ = e.Listen(listening, ears.hear) }() // what is not heard is not compared
	for _, t := range turns {
		one, err := o.askOne(ctx, e, t)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	ears.settle()
	for i := range all {
		all[i].said = ears.of(all[i].end.Turn)
	}
	return all, nil
}

func (o migrateOptions) askOne(ctx context.Context, e *engine.Engine, t scriptTurn) (played, error) {
	began := time.Now()
	end, err := e.Ask(ctx, t.Session, t.Text, turn.Follow{})
	if err != nil && end.Turn == "" {
		return played{}, err
	}
	one := played{end: end, took: time.Since(began)}
	for _, h := range end.Hops {
		if h.Component != masterName {
			one.chain = append(one.chain, h.Component)
		}
	}
	return one, nil
}

// masterName is how the task master is called where nothing else has its name.
const masterName = "task_master"

// awaitReady waits until every component is ready, or one has failed for good.
func awaitReady(ctx context.Context, e *engine.Engine) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	s, events := e.Subscribe(ctx)
	for !s.Ready {
		for _, c := range s.Components {
			if c.State == "failed" && c.NextStart.IsZero() {
				return fmt.Errorf("%s does not start: %s", c.Name, c.Reason)
			}
		}
		batch, more := <-events
		if !more {
			return errors.New("the app did not become ready")
		}
		for _, ev := range batch {
			s.Apply(ev)
		}
	}
	return nil
}

// overheard is what the components told of their results.
type overheard struct {
	mu   sync.Mutex
	said map[string]map[string]string // turn, component
	last time.Time
}

func (o *overheard) hear(m event.Message) {
	if !strings.HasSuffix(m.Type, ".output") || m.Turn == "" {
		return
	}
	var out event.HopOutput
	if json.Unmarshal(m.Body, &out) != nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.said[m.Turn] == nil {
		o.said[m.Turn] = map[string]string{}
	}
	o.said[m.Turn][m.Source] = out.Result
	o.last = time.Now()
}

// settle waits until nothing more is heard: events come a moment after the end that they belong to.
func (o *overheard) settle() {
	const quiet = 50 * time.Millisecond
	for end := time.Now().Add(time.Second); time.Now().Before(end); <-time.After(quiet) {
		o.mu.Lock()
		silent := time.Since(o.last) > quiet
		o.mu.Unlock()
		if silent {
			return
		}
	}
}

func (o *overheard) of(turn string) map[string]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.said[turn]
}

// compare finds the turns that went otherwise.
func compare(turns []scriptTurn, before, again, after []played) *verification {
	v := &verification{Turns: len(turns), Differences: []difference{}, BeforeMS: p50(before, again), AfterMS: p50(after)}
	for i := range turns {
		a, b := before[i], after[i]
		d := difference{Turn: i + 1, Text: turns[i].Text}
		random := a.end.Answer != again[i].end.Answer
		switch {
		case !slices.Equal(a.chain, b.chain):
			d.What, d.Before, d.After = "chain", describe(a.chain), describe(b.chain)
			d.Hop = firstOther(a.chain, b.chain)
		case a.end.Status != b.end.Status:
			d.What, d.Before, d.After = "status", string(a.end.Status)+" "+a.end.Error, string(b.end.Status)+" "+b.end.Error
			d.Hop = culprit(a, b)
		case random:
			v.Random++
			continue
		case a.end.Answer != b.end.Answer || !slices.Equal(a.end.Outputs, b.end.Outputs):
			d.What, d.Before, d.After = "answer", a.end.Answer, b.end.Answer
			d.Hop = culprit(a, b)
		default:
			continue
		}
		v.Differences = append(v.Differences, d)
	}
	v.Same = len(v.Differences) == 0
	return v
}

func firstOther(a, b []string) string {
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return a[i]
		}
	}
	if len(b) > len(a) {
		return b[len(a)]
	}
	return ""
}

// culprit is the first component of the chain that handed on something else.
func culprit(a, b played) string {
	for _, name := range a.chain {
		was, ok1 := a.said[name]
		is, ok2 := b.said[name]
		if ok1 && ok2 && was != is {
			return name
		}
	}
	for i, h := range a.end.Hops {
		if i < len(b.end.Hops) && h.Component == b.end.Hops[i].Component && (h.BytesOut != b.end.Hops[i].BytesOut || h.Error != b.end.Hops[i].Error) {
			return h.Component
		}
	}
	if n := len(a.chain); n > 0 {
		return a.chain[n-1]
	}
	return "the way to the first component"
}

func p50(runs ...[]played) float64 {
	var all []time.Duration
	for _, r := range runs {
		for _, t := range r {
			all = append(all, t.took)
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[len(all)/2].Microseconds()) / 1000
}

// hopCost is what a hop costs in each mode, in microseconds, the median.
type hopCost struct {
	Distributed float64 `json:"distributed"`
	Centralized float64 `json:"centralized"`
}

// hopTurns is how many turns the cost of a hop is measured with.
const hopTurns = 60

// measureHops runs an echo chain of two hops in both modes.
func measureHops(ctx context.Context) (*hopCost, error) {
	var cost hopCost
	for _, m := range []struct {
		head string
		to   *float64
	}{{"", &cost.Distributed}, {"orchestration_mode = \"centralized\"\n", &cost.Centralized}} {
		dir, err := os.MkdirTemp("", "ww-hop-")
		if err != nil {
			return nil, err
		}
		*m.to, err = hopIn(ctx, dir, m.head+chainSource)
		if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
			return nil, err
		}
	}
	return &cost, nil
}

func hopIn(ctx context.Context, dir, source string) (float64, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return 0, err
	}
	b, err := runBenched(ctx, dir, source)
	if err != nil {
		return 0, err
	}
	s := turn.NewSession()
	var took []time.Duration
	for i := range hopTurns {
		began := time.Now()
		if err := b.ask(ctx, s, "hello"); err != nil {
			return 0, errors.Join(err, b.close())
		}
		if i >= hopTurns/3 { // after the warm-up
			took = append(took, time.Since(began))
		}
	}
	slices.Sort(took)
	return float64(took[len(took)/2].Nanoseconds()) / 1000 / 2, b.close()
}
