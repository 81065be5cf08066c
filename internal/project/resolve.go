package project

import (
	"slices"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// Resolved is a file as `ww parse --json --resolve` prints it: what the components will get. References are names, unset
// variables null, and secrets masked. Its keys are those of the Python engine, whose word for a kind is component.
type Resolved struct {
	Components Object   `json:"components"` // name to ResolvedComponent, in construction order
	Settings   Object   `json:"settings"`
	Warnings   []string `json:"warnings,omitempty"` // CODE@line:col
	Errors     []string `json:"errors,omitempty"`
}

// ResolvedComponent is one component with its properties.
type ResolvedComponent struct {
	Variable  string   `json:"variable"`
	Component string   `json:"component"`
	Type      string   `json:"type"`
	Config    Object   `json:"config"`
	DependsOn []string `json:"depends_on"` // every component that it names bare, next hops included
	Line      int      `json:"line"`
}

// Resolve reads a file as far as [Resolved] shows it. Kinds that nobody knows are shown as they are written.
func (s Source) Resolve(showSecrets bool) (Resolved, diag.List, diag.Sources) {
	r := Resolved{Components: Object{}, Settings: Object{}}
	src, diags := s.read()
	if src == nil {
		r.Errors = tree(link(&parser.File{Name: s.File}, nil), diags).Errors
		return r, diags, nil
	}
	c, l := src.checker, src.checker.linked
	for _, e := range l.order() {
		r.Components = append(r.Components, Field{e.name(), c.resolved(e, showSecrets)})
	}
	c.set()
	for _, e := range l.settings {
		name := e.name()
		if prop, ok := c.schema.Setting(name); ok {
			name = prop.Name // it may be written by an older name
		}
		r.Settings = append(r.Settings, Field{name, plainValue(c.settings[name], showSecrets)})
	}
	c.stdin()
	diags = slices.Concat(diags, l.diags, c.diags)
	diags.Sort()
	all := tree(l, diags)
	r.Warnings, r.Errors = all.Warnings, all.Errors
	return r, diags, diag.Sources{s.File: src.file.Src}
}

func (c *checker) resolved(e *entry, showSecrets bool) ResolvedComponent {
	b := e.decl.Body
	shown := ResolvedComponent{Variable: e.name(), Component: word(b.Kind), Type: word(b.Type), Config: Object{}, DependsOn: []string{}, Line: e.decl.Range.Start.Line}
	for _, ref := range e.refs {
		shown.DependsOn = append(shown.DependsOn, ref.Text)
	}
	shown.DependsOn = distinct(shown.DependsOn)
	k, ok := c.kindOf(e)
	var config map[string]any
	property := func(key string) (*schema.Property, bool) { return nil, false }
	if ok {
		c.kinds[e.name()] = k
		config, property = c.config(e, k), k.Property
		if b.Type == nil { // one word stands for two: say which
			shown.Component, shown.Type = k.Kind, k.Type
		}
	} else {
		config = c.rawPairs(b)
	}
	for _, pair := range b.Effective() {
		name := pair.Key.Name
		if prop, known := property(name); known {
			name = prop.Name
		}
		shown.Config = append(shown.Config, Field{name, plainValue(config[name], showSecrets)})
	}
	return shown
}

// plainValue is a value of a component as plain JSON.
func plainValue(v any, showSecrets bool) any {
	switch v := v.(type) {
	case Secret:
		if showSecrets {
			return string(v)
		}
		return v.String()
	case Ref:
		return string(v)
	case []any:
		items := make([]any, 0, len(v))
		for _, item := range v {
			items = append(items, plainValue(item, showSecrets))
		}
		return items
	case map[string]any:
		plain := make(map[string]any, len(v))
		for k, item := range v {
			plain[k] = plainValue(item, showSecrets)
		}
		return plain
	}
	return v
}
