package project

import (
	"time"

	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// LeastBeats is how many signs of life may be missed at the least before a component is taken for dead.
const LeastBeats = 2

// deadlines are the properties that say how long a component may be silent.
var deadlines = [...]string{"component_timeout", "component_ttl"}

// beats reports where a component would be dead before it could give a sign of life.
func (c *checker) beats() {
	for _, e := range c.linked.settings {
		if prop, ok := c.schema.Setting(e.decl.Name.Name); ok {
			c.deadline(prop.Name, e.decl.Name, c.settings)
		}
	}
}

// ownBeats is beats for what stands in the declaration of a component.
func (c *checker) ownBeats(made []Component) {
	for _, m := range made {
		e := c.linked.names[m.Name]
		k := c.kinds[m.Name]
		if e == nil || k == nil || e.decl.Body == nil {
			continue
		}
		for _, p := range e.decl.Body.Effective() {
			if prop, ok := k.Property(p.Key.Name); ok {
				c.deadline(prop.Name, p.Key, m.Config)
			}
		}
	}
}

// deadline looks at one property of a component or of the file.
func (c *checker) deadline(name string, at parser.Ident, values map[string]any) {
	for _, d := range deadlines {
		silent, ok := values[d].(float64)
		if name != d || !ok {
			continue
		}
		if every := c.heartbeat(values); silent < LeastBeats*every {
			c.report(shortDeadline(at, seconds(every), seconds(LeastBeats*every)))
		}
	}
}

// heartbeat is the seconds between two signs of life.
func (c *checker) heartbeat(values map[string]any) float64 {
	const key = "heartbeat_interval"
	for _, v := range []any{values[key], c.settings[key]} {
		if every, ok := v.(float64); ok && every > 0 {
			return every
		}
	}
	prop, _ := schema.Find(c.schema.Common(), key)
	every, _ := asSeconds(prop.Default)
	s, _ := every.(float64)
	return s
}

func seconds(s float64) string { return time.Duration(s * float64(time.Second)).String() }
