package parser

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
)

// dump writes a tree for people: one line a node, with the place where it begins.
func dump(f *File) string {
	var d dumper
	for _, decl := range f.Decls {
		partial := ""
		if decl.Partial {
			partial = " (partial)"
		}
		if decl.Body == nil {
			d.line(decl.Range, "setting %s%s", decl.Name.Name, partial)
			d.value("", decl.Value)
			continue
		}
		d.line(decl.Range, "component %s is %s%s", decl.Name.Name, header(decl.Body), partial)
		d.pairs(decl.Body)
	}
	for _, c := range f.Comments {
		d.line(c.Range, "comment %q", c.Text)
	}
	return d.String()
}

type dumper struct {
	strings.Builder
	depth int
}

func (d *dumper) line(at diag.Span, format string, args ...any) {
	text := strings.Repeat("  ", d.depth) + fmt.Sprintf(format, args...)
	fmt.Fprintf(d, "%-60s %d:%d-%d:%d\n", text, at.Start.Line, at.Start.Col, at.End.Line, at.End.Col)
}

func header(b *Block) string {
	text := b.Kind.Name
	if b.Type != nil {
		text += " " + b.Type.Name
	}
	return text
}

func (d *dumper) pairs(b *Block) {
	d.depth++
	for _, p := range b.Pairs {
		d.value(fmt.Sprintf("%s%c ", p.Key.Name, p.Sep), p.Value)
	}
	d.depth--
}

func (d *dumper) value(key string, v Value) {
	if v == nil {
		fmt.Fprintf(d, "%s%snothing\n", strings.Repeat("  ", d.depth), key)
		return
	}
	switch v := v.(type) {
	case *Block:
		text := "block"
		if v.Kind != nil {
			text = "block of " + header(v)
		}
		d.line(v.Range, "%s%s", key, text)
		d.pairs(v)
	case *Array:
		d.line(v.Range, "%slist", key)
		d.depth++
		for _, item := range v.Items {
			d.value("- ", item)
		}
		d.depth--
	default:
		d.line(v.Span(), "%s%s", key, scalarText(v))
	}
}

func scalarText(v Value) string {
	switch v := v.(type) {
	case *String:
		return "text " + strconv.Quote(v.Text)
	case *Number:
		if v.IsInt {
			return fmt.Sprintf("integer %d", v.Int)
		}
		return fmt.Sprintf("float %g", v.Float)
	case *Bool:
		return fmt.Sprintf("boolean %t", v.Value)
	case *Null:
		return "null"
	case *Env:
		return "environment " + v.Name
	case *Word:
		return "word " + v.Text
	}
	return fmt.Sprintf("%T", v)
}

// codes is every diagnostic as CODE@line:col.
func codes(l diag.List) string {
	var out []string
	for _, d := range l {
		out = append(out, fmt.Sprintf("%s@%d:%d", d.Code, d.Span.Start.Line, d.Span.Start.Col))
	}
	return strings.Join(out, " ")
}
