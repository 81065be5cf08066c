package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/turn"
)

// stageOptions say what is put on a stage.
type stageOptions struct {
	IO
	Project *project.Project
	File    string
	Name    string // begins the name of its instance
	Seed    seed
	// Replay says what is played; it gets the state directory. nil: everything runs.
	Replay func(state string) *component.Replay
	// Prepare is called before anything starts; nil: there is nothing to prepare.
	Prepare func(state string) error
}

// stage is an app of its own, next to a running one of the same file, for a few turns. What it writes is taken away when
// it is closed.
type stage struct {
	app    app.App
	e      *engine.Engine
	master string // hands messages on; empty: nobody does
	ears   *overheard
	stop   context.CancelFunc
	ended  chan error
	over   bool
	// unwanted reports whether nobody waits for what runs on it any more.
	unwanted func() bool
}

// openStage starts the app and waits until it is ready.
func openStage(ctx context.Context, o stageOptions) (*stage, error) {
	a, err := app.Identify(o.File, fmt.Sprintf("%s-%d", o.Name, os.Getpid()), o.Env)
	if err != nil {
		return nil, err
	}
	s := &stage{app: a, master: o.Project.Master(), ears: &overheard{said: map[string]map[string]string{}}, ended: make(chan error, 1), stop: func() {}, unwanted: func() bool { return ctx.Err() != nil }}
	options := engine.Options{Project: o.Project, App: a, Env: o.Env, Environ: o.Environ, Seed: o.Seed.n}
	if o.Replay != nil {
		options.Replay = o.Replay(a.State)
	}
	if s.e, err = engine.Open(ctx, options); err != nil {
		return nil, errors.Join(err, os.RemoveAll(a.State))
	}
	if o.Prepare != nil {
		err = o.Prepare(a.State)
	}
	run, stop := context.WithCancel(ctx)
	s.stop = stop
	go func() {
		_, err := s.e.Run(run)
		s.ended <- err
	}()
	if err == nil {
		err = awaitReady(ctx, s.e)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	go func() { _ = s.e.Listen(run, s.ears.hear) }() // what is not heard is not compared
	return s, nil
}

// end ends the app; what it wrote is there until close.
func (s *stage) end() error {
	s.stop()
	if s.over {
		return nil
	}
	s.over = true
	if s.unwanted() {
		s.e.Hurry()
	}
	return <-s.ended
}

// close ends the app and takes away what it wrote.
func (s *stage) close() error { return errors.Join(s.end(), os.RemoveAll(s.app.State)) }

// ask asks one turn and waits for its end.
func (s *stage) ask(ctx context.Context, t turn.Turn) (played, error) {
	began := time.Now()
	end, err := s.e.AskTurn(ctx, t, turn.Follow{})
	if err != nil && end.Turn == "" || ctx.Err() != nil {
		return played{}, errors.Join(err, ctx.Err())
	}
	one := played{end: end, took: time.Since(began), chain: []string{}}
	for _, h := range end.Hops {
		if h.Component != s.master {
			one.chain = append(one.chain, h.Component)
		}
	}
	return one, nil
}

// played is how one turn went.
type played struct {
	end   event.End
	chain []string          // without the task master
	said  map[string]string // what each component handed on, as far as it was heard
	made  map[string]string // the same, as far as it was recorded
	calls []tapedCall       // what was asked of others, by their steps
	took  time.Duration
}

// awaitReady waits until every component is ready, or one has failed for good.
func awaitReady(ctx context.Context, e *engine.Engine) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	s, events := e.Subscribe(ctx)
	for !s.Ready {
		for _, c := range s.Components {
			if c.State == "failed" && c.NextStart.IsZero() {
				return fmt.Errorf("%s does not start: %s%s", c.Name, c.Reason, lastWords(ctx, e.Logs(), c.Name))
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

// lastWords are the last lines that a component wrote about its troubles, which go away with the stage.
func lastWords(ctx context.Context, logs, component string) string {
	lines, err := logbuf.Read(ctx, logs, logbuf.Query{Components: []string{component}, Stream: streamErr, Tail: 3})
	if err != nil || len(lines) == 0 {
		return ""
	}
	said := "; the last that it wrote:"
	for _, l := range lines {
		said += "\n    " + printed(l.Text)
	}
	return said
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
