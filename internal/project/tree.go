package project

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/parser"
)

// Tree is a file as `ww parse --json` prints it: parsed and linked, with no kind looked up and no variable read.
type Tree struct {
	Components []TreeComponent `json:"components"`
	Settings   Object          `json:"settings,omitempty"`
	Warnings   []string        `json:"warnings,omitempty"` // CODE@line:col
	Errors     []string        `json:"errors,omitempty"`
}

// TreeComponent is one declaration.
type TreeComponent struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Type  string `json:"type"`
	Props Object `json:"props"`
}

// Object is a JSON object that keeps the order of its keys.
type Object []Field

// Field is one key of an [Object].
type Field struct {
	Key   string
	Value any
}

// MarshalJSON writes the fields in their order.
func (o Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := encode(&b, f.Key); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := encode(&b, f.Value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func encode(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder ends with a newline
	return nil
}

// Parse reads a file as far as [Tree] shows it. The list has the problems of its form and of its names, sorted, and
// the sources quote them.
func Parse(file string) (Tree, diag.List, diag.Sources) {
	src, diags := read(file)
	if len(diags) > 0 {
		return tree(link(&parser.File{Name: file}, nil), diags), diags, nil
	}
	f, diags := parser.Parse(file, src)
	l := link(f, diags)
	diags = append(diags, l.diags...)
	for _, t := range l.implied {
		diags = append(diags, unknownTarget(t, "to", nil))
	}
	diags.Sort()
	return tree(l, diags), diags, diag.Sources{file: src}
}

func tree(l *linked, diags diag.List) Tree {
	t := Tree{Components: []TreeComponent{}}
	for _, e := range l.entries {
		b := e.decl.Body
		t.Components = append(t.Components, TreeComponent{e.name(), word(b.Kind), word(b.Type), l.props(b)})
	}
	for _, e := range l.settings {
		t.Settings = append(t.Settings, Field{e.name(), l.notation(e.decl.Value)})
	}
	for _, d := range diags {
		at := fmt.Sprintf("%s@%d:%d", d.Code, d.Span.Start.Line, d.Span.Start.Col)
		if d.Severity == diag.Error {
			t.Errors = append(t.Errors, at)
		} else {
			t.Warnings = append(t.Warnings, at)
		}
	}
	return t
}

func (l *linked) props(b *parser.Block) Object {
	props := Object{}
	for _, p := range b.Effective() {
		props = append(props, Field{p.Key.Name, l.notation(p.Value)})
	}
	return props
}

// notation is a value with what is not plain data spelled out: {"$ref": name}, {"$env": NAME}, {"$block": {…}}.
func (l *linked) notation(v parser.Value) any {
	switch v := v.(type) {
	case *parser.String:
		return v.Text
	case *parser.Number:
		if v.IsInt {
			return v.Int
		}
		return v.Float
	case *parser.Bool:
		return v.Value
	case *parser.Env:
		return Object{{"$env", v.Name}}
	case *parser.Word:
		if l.names[v.Text] != nil {
			return Object{{"$ref", v.Text}}
		}
		return v.Text
	case *parser.Array:
		items := make([]any, 0, len(v.Items))
		for _, item := range v.Items {
			items = append(items, l.notation(item))
		}
		return items
	case *parser.Block:
		if v.Kind == nil {
			return l.props(v)
		}
		return Object{{"$block", Object{{"kind", v.Kind.Name}, {"type", word(v.Type)}, {"props", l.props(v)}}}}
	}
	return nil
}
