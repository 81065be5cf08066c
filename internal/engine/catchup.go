package engine

import (
	"context"
	"maps"
	"slices"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/project"
)

// catchUp is the reload after an adoption: the files may have changed while nobody looked. Whoever calls has the right to
// change what runs.
func (e *Engine) catchUp(ctx context.Context) {
	p, files := e.project(), hashes(e.project())
	if len(e.heirs) == 0 {
		if len(touched(e.content.files, files)) > 0 { // saved while it was being started
			_, err := e.reload(ctx, false, true)
			e.o.Log.Debug("reload during the start", "error", err)
		}
		return
	}
	plan := project.Diff(formerly(e.wants.now(), p), p, touched(e.content.files, files))
	if !plan.Empty() {
		if _, err := e.execute(ctx, p, plan, files); err != nil {
			e.o.Log.Warn("catching up with the files", "error", err)
			return
		}
	} else {
		e.tellCalls(ctx, p) // that is no part of what their hash is of
	}
	e.content.files = files
}

// asItRuns is the project that the processes were started from: what went back to its last generation, and what stayed
// because of that, is not as the file says.
func (e *Engine) asItRuns() *project.Project {
	now, d := e.project(), e.wants.now()
	back := e.rolls.wentBack()
	if len(back) == 0 {
		return now
	}
	runs := *now
	runs.Components = slices.Clone(now.Components)
	for _, w := range d.Components {
		if !slices.Contains(back, w.Name) {
			continue
		}
		i := slices.IndexFunc(runs.Components, func(c project.Component) bool { return c.Name == w.Name })
		if i < 0 {
			runs.Components = append(runs.Components, project.Component{Name: w.Name, Kind: w.Kind, Type: w.Type, To: w.To})
			continue
		}
		runs.Components[i] = older(runs.Components[i], w)
	}
	return &runs
}

// older is a component of which only the hash is known any more; it is shown as the cause.
func older(c project.Component, w app.Wanted) project.Component {
	c.Config = maps.Clone(c.Config)
	if c.Config == nil {
		c.Config = map[string]any{}
	}
	c.Config["its declaration"] = w.Hash
	c.To = w.To
	return c
}

// formerly is the project that the adopted runners were started from, as far as it is known: which components there were,
// and which of them were the same as now.
func formerly(d app.Desired, p *project.Project) *project.Project {
	old := &project.Project{Name: p.Name, File: p.File, Dir: p.Dir, Settings: p.Settings}
	for _, w := range d.Components {
		c, ok := p.Component(w.Name)
		switch {
		case !ok:
			c = project.Component{Name: w.Name, Kind: w.Kind, Type: w.Type, To: w.To}
		case p.HashOf(c) != w.Hash && c.Kind == w.Kind && c.Type == w.Type:
			c = older(c, w)
		default:
			c.Kind, c.Type = w.Kind, w.Type
		}
		old.Components = append(old.Components, c)
	}
	return old
}
