package engine

import (
	"context"
	"errors"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/supervisor"
)

// amend has what runs of a component go on by its new declaration: its next start, and what is done when it dies or is
// silent. An instance that was given up is tried again: what was wrong may be right now.
func (e *Engine) amend(ctx context.Context, p *project.Project, c project.Component) error {
	e.amendConfig(p.Given(c))
	w, ok := e.wants.component(c.Name)
	if !ok {
		return nil
	}
	var failed []error
	for n := range w.Replicas {
		u := unit{name: c.Name, ordinal: n, generation: w.Generation}
		_ = e.sup.Amend(ctx, e.process(c, u, serving)) // unknown: it does not run
		if o, is := w.OutOf(n); is && !o.Stopped {
			failed = append(failed, e.revive(ctx, c, u))
		}
	}
	return errors.Join(failed...)
}

// revive starts an instance that does not run; what runs is left alone.
func (e *Engine) revive(ctx context.Context, c project.Component, u unit) error {
	if err := e.wants.of(u.name, func(w *app.Wanted) { back(w, u.ordinal) }); err != nil {
		return err
	}
	var err error
	if _, known := e.starts.spec(u.String()); known {
		err = e.sup.Start(ctx, e.process(c, u, serving))
	} else {
		err = e.launch(ctx, e.project(), c, u, serving)
	}
	if errors.Is(err, supervisor.ErrRunning) {
		return nil
	}
	return err
}

// amendConfig has what is started again from now on begin with the values that the running processes are told.
func (e *Engine) amendConfig(c project.Component) {
	e.starts.amendAll(func(s *component.Spec) {
		if s.Name == c.Name {
			s.Config = c.Config
		}
	})
}
