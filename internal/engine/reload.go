package engine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/internal/trust"
)

// Reloading is what a reload did, or would do.
type Reloading struct {
	Plan       project.Plan
	Generation int  // that the app runs now
	Changed    bool // the plan was carried out
}

// Reload reads the files of the app again and replaces what has changed. It returns when the new instances serve. With an
// error the app runs as it did before. With dry it only says what it would do.
func (e *Engine) Reload(ctx context.Context, dry bool) (Reloading, error) {
	over, err := e.begin(ctx)
	if err != nil {
		return Reloading{}, err
	}
	defer over()
	return e.reload(ctx, dry, false)
}

// ReloadFiles implements tui.Backend: it reloads, and says in a line what that did. How an attached app was changed its
// supervisor says.
func (e *Engine) ReloadFiles(ctx context.Context) (string, error) {
	if e.attached {
		var r Reloaded
		if err := e.control(ctx, CallReload, []byte("{}"), &r); err != nil {
			return "", err
		}
		if r.Error != "" {
			return "", errors.New(r.Error)
		}
		return reloadedAs(r.Changed, r.Generation), nil
	}
	r, err := e.Reload(e.living, false) // one that has begun goes on, whoever asked
	if err != nil {
		return "", err
	}
	return reloadedAs(r.Changed, r.Generation), nil
}

func reloadedAs(changed bool, g int) string {
	if !changed {
		return "nothing has changed; generation " + generation(g) + " goes on"
	}
	return "reload " + generation(g) + " done"
}

// reload is Reload for who has the right to change what runs. One that nobody asked for (auto) does not try what has
// failed already.
func (e *Engine) reload(ctx context.Context, dry, auto bool) (Reloading, error) {
	r, err := e.reloadFiles(ctx, dry, auto)
	if err != nil && !dry && ctx.Err() == nil {
		e.refuse(err)
	}
	return r, err
}

// refuse notes why the files as they are now are not what runs; nil: they are.
func (e *Engine) refuse(err error) {
	if err == nil {
		e.refused.Store(nil)
		return
	}
	text := err.Error()
	var start *StartError
	if errors.As(err, &start) && len(start.Lines) > 0 && strings.HasPrefix(start.Reason, "exit status") { // it said why
		text += ": " + strings.TrimSpace(start.Lines[len(start.Lines)-1])
	}
	e.refused.Store(&text)
}

func (e *Engine) reloadFiles(ctx context.Context, dry, auto bool) (Reloading, error) {
	p, problems := e.o.Project.Again(e.o.App.File)
	files := hashes(p)
	if e.torn(files) {
		select {
		case <-time.After(e.o.Timing.Settle):
		case <-ctx.Done():
		}
		p, problems = e.o.Project.Again(e.o.App.File)
		files = hashes(p)
	}
	e.content.tried = sources(p)
	defer e.follow()
	key := p.Hash + sumOf(files)
	same := Reloading{Generation: e.wants.now().Generation}
	if auto && e.content.seen(key) {
		return same, nil
	}
	plan, err := e.plan(p, problems, files)
	same.Plan = plan
	if err != nil {
		e.content.broken = key
		return same, err
	}
	if !dry && len(e.Picture().Diagnostics)+len(problems) > 0 {
		e.hub.emit(state.Diagnosed{List: problems, Sources: p.Sources}) // what was wrong is right again
	}
	if dry {
		return same, nil
	}
	if plan.Empty() {
		if e.content.broken != "" {
			e.notice("what was saved is what runs")
		}
		e.use(p) // only places and comments can differ
		e.content.took(key, files)
		e.refuse(nil)
		return same, nil
	}
	g, err := e.execute(ctx, p, plan, files)
	if err != nil {
		e.content.broken = key
		return same, err
	}
	e.content.took(key, files)
	return Reloading{Plan: plan, Generation: g, Changed: true}, nil
}

// seen says that there is nothing new in the files: what they are failed, or was taken, and what of it has gone back since
// failed. A look at the files may come as late as that when who saved them asked for the reload.
func (c *content) seen(key string) bool { return key == cmp.Or(c.broken, c.taken) }

// took notes that the files are what was asked to run.
func (c *content) took(key string, files map[string]string) {
	c.files, c.taken, c.broken = files, key, ""
}

// plan is what has to be done to run p.
func (e *Engine) plan(p *project.Project, problems diag.List, files map[string]string) (project.Plan, error) {
	switch {
	case problems.HasErrors():
		e.hub.emit(state.Diagnosed{List: problems, Sources: p.Sources})
		return project.Plan{}, &BrokenError{Problems: problems, Sources: p.Sources}
	case len(p.Components) == 0:
		return project.Plan{}, noneLeft(e.o.App.File)
	}
	now := e.project()
	if err := e.trusts(now, p); err != nil {
		return project.Plan{}, err
	}
	runs := e.asItRuns()
	return e.settleLive(runs, p, project.Diff(runs, p, touched(e.content.files, files))), nil
}

// trusts refuses commands that nobody has agreed to.
func (e *Engine) trusts(now, p *project.Project) error {
	if e.o.Trusted == nil {
		return nil
	}
	known := trust.Commands(now)
	asks := slices.DeleteFunc(trust.Commands(p), func(c trust.Command) bool {
		return slices.ContainsFunc(known, func(k trust.Command) bool { return slices.Equal(k.Argv, c.Argv) })
	})
	if len(asks) == 0 {
		return nil
	}
	return e.o.Trusted(p, asks)
}

// settleLive replaces components whose running processes cannot take the new values after all: they take a new number of
// instances, and how they call and are called.
func (e *Engine) settleLive(old, p *project.Project, plan project.Plan) project.Plan {
	for i, s := range plan.Steps {
		was, _ := old.Component(s.Component)
		is, ok := p.Component(s.Component)
		if s.Op == project.OpLive && ok && old.HashOf(was) != p.HashOf(is) {
			plan.Steps[i].Op = project.OpReplace
		}
	}
	return plan
}

// execute carries out a plan: everything new is started and ready, the reload is decided, then the new takes over from the
// old, step by step.
func (e *Engine) execute(ctx context.Context, p *project.Project, plan project.Plan, files map[string]string) (int, error) {
	e.announce(plan)
	g := e.wants.now().Generation + 1
	rolls := e.rollouts(p, plan, g)
	if err := e.prepare(ctx, rolls); err != nil {
		for _, r := range rolls {
			r.abandon()
		}
		e.notice("✗ reload: " + withLastWords(err) + "; generation " + generation(g-1) + " goes on")
		return 0, err
	}
	gone, before := removed(plan), e.wants.now()
	if err := e.wants.change(func(d *app.Desired) { decide(d, p, rolls, gone, g, files) }); err != nil {
		for _, r := range rolls {
			r.abandon()
		}
		return 0, err
	}
	e.use(p)
	e.rolls.went(plan)
	e.refuse(nil) // before anything can go back: that says why
	err := e.carryOut(ctx, p, plan, rolls)
	for _, name := range gone {
		was, _ := before.Wanted(name)
		e.remove(name, was, rolls)
	}
	e.hub.emit(state.Reloaded{Generation: g})
	if err == nil { // else what went wrong was told, and stands
		e.notice("reload " + generation(g) + " done")
	}
	return g, err
}

// announce says what is going to happen.
func (e *Engine) announce(plan project.Plan) { e.hub.emit(state.Planned{Plan: planText(plan)}) }

// changing are the steps that change something.
func changing(plan project.Plan) []project.Step {
	return slices.DeleteFunc(slices.Clone(plan.Steps), func(s project.Step) bool { return s.Op == project.OpSame })
}

// planText is a plan for people: what changes and why, a line each.
func planText(plan project.Plan) string { return project.Plan{Steps: changing(plan)}.String() }

func (e *Engine) rollouts(p *project.Project, plan project.Plan, g int) []*rollout {
	var all []*rollout
	for _, s := range plan.Steps {
		if c, ok := p.Component(s.Component); ok && (s.Op == project.OpAdd || s.Op == project.OpReplace) {
			all = append(all, e.newRollout(p, c, g))
		}
	}
	return all
}

func removed(plan project.Plan) (names []string) {
	for _, s := range plan.Steps {
		if s.Op == project.OpRemove {
			names = append(names, s.Component)
		}
	}
	return names
}

// prepare starts everything new and waits until all of it is ready, or the first is not.
func (e *Engine) prepare(ctx context.Context, rolls []*rollout) error {
	var fresh []unit
	for _, r := range rolls {
		if err := r.start(ctx); err != nil {
			return err
		}
		fresh = append(fresh, r.fresh...)
	}
	return e.fleet.await(ctx, func(f *fleet) (bool, error) { return f.allUp(fresh) })
}

// decide writes a reload into what is wanted.
func decide(d *app.Desired, p *project.Project, rolls []*rollout, gone []string, g int, files map[string]string) {
	d.Generation, d.Hash, d.Name, d.Files = g, p.Hash, p.Name, files
	d.Components = slices.DeleteFunc(d.Components, func(w app.Wanted) bool { return slices.Contains(gone, w.Name) })
	for _, r := range rolls {
		i := slices.IndexFunc(d.Components, func(w app.Wanted) bool { return w.Name == r.c.Name })
		if i < 0 {
			d.Components = append(d.Components, r.will)
			continue
		}
		d.Components[i] = r.will
	}
}

// carryOut flips and changes, in the order of the plan.
func (e *Engine) carryOut(ctx context.Context, p *project.Project, plan project.Plan, rolls []*rollout) error {
	var failed []error
	for _, s := range plan.Steps {
		switch s.Op {
		case project.OpAdd, project.OpReplace:
			i := slices.IndexFunc(rolls, func(r *rollout) bool { return r.c.Name == s.Component })
			failed = append(failed, rolls[i].flip(ctx))
		case project.OpLive:
			c, _ := p.Component(s.Component)
			if w, ok := e.wants.component(s.Component); ok && !w.Scaled && w.Replicas != replicas(c) {
				failed = append(failed, e.scale(ctx, p, c, w, replicas(c), false))
			}
			failed = append(failed, e.amend(ctx, p, c))
		}
	}
	e.tellCalls(ctx, p)
	return errors.Join(failed...)
}

// tellCalls tells every component how the others are called from now on.
func (e *Engine) tellCalls(ctx context.Context, p *project.Project) {
	for _, u := range e.asked() {
		e.starts.amend(u.unit.String(), func(s *component.Spec) { s.Calls = calls(p, s.Name) })
	}
	_, err := e.everybody(ctx, event.Message{Header: event.Header{Type: event.TypeCalls}, Body: event.Payload(calls(p, ""))})
	if err != nil {
		e.o.Log.Warn("a component does not know how the others are called now", "error", err)
	}
}

func sumOf(files map[string]string) string {
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(files)) {
		b.WriteString(path + files[path])
	}
	return b.String()
}
