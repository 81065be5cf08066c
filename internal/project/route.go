package project

import (
	"slices"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/schema"
)

// router decides where a turn goes from each component: what the file says, else what follows from the kinds.
type router struct {
	checker *checker
	made    []Component
	targets map[string]bool // whom the components send to, themselves aside
	needed  map[string]bool // whom the components need to be built, themselves aside
	ends    []string        // the outputs
	inputs  entrance
	diags   diag.List
}

// entrance is where inputs go that name no target: the first of the heads, which are several when it is not clear.
type entrance struct {
	known bool
	heads []string
}

// route fills in the next hops of every component and adds the input and the output that the file leaves out.
func (c *checker) route(made []Component) ([]Component, diag.List) {
	r := &router{checker: c, made: made}
	r.imply()
	r.ends = r.named(schema.Output)
	r.need()
	for i := range r.made {
		r.explicit(&r.made[i])
	}
	r.aim()
	for i := range r.made {
		if m := &r.made[i]; r.role(m) == schema.Input && !r.routed(m) {
			r.input(m)
		}
	}
	r.aim()
	for i := range r.made {
		if m := &r.made[i]; !r.routed(m) && r.answers(m) {
			m.To = r.ends
		}
	}
	return r.made, r.diags
}

// imply adds the command line to an app without an input, and the console to an app without an output or with a
// quoted target "output" that nobody declared.
func (r *router) imply() {
	if len(r.made) == 0 {
		return
	}
	if !r.any(schema.Input) {
		in := Component{Name: r.free("input", "command_line"), Kind: "input", Type: "command_line", Config: map[string]any{}, Implied: true}
		r.add(in, true)
	}
	names := r.checker.linked.names
	wanted := names["output"] == nil && r.checker.linked.aimedAt("output")
	if wanted || !r.any(schema.Output) {
		out := Component{Name: r.free("output", "console"), Kind: "output", Type: "console", Config: map[string]any{}, Implied: true}
		r.add(out, false)
	}
}

func (r *router) add(m Component, first bool) {
	k, _ := r.checker.schema.Find(m.Kind, m.Type)
	r.checker.kinds[m.Name] = k
	if first {
		r.made = slices.Insert(r.made, 0, m)
		return
	}
	r.made = append(r.made, m)
}

// free is the first of the names that no declaration has.
func (r *router) free(names ...string) string {
	for {
		for _, n := range names {
			if r.checker.linked.names[n] == nil && r.checker.kinds[n] == nil {
				return n
			}
		}
		for i := range names {
			names[i] += "_"
		}
	}
}

func (r *router) role(m *Component) schema.Role { return r.checker.kinds[m.Name].Role }

func (r *router) any(role schema.Role) bool {
	return slices.ContainsFunc(r.made, func(m Component) bool { return r.checker.kinds[m.Name].Role == role })
}

// routed reports whether the file itself says where the component's turns go; `to: null` says nothing, `to: []` does.
func (r *router) routed(m *Component) bool { return m.To != nil || m.Config["to"] != nil }

// explicit takes the next hops that the file names. Whatever is no component, as the implied metrics, is no branch.
func (r *router) explicit(m *Component) {
	e := r.checker.linked.names[m.Name]
	if e == nil || r.role(m) == schema.Output {
		return // the end of a chain goes nowhere
	}
	for _, t := range e.targets {
		switch k := r.checker.kinds[t.name]; {
		case k != nil && (k.Role == schema.Deployment || k.Role == schema.BusKind):
			r.diags = append(r.diags, noTarget(t, k))
		case r.hop(t.name):
			m.To = append(m.To, t.name)
		}
	}
	m.To = distinct(m.To)
}

// hop reports whether turns can go to the named component.
func (r *router) hop(name string) bool {
	k := r.checker.kinds[name]
	return k != nil && k.Role != schema.Observer
}

// aim notes who is a target so far.
func (r *router) aim() {
	r.targets = map[string]bool{}
	for _, m := range r.made {
		for _, to := range m.To {
			if to != m.Name {
				r.targets[to] = true
			}
		}
	}
}

// input sends an input that names no target to the app's agent, else to its llm, else to its own process; to an output
// when there is nothing else.
func (r *router) input(m *Component) {
	if !r.inputs.known {
		r.inputs = entrance{known: true, heads: r.heads()}
	}
	heads := r.inputs.heads
	if len(heads) == 0 {
		m.To = r.ends
		return
	}
	if len(heads) > 1 {
		r.diags = append(r.diags, ambiguousRoute(*m, heads, r.checker.linked))
	}
	m.To = heads[:1:1]
}

// heads is the components of the first role there is that nobody uses, or all of them when all are used.
func (r *router) heads() []string {
	for _, role := range []schema.Role{schema.Agent, schema.Model, schema.Process} {
		all := r.named(role)
		if len(all) == 0 {
			continue
		}
		if heads := slices.DeleteFunc(slices.Clone(all), r.used); len(heads) > 0 {
			return heads
		}
		return all
	}
	return nil
}

func (r *router) named(role schema.Role) []string {
	var names []string
	for _, m := range r.inFileOrder() {
		if r.role(m) == role {
			names = append(names, m.Name)
		}
	}
	return names
}

// inFileOrder is the components as declared; "the first agent" is the first that a reader sees.
func (r *router) inFileOrder() []*Component {
	sorted := make([]*Component, len(r.made))
	for i := range r.made {
		sorted[i] = &r.made[i]
	}
	slices.SortStableFunc(sorted, func(a, b *Component) int { return a.Span.Start.Offset - b.Span.Start.Offset })
	return sorted
}

// used reports whether another component needs the named one or sends its turns there: then it is no head of a chain.
func (r *router) used(name string) bool { return r.targets[name] || r.needed[name] }

// need notes who is needed to build somebody else.
func (r *router) need() {
	r.needed = map[string]bool{}
	for _, m := range r.made {
		e := r.checker.linked.names[m.Name]
		if e == nil {
			continue
		}
		for _, ref := range e.refs {
			if !ref.hop && ref.to != e {
				r.needed[ref.Text] = true
			}
		}
	}
}

// answers reports whether a component without next hops sends what it makes to the outputs: whatever takes turns, but
// not what is only called by others.
func (r *router) answers(m *Component) bool {
	switch r.role(m) {
	case schema.Agent:
		return r.targets[m.Name] || !r.used(m.Name)
	case schema.Model, schema.Process:
		return r.targets[m.Name]
	}
	return false
}

// stdin reports every command line after the first: they would fight over one terminal.
func (c *checker) stdin() {
	var first *entry
	for _, e := range c.linked.entries {
		k := c.kinds[e.name()]
		if k == nil || k.Name() != "input command_line" || c.linked.names[e.name()] != e {
			continue
		}
		if first != nil {
			c.report(multipleStdin(e.decl.Name, first.decl.Name))
			continue
		}
		first = e
	}
}
