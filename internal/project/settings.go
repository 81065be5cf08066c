package project

import (
	"maps"
	"slices"
)

// inherited are the settings of a file that hold for every component that does not say otherwise.
var inherited = [...]string{"heartbeat_interval", "turn_timeout", "drain_timeout", "delivery_ttl", "hang_after", "max_hops", "durability", "component_timeout", "component_ttl"}

// Given is a component with what the file says of all of them.
func (p *Project) Given(c Component) Component { return p.with(c, inherited[:]) }

// forAll is Given with the settings that a component cannot have for itself, too.
func (p *Project) forAll(c Component) Component {
	keys := append(slices.Clone(inherited[:]), "recording")
	if c.Kind == "input" { // it keeps the sessions
		keys = append(keys, "session_ttl")
	}
	return p.with(c, keys)
}

func (p *Project) with(c Component, keys []string) Component {
	own := c.Config
	for _, key := range keys {
		v := p.Settings[key]
		if v == nil || own[key] != nil {
			continue
		}
		if c.Config = maps.Clone(c.Config); c.Config == nil {
			c.Config = map[string]any{}
		}
		c.Config[key] = v
	}
	return c
}
