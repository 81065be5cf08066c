package engine

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/graph"
	"github.com/woodwork-lang/ww/internal/project"
)

// Graph implements tui.Backend.
func (e *Engine) Graph() graph.Graph { return Wiring(e.project()) }

// Config implements tui.Backend: every component with its properties as its process gets them, secrets masked.
func (e *Engine) Config() (string, error) {
	type shown struct {
		Kind   string         `json:"kind"`
		Type   string         `json:"type"`
		To     []string       `json:"to,omitempty"`
		Config map[string]any `json:"config,omitempty"`
	}
	var b strings.Builder
	for _, c := range FileOrder(e.project()) {
		config := maps.Clone(c.Config)
		delete(config, "to")
		text, err := json.MarshalIndent(shown{c.Kind, c.Type, c.To, masked(config).(map[string]any)}, "", "  ")
		if err != nil {
			return "", err
		}
		b.WriteString(c.Name + " = " + string(text) + "\n\n")
	}
	return b.String(), nil
}

// masked hides what must not be shown.
func masked(v any) any {
	switch v := v.(type) {
	case project.Secret:
		return v.String()
	case []any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = masked(v[i])
		}
		return items
	case map[string]any:
		all := make(map[string]any, len(v))
		for k := range v {
			all[k] = masked(v[k])
		}
		return all
	}
	return v
}

// Wiring is how the components of a project are connected.
func Wiring(p *project.Project) graph.Graph {
	var g graph.Graph
	for _, c := range FileOrder(p) {
		g.Nodes = append(g.Nodes, graph.Node{Name: c.Name, Kind: strings.TrimSpace(c.Kind + " " + c.Type), Implied: c.Implied})
		for _, key := range slices.Sorted(maps.Keys(c.Config)) {
			if key == "to" {
				continue
			}
			seen := map[string]bool{}
			for _, name := range named(c.Config[key], key == "tools") {
				if _, ok := p.Component(name); ok && !seen[name] {
					seen[name] = true
					g.Edges = append(g.Edges, graph.Edge{From: c.Name, To: name, Label: key, By: between(p, c, name)})
				}
			}
		}
		for _, to := range c.To {
			g.Edges = append(g.Edges, graph.Edge{From: c.Name, To: to, Label: "to", Chain: true, By: between(p, c, to)})
		}
	}
	return g
}

// between is who hands on what c sends to another component; empty: nobody.
func between(p *project.Project, c project.Component, to string) string {
	if by := p.ByWay(c); slices.Contains(by, to) || slices.Contains(by, "*") {
		return p.Master()
	}
	return ""
}

// FileOrder is the components as a reader of the file meets them; an implied input comes first, an implied output last.
func FileOrder(p *project.Project) []project.Component {
	all := slices.Clone(p.Components)
	place := func(c project.Component) int {
		switch {
		case !c.Implied:
			return c.Span.Start.Offset
		case c.Kind == "input":
			return -1
		}
		return math.MaxInt
	}
	slices.SortStableFunc(all, func(a, b project.Component) int { return cmp.Compare(place(a), place(b)) })
	return all
}

// named is the components that a value names: bare, and in tools also in quotes.
func named(v any, quoted bool) []string {
	switch v := v.(type) {
	case project.Ref:
		return []string{string(v)}
	case string:
		if quoted {
			return []string{v}
		}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, named(item, quoted)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, named(v[key], quoted)...)
		}
		return all
	}
	return nil
}
