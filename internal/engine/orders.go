package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/supervisor"
)

// begin takes the right to change what runs: a reload, a scale, a start, a stop come one after the other.
func (e *Engine) begin(ctx context.Context) (over func(), err error) {
	select {
	case e.changes <- struct{}{}:
		return func() { <-e.changes }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// units are those that a person names: "agent" or "agent.1".
func (e *Engine) units(what string) ([]unit, error) {
	name, ordinal := parseUnit(what)
	w, ok := e.wants.component(name)
	if !ok {
		return nil, noComponent(what, e.wants.now())
	}
	if ordinal >= w.Replicas {
		return nil, noOrdinal(name, ordinal, w.Replicas)
	}
	var all []unit
	for n := range w.Replicas {
		if ordinal == every || n == ordinal {
			all = append(all, unit{name: name, ordinal: n, generation: w.Generation})
		}
	}
	return all, nil
}

// Restart implements tui.Backend: it ends instances and starts them again, whatever they are doing. It returns when the
// old processes are gone.
func (e *Engine) Restart(ctx context.Context, what string) error {
	if e.attached {
		return e.control(ctx, CallRestart, []byte(what), nil)
	}
	return e.each(ctx, what, func(u unit) error {
		if err := e.wants.of(u.name, func(c *app.Wanted) { back(c, u.ordinal) }); err != nil {
			return err
		}
		err := e.sup.Restart(ctx, u.String())
		if errors.Is(err, supervisor.ErrUnknown) {
			return e.launch(ctx, e.project(), e.component(u), u, serving)
		}
		return err
	})
}

// Start starts instances that were stopped by hand or have failed. What runs is left alone.
func (e *Engine) Start(ctx context.Context, what string) error {
	if e.attached {
		return e.control(ctx, CallStart, []byte(what), nil)
	}
	return e.each(ctx, what, func(u unit) error {
		return e.revive(ctx, e.component(u), u)
	})
}

// Stop ends instances until somebody starts them. Their turns stay in the journals, or go to their siblings.
func (e *Engine) Stop(ctx context.Context, what string) error {
	if e.attached {
		return e.control(ctx, CallStop, []byte(what), nil)
	}
	return e.each(ctx, what, func(u unit) error {
		err := e.wants.of(u.name, func(c *app.Wanted) { out(c, app.Out{Ordinal: u.ordinal, Stopped: true, Reason: "stopped by hand"}) })
		if err != nil {
			return err
		}
		e.fleet.do(func(f *fleet) { f.reshare(u.name) })
		err = e.sup.Stop(ctx, u.String())
		if errors.Is(err, supervisor.ErrUnknown) { // a failed one of an earlier supervisor
			e.idle(e.component(u), u, app.Out{Ordinal: u.ordinal, Stopped: true})
			return nil
		}
		return err
	})
}

// each does something with every unit that is named, all at once.
func (e *Engine) each(ctx context.Context, what string, do func(unit) error) error {
	over, err := e.begin(ctx)
	if err != nil {
		return err
	}
	defer over()
	units, err := e.units(what)
	if err != nil {
		return err
	}
	errs := make([]error, len(units))
	var wg sync.WaitGroup
	for i, u := range units {
		wg.Go(func() { errs[i] = do(u) })
	}
	wg.Wait()
	e.fleet.do(func(f *fleet) { f.reshare(units[0].name) })
	return errors.Join(errs...)
}

// awaitStart waits until the named instances are ready; an error says which one will not be.
func (e *Engine) awaitStart(ctx context.Context, what string) error {
	units, err := e.units(what)
	if err != nil {
		return err
	}
	return e.fleet.await(ctx, func(f *fleet) (bool, error) { return f.allUp(units) })
}

// allUp reports whether units are ready, or which one has failed.
func (f *fleet) allUp(units []unit) (bool, error) {
	if _, err := f.anyDown(units); err != nil {
		return false, err
	}
	for _, u := range units {
		switch m := f.find(u.String()); {
		case m == nil:
			return false, supervisor.ErrUnknown
		case m.life.To != supervisor.Ready:
			return false, nil
		}
	}
	return true, nil
}
