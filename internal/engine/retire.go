package engine

import (
	"context"
	"errors"

	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/supervisor"
)

// retire waits until a leaving instance has given back everything and ends it. A turn that runs there may take as long as
// its own deadline allows.
func (e *Engine) retire(u unit) {
	e.fleet.do(func(f *fleet) { f.reshare(u.name) })
	if e.fleet.await(e.living, func(f *fleet) (bool, error) {
		m := f.find(u.String())
		return m == nil || m.empty(), nil
	}) != nil {
		return // the app ends, and this with it
	}
	e.dismiss(e.living, u)
}

// dismiss ends a unit and forgets it.
func (e *Engine) dismiss(ctx context.Context, u unit) {
	name := u.String()
	if err := e.sup.Stop(ctx, name); err != nil && !errors.Is(err, supervisor.ErrUnknown) {
		e.o.Log.Warn("ending an instance", "instance", name, "error", err)
		return
	}
	_ = e.sup.Remove(ctx, name) // it has ended
	e.starts.drop(name)
	e.fleet.do(func(f *fleet) { f.forget(u) })
}

// component is what the supervisor's spec of a unit is made from: the project's component, or what is left of one that is
// not declared any more.
func (e *Engine) component(u unit) project.Component {
	if c, ok := e.project().Component(u.name); ok {
		return c
	}
	return project.Component{Name: u.name}
}
