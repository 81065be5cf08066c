package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

// Run starts every component and serves until ctx ends; then it stops them in order. It returns when nothing of the
// app is alive. Hurry shortens the stop.
func (e *Engine) Run(ctx context.Context) (Summary, error) {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	var wg sync.WaitGroup
	var broken error
	wg.Go(func() { broken = e.sup.Run(life) })
	wg.Go(e.fleet.run)
	watching, blind := context.WithCancel(life)
	wg.Go(func() { e.fleet.watch(watching) })
	wg.Go(func() { e.fleet.ping(watching) })
	failed := e.startAll(ctx)
	if failed == nil {
		<-ctx.Done()
	}
	stopped := e.stop(life)
	blind()
	end()
	wg.Wait()
	left := e.sweepAll()
	sum := e.summary(left)
	e.hub.close()
	e.close()
	return sum, errors.Join(failed, stopped, broken)
}

func (e *Engine) startAll(ctx context.Context) error {
	for _, c := range e.o.Project.Components {
		if err := e.sup.Start(ctx, e.process(c)); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// sweepAll kills what carries our mark and is still there, which nothing should be, and removes the files of the dead.
func (e *Engine) sweepAll() (left int) {
	ctx, cancel := context.WithTimeout(context.Background(), e.o.Timing.Grace)
	defer cancel()
	if err := sweep(ctx, e.nonce); err != nil {
		e.o.Log.Error("sweeping processes", "error", err)
		left = 1
	}
	if err := localbus.Sweep(e.dir, nil); err != nil {
		e.o.Log.Warn("sweeping the run directory", "error", err)
	}
	return left
}

// sweep kills every process with the mark of a run.
func sweep(ctx context.Context, nonce string) error {
	if nonce == "" {
		return nil
	}
	_, err := supervisor.Sweep(ctx, nonce)
	return err
}

// Summary is what a run was.
type Summary struct {
	Components int
	Stopped    int
	Left       int // processes that could not be ended
	Turns      int // submitted by the face of this run
	Answered   int
	Restarts   map[string]int
	Logs       string
	Session    string
}

func (e *Engine) summary(left int) Summary {
	s := e.hub.picture()
	sum := Summary{Components: len(s.Components), Left: left, Restarts: map[string]int{}, Logs: e.o.App.ShownLogs(), Session: s.Session}
	for _, c := range s.Components {
		if c.PIDs.Runner == 0 {
			sum.Stopped++
		}
		if c.Restarts > 0 {
			sum.Restarts[c.Name] = c.Restarts
		}
	}
	sum.Turns, sum.Answered = e.ask.counts()
	return sum
}

// stopping tells every reader that the end has begun.
func (e *Engine) stopping() { e.hub.emit(state.Stopping{}) }
