package project

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
)

// sum is the hash of everything that decides what runs, and nothing else: not places, not comments, not the spelling.
func sum(p *Project) string {
	h := sha256.New()
	for _, c := range p.Components {
		c.write(h)
	}
	write(h, p.Settings)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (c Component) write(h hash.Hash) {
	fmt.Fprintf(h, "component %q %q %q %t\n", c.Name, c.Kind, c.Type, c.Implied)
	fmt.Fprintf(h, "to %q needs %q\n", c.To, c.DependsOn)
	write(h, c.Config)
}

// HashOf is of everything in the file that decides what the process of a component is. What a running one is told is no
// part of it: how many instances there are, how it calls and is called; nor is what only its supervisor knows.
func (p *Project) HashOf(c Component) string {
	c = p.forAll(c)
	c.Config = maps.Clone(c.Config)
	maps.DeleteFunc(c.Config, func(key string, _ any) bool { return told(c, key) })
	h := sha256.New()
	c.write(h)
	for _, others := range []string{way(p, c), c.heard(p)} { // what it is told at its start of others
		if others != "" {
			fmt.Fprintf(h, "%q\n", others)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// told reports whether a new value of a property needs no new process: it is told, or only its supervisor wants to know. A webhook's retry is how it asks the world
// outside, and no call.
func told(c Component, key string) bool {
	switch key {
	case "replicas", "breaker", "fallback", "restart", "hang_after", "component_timeout", "component_ttl":
		return true
	case "retry":
		return c.Kind != "output"
	}
	return false
}

// write adds one value in a form that is the same for equal values: keys sorted, types named.
func write(h hash.Hash, v any) {
	switch v := v.(type) {
	case map[string]any:
		fmt.Fprintf(h, "{%d", len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			fmt.Fprintf(h, "%q:", k)
			write(h, v[k])
		}
	case []any:
		fmt.Fprintf(h, "[%d", len(v))
		for _, item := range v {
			write(h, item)
		}
	case Secret: // the same as the text it hides
		fmt.Fprintf(h, "string %q,", string(v))
	case Ref:
		fmt.Fprintf(h, "ref %q,", string(v))
	default:
		fmt.Fprintf(h, "%T %#v,", v, v)
	}
}
