package project

import (
	"slices"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/parser"
)

// Use is one place in a file where the name of a component stands.
type Use struct {
	Name     string
	Span     diag.Span // of the name alone, without quotes
	Declares bool      // the component is declared here
}

// Uses is every place of every component's name in the order of the file: where it is declared, where it stands bare, and
// where it stands in quotes as a next hop or tool. Names that nobody declares are left out.
func Uses(f *parser.File) []Use {
	u := &usage{names: map[string]bool{}}
	for _, d := range f.Decls {
		if d.Body != nil {
			u.names[d.Name.Name] = true
		}
	}
	for _, d := range f.Decls {
		if d.Body == nil {
			u.value(d.Value, scope{})
			continue
		}
		u.add(Use{Name: d.Name.Name, Span: d.Name.Range, Declares: true})
		u.value(d.Body, scope{})
	}
	slices.SortStableFunc(u.uses, func(a, b Use) int { return a.Span.Start.Offset - b.Span.Start.Offset })
	return u.uses
}

type usage struct {
	names map[string]bool
	uses  []Use
}

func (u *usage) add(use Use) {
	if u.names[use.Name] {
		u.uses = append(u.uses, use)
	}
}

func (u *usage) value(v parser.Value, s scope) {
	switch v := v.(type) {
	case *parser.Word:
		u.add(Use{Name: v.Text, Span: v.Range})
	case *parser.String:
		if s.key == "to" || s.key == "tools" {
			at := v.Range
			at.Start.Offset, at.Start.Col = at.Start.Offset+1, at.Start.Col+1
			at.End.Offset, at.End.Col = at.End.Offset-1, at.End.Col-1
			u.add(Use{Name: v.Text, Span: at})
		}
	case *parser.Array:
		for _, item := range v.Items {
			u.value(item, s)
		}
	case *parser.Block:
		for _, p := range v.Pairs {
			if p.Value != nil {
				u.value(p.Value, s.below(p.Key.Name))
			}
		}
	}
}
