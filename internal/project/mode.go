package project

import (
	"slices"
)

// The modes of a component: who hands its messages on.
const (
	Distributed = "distributed" // it hands them on itself
	Centralized = "centralized" // the task master does
)

// masterKind is the kind of the implied component that hands messages on.
const masterKind = "task_master"

// Mode is how the messages of a component travel: what it says itself, else its deployment block, else the file.
// Centralized is only ever chosen by name.
func (p *Project) Mode(c Component) string {
	if c.Kind == masterKind {
		return Distributed
	}
	for _, said := range []any{c.Config["orchestration_mode"], p.deployment(c)["orchestration_mode"], p.Settings["orchestration_mode"]} {
		if mode, ok := text(said); ok && mode != "" {
			return mode
		}
	}
	return Distributed
}

// deployment is the properties of the deployment block that a component names, or of the only one.
func (p *Project) deployment(c Component) map[string]any {
	var blocks []map[string]any
	named, _ := c.Config["deployment"].(Ref)
	for name, v := range p.Settings {
		b, _ := v.(map[string]any)
		if b["kind"] != "deployment" {
			continue
		}
		props, _ := b["props"].(map[string]any)
		if string(named) == name {
			return props
		}
		blocks = append(blocks, props)
	}
	if len(blocks) == 1 {
		return blocks[0]
	}
	return nil
}

// Master is the implied component that hands messages on; empty in an app where nobody needs one.
func (p *Project) Master() string {
	for _, c := range p.Components {
		if c.Kind == masterKind {
			return c.Name
		}
	}
	return ""
}

// ByWay is the components that c reaches by way of the task master: all, as "*", when it is centralized itself, else those
// that are. A hop goes that way when either end is centralized.
func (p *Project) ByWay(c Component) []string {
	switch {
	case c.Kind == masterKind || p.Master() == "":
		return nil
	case p.Mode(c) == Centralized:
		return []string{"*"}
	}
	var names []string
	for _, other := range p.Components {
		if other.Name != c.Name && p.Mode(other) == Centralized {
			names = append(names, other.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Centralized is the components whose hops all go by way of the task master, sorted.
func (p *Project) Centralized() []string {
	var names []string
	for _, c := range p.Components {
		if p.Mode(c) == Centralized {
			names = append(names, c.Name)
		}
	}
	slices.Sort(names)
	return names
}

// addMaster adds the task master to an app that needs one.
func (p *Project) addMaster(free func(names ...string) string) {
	if len(p.Centralized()) > 0 {
		p.Components = append(p.Components, Component{
			Name: free(masterKind), Kind: masterKind, Type: "central", Config: map[string]any{}, Implied: true,
		})
	}
}
