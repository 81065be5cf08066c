package engine

import (
	"context"
	"strconv"
	"sync"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/project"
)

// Scale changes how many instances a component has, until the app ends: from then on its file does not count. It returns
// when every new instance is ready and every old one knows how the work is divided; those that are too many finish what
// they are doing and end by themselves.
func (e *Engine) Scale(ctx context.Context, name string, n int) error {
	if n < 1 {
		return tooFew(name)
	}
	over, err := e.begin(ctx)
	if err != nil {
		return err
	}
	defer over()
	w, ok := e.wants.component(name)
	if !ok {
		return noComponent(name, e.wants.now())
	}
	return e.scale(ctx, e.project(), e.component(unit{name: name}), w, n, true)
}

// scale does it. Whoever calls has the right to change what runs.
func (e *Engine) scale(ctx context.Context, p *project.Project, c project.Component, w app.Wanted, n int, byHand bool) error {
	if n > w.Replicas {
		if err := e.grow(ctx, p, c, w, n); err != nil {
			return err
		}
	}
	err := e.wants.of(c.Name, func(d *app.Wanted) {
		d.Replicas, d.Scaled = n, d.Scaled || byHand
		for _, o := range w.Out {
			if o.Ordinal >= n {
				back(d, o.Ordinal)
			}
		}
	})
	if err != nil {
		return err
	}
	var many []unit
	for k := n; k < w.Replicas; k++ {
		many = append(many, unit{name: c.Name, ordinal: k, generation: w.Generation})
	}
	e.leave(ctx, c, many)
	e.fleet.do(func(f *fleet) { f.reshare(c.Name) })
	for _, u := range many {
		e.fleet.wg.Go(func() { e.retire(u) })
	}
	e.notice(c.Name + ": " + strconv.Itoa(w.Replicas) + " → " + instances(n))
	return e.fleet.await(ctx, func(f *fleet) (bool, error) { return f.allTold(c.Name), nil })
}

// grow starts the instances that are missing; they take their part when all are ready.
func (e *Engine) grow(ctx context.Context, p *project.Project, c project.Component, w app.Wanted, n int) error {
	var more []unit
	for k := w.Replicas; k < n; k++ {
		u := unit{name: c.Name, ordinal: k, generation: w.Generation}
		more = append(more, u)
		if err := e.launch(ctx, p, c, u, standby); err != nil {
			e.dismissAll(more)
			return err
		}
	}
	err := e.fleet.await(ctx, func(f *fleet) (bool, error) { return f.allUp(more) })
	if err != nil {
		e.dismissAll(more)
		return err
	}
	e.serve(ctx, c, more)
	return nil
}

// serve makes instances that stood by take part, once they are told.
func (e *Engine) serve(ctx context.Context, c project.Component, units []unit) {
	e.setDuty(ctx, c, units, serving)
}

// leave makes instances give back what they have, once they are told.
func (e *Engine) leave(ctx context.Context, c project.Component, units []unit) {
	e.setDuty(ctx, c, units, leaving)
}

func (e *Engine) setDuty(ctx context.Context, c project.Component, units []unit, d duty) {
	for _, u := range units {
		_ = e.sup.Amend(ctx, e.process(c, u, d)) // unknown: it never ran
	}
	e.fleet.do(func(f *fleet) {
		for _, u := range units {
			if m := f.find(u.String()); m != nil {
				m.duty = d
				f.show(m)
			}
		}
	})
}

// dismissAll ends units at once.
func (e *Engine) dismissAll(units []unit) {
	var wg sync.WaitGroup
	for _, u := range units {
		wg.Go(func() { e.dismiss(e.living, u) })
	}
	wg.Wait()
}

// allTold reports whether every instance of a component that can hear it knows how its partitions are divided.
func (f *fleet) allTold(name string) bool {
	for _, m := range f.members {
		if m.name == name && m.telling {
			return false
		}
	}
	return true
}

func instances(n int) string {
	if n == 1 {
		return "1 instance"
	}
	return strconv.Itoa(n) + " instances"
}
