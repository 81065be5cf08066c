package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

// Run adopts what runs already, starts every other component and serves until ctx ends; then it stops them in order. It
// returns when nothing of the app is alive. Hurry shortens the stop.
func (e *Engine) Run(ctx context.Context) (Summary, error) {
	var wg sync.WaitGroup
	var broken error
	wg.Go(func() { broken = e.sup.Run(e.living) })
	wg.Go(e.fleet.run)
	watching, blind := context.WithCancel(e.living)
	wg.Go(func() { e.fleet.watch(watching) })
	wg.Go(func() { e.fleet.ping(watching) })
	wg.Go(func() { e.watchGuests(watching) })
	wg.Go(func() { e.watcher.Run(watching) })
	wg.Go(func() { e.watchUsage(watching) })
	over, failed := e.begin(ctx)
	if failed == nil {
		e.follow() // first: what is saved from here on is told of
		failed = e.startAll(ctx)
		e.catchUp(ctx)
		over()
	}
	if failed == nil {
		wg.Go(func() { e.followFiles(ctx) })
		<-ctx.Done()
	}
	stopped := e.stop(e.living)
	blind()
	e.end()
	wg.Wait()
	left := e.sweepAll()
	sum := e.summary(left)
	e.hub.close()
	e.close(app.Owner{})
	return sum, errors.Join(failed, stopped, broken)
}

// startAll adopts and starts. An instance that does not run because somebody stopped it, or because it crashed too
// often, is only shown.
func (e *Engine) startAll(ctx context.Context) error {
	e.sayStale()
	p, d := e.project(), e.wants.now()
	kept := e.adoptAll(ctx, p)
	for _, c := range p.Components {
		w, ok := d.Wanted(c.Name)
		if !ok {
			continue // added since the last supervisor: a step of the plan that catches up
		}
		for n := range w.Replicas {
			u := unit{name: c.Name, ordinal: n, generation: w.Generation}
			if o, is := w.OutOf(n); is {
				e.idle(c, u, o)
				continue
			}
			if kept[u] {
				continue
			}
			if err := e.launch(ctx, p, c, u, serving); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
	e.fleet.do(func(f *fleet) {
		f.whole = true
		f.allReady()
	})
	return nil
}

// launch starts a unit. It does not wait for it.
func (e *Engine) launch(ctx context.Context, p *project.Project, c project.Component, u unit, d duty) error {
	w, _ := e.wants.component(c.Name)
	return e.launchShared(ctx, p, c, u, d, w.Ordinals())
}

// launchShared is launch of an instance that is to share its partitions with these ordinals.
func (e *Engine) launchShared(ctx context.Context, p *project.Project, c project.Component, u unit, d duty, ordinals []int) error {
	spec := e.spec(p, c, u, ordinals)
	spec.Standby = d == standby
	e.starts.put(u.String(), spec)
	e.fleet.do(func(f *fleet) {
		f.add(&member{unit: u, kind: c.Kind, typ: c.Type, duty: d, instance: spec.Instance})
	})
	return e.sup.Start(ctx, e.process(c, u, d))
}

// idle shows an instance that does not run.
func (e *Engine) idle(c project.Component, u unit, o app.Out) {
	m := &member{unit: u, kind: c.Kind, typ: c.Type, instance: localbus.NewInstance(c.Name)}
	m.life = supervisor.Event{Name: u.String(), To: supervisor.Failed, Reason: o.Reason, Crashes: o.Crashes}
	if o.Stopped {
		m.life.To, m.life.Reason = supervisor.Exited, orElse(o.Reason, "stopped by hand")
	}
	e.fleet.do(func(f *fleet) { f.add(m) })
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

// sweep kills every process with the mark of a run, but for those with one of the marks to spare.
func sweep(ctx context.Context, nonce string, spare ...string) error {
	if nonce == "" {
		return nil
	}
	_, err := supervisor.Sweep(ctx, nonce, spare...)
	return err
}

// Summary is what a run was.
type Summary struct {
	Components int
	Stopped    int
	Left       int // processes that could not be ended
	Turns      int // that ended, whoever asked; as many as this face has submitted at the least
	Answered   int
	Failed     []state.Turn // the last ones of this face that were not answered
	Restarts   map[string]int
	Logs       string
	Session    string
	Unfinished []Unfinished // turns that go on at the next start
}

func (e *Engine) summary(left int) Summary {
	s := e.hub.picture()
	sum := Summary{Components: len(s.Components), Left: left, Restarts: map[string]int{}, Logs: e.o.App.ShownLogs(), Session: s.Session}
	for _, c := range s.Components {
		if c.PIDs.Runner == 0 {
			sum.Stopped++
		}
		if c.Restarts > 0 {
			sum.Restarts[c.Name] += c.Restarts
		}
	}
	sum.Turns, sum.Answered = e.turnsOfAll()
	sum.Failed = unanswered(s.Turns)
	if e.undrained {
		sum.Unfinished = UnfinishedOf(e.o.App.State, e.inputs())
	}
	return sum
}

// turnsOfAll are the turns that the components have counted, and those that our own face has asked: a component that is
// killed may lose the count of its last second.
func (e *Engine) turnsOfAll() (turns, answered int) {
	turns, answered = e.ask.counts()
	kept, err := e.tally.shelf.Rest(func() []string { return nil })
	if err != nil {
		e.o.Log.Warn("what the components have counted", "error", err)
	}
	all, ok := 0, 0
	for _, s := range kept {
		n, well := s.TurnsEnded()
		all, ok = all+n, ok+well
	}
	if all > turns {
		return all, max(ok, answered)
	}
	return turns, answered
}

// mostFailed is how many turns without an answer a summary has.
const mostFailed = 3

func unanswered(turns []state.Turn) []state.Turn {
	var bad []state.Turn
	for _, t := range turns {
		if t.End != nil && t.End.Status != event.StatusOK && t.End.Status != event.StatusCanceled {
			bad = append(bad, t)
		}
	}
	return bad[max(0, len(bad)-mostFailed):]
}

// inputs are the components that take turns from faces.
func (e *Engine) inputs() (names []string) {
	for _, w := range e.wants.now().Components {
		if w.Acceptor {
			names = append(names, w.Name)
		}
	}
	return names
}

// stopping tells every reader that the end has begun.
func (e *Engine) stopping() { e.hub.emit(state.Stopping{}) }
