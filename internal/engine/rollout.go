package engine

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/supervisor"
)

// rollout puts a new generation of a component in the place of the old one, or the first one in an empty place:
//
//	start   the new instances, which load everything and own nothing
//	ready   all of them are; until here nothing has changed, and abandon takes it back
//	(the reload is decided: desired.json)
//	flip    the new ones take the partitions as the old ones give them back, each when its running turns have ended
//	watch   a new one that crashes within the spare time: the old ones, which are still there, take everything back
//	retire  the old ones end when they own nothing
type rollout struct {
	e          *Engine
	p          *project.Project
	c          project.Component
	was        app.Wanted // zero when the component is new
	will       app.Wanted
	old, fresh []unit
	settled    chan struct{} // closed when the spare time is over, one way or the other
	drop       context.CancelFunc
	err        error // why the old ones serve again; set before settled is closed
}

func (e *Engine) newRollout(p *project.Project, c project.Component, generation int) *rollout {
	r := &rollout{e: e, p: p, c: c, will: wanted(p, c, generation), settled: make(chan struct{})}
	was, ok := e.wants.component(c.Name)
	if ok {
		r.was = was
		if was.Scaled {
			r.will.Replicas, r.will.Scaled = was.Replicas, true
		}
		for _, o := range was.Out {
			if o.Stopped && o.Ordinal < r.will.Replicas {
				out(&r.will, o)
			}
		}
		for n := range was.Replicas {
			r.old = append(r.old, unit{name: c.Name, ordinal: n, generation: was.Generation})
		}
	}
	for _, n := range r.will.Ordinals() {
		r.fresh = append(r.fresh, unit{name: c.Name, ordinal: n, generation: generation})
	}
	return r
}

// maxDraining is how many old generations of a component may be finishing turns.
const maxDraining = 2

// start starts the new instances.
func (r *rollout) start(ctx context.Context) error {
	if last := r.e.rolling(r.c.Name); last != nil { // the last one is good enough to be replaced
		last.drop()
		<-last.settled
		r.refresh()
	}
	if err := r.e.fleet.await(ctx, func(f *fleet) (bool, error) { return f.draining(r.c.Name) < maxDraining, nil }); err != nil {
		return err
	}
	for _, u := range r.fresh {
		if err := r.e.launchShared(ctx, r.p, r.c, u, standby, r.will.Ordinals()); err != nil {
			return err
		}
	}
	return nil
}

// refresh: which generation serves was decided only now.
func (r *rollout) refresh() {
	if was, ok := r.e.wants.component(r.c.Name); ok && was.Generation != r.was.Generation {
		again := r.e.newRollout(r.p, r.c, r.will.Generation)
		r.was, r.old = again.was, again.old
	}
}

// draining is how many generations of a component are finishing turns.
func (f *fleet) draining(name string) int {
	var all []int
	for _, m := range f.of(name, leaving) {
		if !slices.Contains(all, m.generation) {
			all = append(all, m.generation)
		}
	}
	return len(all)
}

// abandon ends the new instances; nothing has changed.
func (r *rollout) abandon() { r.e.dismissAll(r.fresh) }

// flip makes the new instances serve. It returns when all have been told.
func (r *rollout) flip(ctx context.Context) error {
	e := r.e
	for _, o := range r.will.Out {
		e.idle(r.c, unit{name: r.c.Name, ordinal: o.Ordinal, generation: r.will.Generation}, o)
	}
	spare := e.o.Timing.Spare
	if len(r.old) == 0 {
		spare = 0 // there is nothing to go back to
	}
	watching, drop := context.WithTimeout(e.living, spare)
	r.drop = drop
	e.roll(r)
	e.fleet.do(func(f *fleet) {
		for _, u := range r.fresh {
			f.duty(u, serving)
		}
		for _, u := range r.old {
			f.duty(u, leaving)
		}
		f.reshare(r.c.Name)
	})
	for _, u := range r.old {
		_ = e.sup.Amend(ctx, e.process(r.c, u, leaving)) // unknown: it never ran
	}
	e.fleet.wg.Go(func() { r.watch(watching) })
	return e.fleet.await(ctx, func(f *fleet) (bool, error) { return f.allTold(r.c.Name), nil })
}

func (f *fleet) duty(u unit, d duty) {
	if m := f.find(u.String()); m != nil {
		m.duty = d
		f.show(m)
	}
}

// watch sees whether the new instances stay up as long as there is a spare, and then lets the old ones go.
func (r *rollout) watch(ctx context.Context) {
	defer r.drop()
	e := r.e
	err := e.fleet.await(ctx, func(f *fleet) (bool, error) { return f.anyDown(r.fresh) })
	var down *StartError
	if errors.As(err, &down) && len(r.old) > 0 && r.back(err) {
		r.err = err
	}
	e.unroll(r)
	close(r.settled)
	if r.err != nil || e.living.Err() != nil {
		return
	}
	for _, u := range r.fresh {
		_ = e.sup.Amend(e.living, e.process(r.c, u, serving)) // from now on it is restarted like any other
	}
	r.revive()
	var wg sync.WaitGroup
	for _, u := range r.old {
		wg.Go(func() { e.retire(u) })
	}
	wg.Wait()
}

// revive starts the new instances that died while they were spared a restart, too late to go back.
func (r *rollout) revive() {
	e := r.e
	var dead []unit
	e.fleet.do(func(f *fleet) {
		for _, u := range r.fresh {
			if m := f.find(u.String()); m != nil && m.duty == serving && m.life.To == supervisor.Failed {
				dead = append(dead, u)
			}
		}
	})
	for _, u := range dead {
		p, err := e.process(r.c, u, serving), error(nil)
		if !p.Policy.Never {
			err = e.sup.Start(e.living, p)
		}
		if p.Policy.Never || err != nil && !errors.Is(err, supervisor.ErrRunning) {
			e.fleet.do(func(f *fleet) {
				if m := f.find(u.String()); m != nil {
					f.down(m)
				}
			})
		}
	}
}

// spared says that a unit need not be missed when it dies: the old one is still there to take everything back.
func (e *Engine) spared(u unit) bool {
	r := e.rolling(u.name)
	return r != nil && len(r.old) > 0 && slices.Contains(r.fresh, u)
}

// anyDown never says that it is so: it fails when one of the units has died.
func (f *fleet) anyDown(units []unit) (bool, error) {
	for _, u := range units {
		if m := f.find(u.String()); m != nil && m.life.To == supervisor.Failed && m.death.known {
			return false, &StartError{Unit: u.shown(), Reason: m.reason(), Lines: m.death.lines}
		}
	}
	return false, nil
}

// back gives everything to the old instances again.
func (r *rollout) back(cause error) bool {
	e := r.e
	err := e.wants.of(r.c.Name, func(w *app.Wanted) { *w = r.was })
	if err != nil {
		e.o.Log.Error("going back to the old generation", "component", r.c.Name, "error", err)
		return false
	}
	e.rolls.cameBack(r.c.Name)
	old, ok := e.project().Component(r.c.Name)
	if !ok {
		old = r.c
	}
	for _, u := range r.old {
		_ = e.sup.Amend(e.living, e.process(old, u, serving)) // unknown: it never ran
	}
	e.fleet.do(func(f *fleet) {
		for _, u := range r.old {
			f.duty(u, serving)
		}
		for _, u := range r.fresh {
			f.duty(u, leaving)
		}
		f.reshare(r.c.Name)
	})
	for _, u := range r.old { // one that died meanwhile, as a spare, was not started again
		if _, out := r.was.OutOf(u.ordinal); !out {
			_ = e.sup.Start(e.living, e.process(old, u, serving)) // running: as it should be
		}
	}
	e.refuse(cause)
	e.notice("✗ " + withLastWords(cause) + "; generation " + generation(r.was.Generation) + " of " + r.c.Name + " serves again")
	e.dismissAll(r.fresh)
	return true
}
