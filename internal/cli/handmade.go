package cli

import (
	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/localbus"
)

// handMade is the configuration of a component that a person starts: from the file, beside whatever runs already.
func handMade(o componentOptions) (component.Spec, error) {
	var none component.Spec
	p, problems := project.Load(o.File, o.Env)
	if err := showProblems(o.IO, p.Sources, problems); err != nil {
		return none, err
	}
	c, ok := p.Component(o.Name)
	if !ok {
		var names []string
		for _, c := range p.Components {
			names = append(names, c.Name)
		}
		return none, usage("%s has no component %q%s", o.File, o.Name, meant(o.Name, names, ""))
	}
	a, err := app.Identify(o.File, "", o.Env)
	if err != nil {
		return none, err
	}
	if a, err = a.Open(o.Env); err != nil {
		return none, err
	}
	dir, err := localbus.OpenRunDir(a.ID)
	if err != nil {
		return none, err
	}
	return engine.Lower(p, c, engine.Place{App: a, RunDir: dir}), nil
}
