package state

import (
	"slices"

	"github.com/woodwork-lang/ww/internal/diag"
)

// Clone returns a copy that shares nothing with s, so that either may change alone.
func (s *State) Clone() State {
	c := *s
	c.Components = slices.Clone(s.Components)
	for i := range c.Components {
		c.Components[i].LastLines = slices.Clone(c.Components[i].LastLines)
	}
	c.Turns = slices.Clone(s.Turns)
	for i := range c.Turns {
		c.Turns[i].End = cloneEnd(c.Turns[i].End)
	}
	c.Diagnostics = cloneDiagnostics(s.Diagnostics)
	return c
}

func cloneDiagnostics(l diag.List) diag.List {
	c := slices.Clone(l)
	for i := range c {
		c[i].Related = slices.Clone(c[i].Related)
	}
	return c
}
