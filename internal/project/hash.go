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

// Hash is of everything in the file that decides what one component is. How many instances it has is no part of it.
func (c Component) Hash() string {
	c.Config = maps.Clone(c.Config)
	delete(c.Config, "replicas")
	h := sha256.New()
	c.write(h)
	return hex.EncodeToString(h.Sum(nil)[:16])
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
