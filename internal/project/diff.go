package project

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/schema"
)

// Diff is what has to be done to get from old to wanted, either of which may be nil. touched is the files that were
// saved; a component that uses one of them is replaced even when its properties are the same. Diff only looks at its
// arguments.
func Diff(old, wanted *Project, touched []string) Plan {
	var d differ
	switch {
	case wanted == nil && old == nil:
	case wanted == nil:
		d.stop(old)
	case old == nil:
		d.start(wanted)
	default:
		d.reload(old, wanted, touched)
	}
	return Plan{Steps: d.steps}
}

type differ struct{ steps []Step }

func (d *differ) step(op Op, c Component, cause string) *Step {
	d.steps = append(d.steps, Step{ID: len(d.steps) + 1, Op: op, Component: c.Name, Cause: cause})
	return &d.steps[len(d.steps)-1]
}

// ids are the steps of the named components that match, in the order of the plan.
func (d *differ) ids(names map[string]bool, ops ...Op) []int {
	var found []int
	for _, s := range d.steps {
		if names[s.Component] && slices.Contains(ops, s.Op) {
			found = append(found, s.ID)
		}
	}
	return found
}

// start begins everything at once; inputs take turns when what is behind them is ready.
func (d *differ) start(p *Project) {
	inputs, others := split(p.Components)
	for _, c := range others {
		d.step(OpStart, c, "")
	}
	for _, c := range inputs {
		after := d.ids(p.chain(c), OpStart)
		d.step(OpStart, c, "").After = after
	}
}

// stop ends what sends before what receives, so that nothing is sent into the void.
func (d *differ) stop(p *Project) {
	for _, c := range downstream(p) {
		after := d.ids(senders(p, c.Name), OpStop)
		d.step(OpStop, c, "").After = after
	}
}

// reload keeps what is the same. New components come first, then those that are replaced, inputs after the chains they
// feed, and what is no longer wanted goes last.
func (d *differ) reload(old, wanted *Project, touched []string) {
	inputs, others := split(wanted.Components)
	ordered := slices.Concat(others, inputs)
	for _, group := range [][]Component{others, inputs} {
		for _, pass := range []Op{OpAdd, OpReplace} {
			for _, c := range group {
				if op, cause := change(old, wanted, c, touched); op == pass {
					d.step(op, c, cause)
				}
			}
		}
	}
	d.order(wanted, inputs)
	for _, c := range ordered {
		if op, cause := change(old, wanted, c, touched); op == OpLive || op == OpSame {
			d.step(op, c, cause)
		}
	}
	for _, c := range downstream(old) {
		if _, still := wanted.Component(c.Name); still {
			continue
		}
		after := d.ids(senders(old, c.Name), OpAdd, OpReplace, OpRemove)
		d.step(OpRemove, c, "no longer declared").After = after
	}
}

// order makes a replaced component wait for the new ones it uses, and an input for everything behind it.
func (d *differ) order(p *Project, inputs []Component) {
	isInput := make(map[string]bool, len(inputs))
	for _, c := range inputs {
		isInput[c.Name] = true
	}
	for i := range d.steps {
		s := &d.steps[i]
		c, _ := p.Component(s.Component)
		switch {
		case isInput[c.Name]:
			behind := p.chain(c)
			maps.DeleteFunc(behind, func(name string, _ bool) bool { return isInput[name] })
			s.After = d.ids(behind, OpAdd, OpReplace)
		case s.Op == OpReplace:
			used := set(c.To, c.DependsOn)
			maps.DeleteFunc(used, func(name string, _ bool) bool { return isInput[name] })
			s.After = d.ids(used, OpAdd)
		}
	}
}

// change is what has to be done with one wanted component, and why.
func change(old, wanted *Project, c Component, touched []string) (Op, string) {
	was, ok := old.Component(c.Name)
	if !ok {
		return OpAdd, "new"
	}
	if was.Kind != c.Kind || was.Type != c.Type {
		return OpReplace, fmt.Sprintf("changed: %s %s is now %s %s", was.Kind, was.Type, c.Kind, c.Type)
	}
	keys := changed(old.forAll(was), wanted.forAll(c))
	if way(old, was) != way(wanted, c) && !slices.Contains(keys, "orchestration_mode") {
		keys = append(keys, "the way to others")
	}
	if c.heard(old) != c.heard(wanted) {
		keys = append(keys, "the app's hooks and pipes")
	}
	saved := c.uses(wanted.Dir, touched)
	switch {
	case len(saved) > 0 && len(keys) > 0:
		return OpReplace, strings.Join(saved, ", ") + " saved, changed: " + strings.Join(keys, ", ")
	case len(saved) > 0:
		return OpReplace, strings.Join(saved, ", ") + " saved"
	case len(keys) == 0:
		return OpSame, ""
	case live(c, keys):
		return OpLive, "changed: " + strings.Join(keys, ", ")
	}
	return OpReplace, "changed: " + strings.Join(keys, ", ")
}

// way is how a component reaches the others, as far as the task master is concerned.
func way(p *Project, c Component) string {
	by := p.ByWay(c)
	if len(by) == 0 {
		return ""
	}
	return p.Master() + " " + strings.Join(by, " ")
}

// changed is the names of the properties that differ, sorted. The place in the file and the way a value is written are
// no difference.
func changed(a, b Component) []string {
	var keys []string
	for _, k := range slices.Sorted(maps.Keys(set(slices.Collect(maps.Keys(a.Config)), slices.Collect(maps.Keys(b.Config))))) {
		if k != "to" && !equal(a.Config[k], b.Config[k]) {
			keys = append(keys, k)
		}
	}
	if !slices.Equal(a.To, b.To) {
		keys = append(keys, "to")
	}
	return keys
}

func equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, other, equal)
	case []any:
		other, ok := b.([]any)
		return ok && slices.EqualFunc(a, other, equal)
	}
	return same(a, b)
}

// live reports whether a running process of the kind can take new values for all the keys.
func live(c Component, keys []string) bool {
	k, ok := schema.New().Find(c.Kind, c.Type)
	return ok && !slices.ContainsFunc(keys, func(key string) bool {
		p, known := k.Property(key)
		return !known || !p.Live
	})
}

// uses is those of the touched files that a property of the component names, by their names below dir.
func (c Component) uses(dir string, touched []string) []string {
	var used []string
	for _, file := range touched {
		path := absolute(dir, file)
		if mentions(c.Config, dir, path) {
			if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
				path = rel
			}
			used = append(used, path)
		}
	}
	slices.Sort(used)
	return slices.Compact(used)
}

// mentions reports whether a text anywhere in v is the path. Every text counts, because commands and blocks name files
// too; a component that is replaced for a file it only talks about loses nothing.
func mentions(v any, dir, path string) bool {
	switch v := v.(type) {
	case string:
		return v != "" && absolute(dir, v) == path
	case Secret:
		return mentions(string(v), dir, path)
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return mentions(item, dir, path) })
	case map[string]any:
		for _, item := range v {
			if mentions(item, dir, path) {
				return true
			}
		}
	}
	return false
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// Files is every file that the components name and that has to be watched besides the .ww file and .env: absolute
// paths, sorted. Whether they exist is not looked at.
func (p *Project) Files() []string {
	all := map[string]bool{}
	table := schema.New()
	for _, c := range p.Components {
		k, ok := table.Find(c.Kind, c.Type)
		if !ok {
			continue
		}
		for _, file := range c.files() {
			all[absolute(p.Dir, file)] = true
		}
		for _, prop := range k.All() {
			if (prop.Type == schema.Path || prop.Type == schema.File) && !prop.Data {
				if t, ok := text(c.Config[prop.Name]); ok && t != "" {
					all[absolute(p.Dir, t)] = true
				}
			}
			if prop.Type == schema.Argv {
				c.arguments(p.Dir, prop.Name, all)
			}
			c.block(p.Dir, prop, all)
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// block adds the files that a block names, as in prompt { file: "x.txt" }.
func (c Component) block(dir string, prop schema.Property, all map[string]bool) {
	values, _ := c.Config[prop.Name].(map[string]any)
	for _, key := range prop.Keys {
		if t, ok := text(values[key.Name]); ok && t != "" && (key.Type == schema.Path || key.Type == schema.File) {
			all[absolute(dir, t)] = true
		}
	}
}

// arguments adds those arguments of a command that look like files of the project.
func (c Component) arguments(dir, key string, all map[string]bool) {
	argv, _ := c.Config[key].([]any)
	for _, a := range argv {
		if t, ok := text(a); ok && filepath.Ext(t) != "" && !strings.HasPrefix(t, "-") && filepath.IsLocal(t) {
			all[absolute(dir, t)] = true
		}
	}
}
