package lsp

import (
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// spot is the smallest thing of a tree at a place.
type spot struct {
	decl  *parser.Decl
	block *parser.Block    // whose kind or type it is
	name  string           // in front of that block
	key   *parser.Ident    // a key
	value parser.Value     // a value that is no block or list
	prop  *schema.Property // of the key, or of the key of the value; nil when there is none
}

// covers reports whether a place is in a range. Its end counts too.
func covers(at diag.Span, offset int) bool {
	return at.Start.Offset <= offset && offset <= at.End.Offset
}

// spotAt finds what stands at a place; nil when that is nothing.
func (s *server) spotAt(f *parser.File, offset int) *spot {
	for _, d := range f.Decls {
		if !covers(d.Range, offset) {
			continue
		}
		if d.Body == nil {
			setting := property(s.schema.Settings(), d.Name.Name)
			if covers(d.Name.Range, offset) {
				return &spot{decl: d, key: &d.Name, prop: setting}
			}
			return s.inValue(d, d.Value, d.Name.Name, setting, offset)
		}
		if covers(d.Name.Range, offset) {
			return &spot{decl: d}
		}
		return s.inBlock(d, d.Body, d.Name.Name, nil, offset)
	}
	return nil
}

// inBlock looks into a block, which is the value of key.
func (s *server) inBlock(d *parser.Decl, b *parser.Block, key string, p *schema.Property, offset int) *spot {
	for _, id := range []*parser.Ident{b.Kind, b.Type} {
		if id != nil && covers(id.Range, offset) {
			return &spot{decl: d, block: b, name: key}
		}
	}
	props := s.inside(p, key, head(b))
	for _, pair := range b.Pairs {
		inner := property(props, pair.Key.Name)
		switch {
		case covers(pair.Key.Range, offset):
			return &spot{decl: d, key: &pair.Key, prop: inner}
		case pair.Value != nil && covers(pair.Value.Span(), offset):
			return s.inValue(d, pair.Value, pair.Key.Name, inner, offset)
		}
	}
	return nil
}

func (s *server) inValue(d *parser.Decl, v parser.Value, key string, p *schema.Property, offset int) *spot {
	switch v := v.(type) {
	case *parser.Block:
		return s.inBlock(d, v, key, p, offset)
	case *parser.Array:
		for _, item := range v.Items {
			if covers(item.Span(), offset) {
				return s.inValue(d, item, key, p, offset)
			}
		}
		return nil
	case nil:
		return nil
	}
	return &spot{decl: d, value: v, prop: p}
}

// within calls look for every block around a place, from the outside in.
func within(f *parser.File, offset int, look func(*parser.Block)) {
	var visit func(v parser.Value)
	visit = func(v parser.Value) {
		if v == nil || !covers(v.Span(), offset) {
			return
		}
		switch v := v.(type) {
		case *parser.Block:
			look(v)
			for _, p := range v.Pairs {
				visit(p.Value)
			}
		case *parser.Array:
			for _, item := range v.Items {
				visit(item)
			}
		}
	}
	for _, d := range f.Decls {
		if d.Body != nil {
			visit(d.Body)
		}
	}
}

func (s *server) hover(d *document, offset int, _ *positionParams) (any, error) {
	f := d.tree()
	if u, ok := d.useAt(offset); ok {
		return hover{*markdown(s.component(d, f, u.Name)), d.span(u.Span)}, nil
	}
	at := s.spotAt(f, offset)
	switch {
	case at == nil:
		return nil, nil
	case at.block != nil:
		return s.hoverKind(d, at.name, at.block), nil
	case at.key != nil && at.prop != nil:
		return hover{*markdown(describe(*at.prop)), d.span(at.key.Range)}, nil
	}
	if e, ok := at.value.(*parser.Env); ok {
		return hover{*markdown(s.variable(d, e.Name)), d.span(e.Range)}, nil
	}
	return nil, nil
}

func (s *server) hoverKind(d *document, name string, b *parser.Block) any {
	k := s.kind(name, head(b))
	if k == nil {
		return nil
	}
	at := b.Kind.Range
	if b.Type != nil {
		at.End = b.Type.Range.End
	}
	return hover{*markdown(describeKind(k)), d.span(at)}
}

// component is what is known of a component: the comment above it, its head, what its kind is.
func (s *server) component(d *document, f *parser.File, name string) string {
	for _, decl := range f.Decls {
		if decl.Body == nil || decl.Name.Name != name {
			continue
		}
		text := fmt.Sprintf("```ww\n%s = %s\n```", name, strings.Join(head(decl.Body), " "))
		if above := commentAbove(f, decl); above != "" {
			text += "\n\n" + above
		}
		if k := s.kind(name, head(decl.Body)); k != nil {
			text += "\n\n" + sentence(k.Doc)
		}
		return text
	}
	return name
}

// commentAbove is the text of the comments that stand right above a declaration.
func commentAbove(f *parser.File, d *parser.Decl) string {
	line := d.Range.Start.Line
	var lines []string
	for i := len(f.Comments) - 1; i >= 0; i-- {
		c := f.Comments[i]
		if c.Range.End.Line >= line {
			continue
		}
		if c.Range.End.Line != line-1 || c.Range.Start.Col != d.Range.Start.Col || strings.HasPrefix(c.Text, "#!") {
			break
		}
		line = c.Range.Start.Line
		text := strings.TrimSuffix(strings.TrimPrefix(c.Text, "/*"), "*/")
		lines = append([]string{strings.TrimSpace(strings.TrimLeft(text, "#/"))}, lines...)
	}
	return strings.Join(lines, "\n")
}

// variable is what is known of a variable; never its value.
func (s *server) variable(d *document, name string) string {
	if s.options.Env != nil {
		if _, ok := s.options.Env(name); ok {
			return fmt.Sprintf("`%s` is set in the environment of the editor.", name)
		}
	}
	p, _ := project.CheckText(d.path, []byte(d.text), s.options.Env)
	if _, ok := p.Env[name]; ok {
		return fmt.Sprintf("`%s` is set in the .env file.", name)
	}
	return fmt.Sprintf("`%s` is not set: neither in the environment of the editor nor in the .env file beside this one.", name)
}
