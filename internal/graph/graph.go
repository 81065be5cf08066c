// Package graph draws how the components of an app are connected: for people, and for programs that draw.
package graph

import (
	"fmt"
	"strings"
)

// Graph is the components of an app, in the order in which they should appear, and their connections.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// Node is one component.
type Node struct {
	Name    string
	Kind    string // as written: "llm echo"
	Implied bool   // not in the file
}

// Edge is one connection. Turns go along a chain; every other edge is a use: a tool that is called, a model, a memory.
type Edge struct {
	From, To string
	Label    string // the property that makes it: to, tools, model …
	Chain    bool
	By       string // who hands on what goes along; empty: nobody is between the two
}

// by says who hands on, in words.
func (e Edge) by() string {
	if e.By == "" {
		return ""
	}
	return "by way of " + e.By
}

// label is what a use is, and who hands it on.
func (e Edge) label() string { return strings.TrimSpace(e.Label + " " + e.by()) }

// from is the edges that leave a node: the uses, then the chain, each in the order of the graph.
func (g Graph) from() map[string][]Edge {
	out := map[string][]Edge{}
	for _, chain := range []bool{false, true} {
		for _, e := range g.Edges {
			if e.Chain == chain {
				out[e.From] = append(out[e.From], e)
			}
		}
	}
	return out
}

// heads is all nodes: first those that nothing leads to, because a reader begins there.
func (g Graph) heads() []Node {
	led := map[string]bool{}
	for _, e := range g.Edges {
		if e.From != e.To {
			led[e.To] = true
		}
	}
	var heads, rest []Node
	for _, n := range g.Nodes {
		if led[n.Name] {
			rest = append(rest, n)
		} else {
			heads = append(heads, n)
		}
	}
	return append(heads, rest...)
}

// Closing is the edges that close a circle: they lead back to where the way to them came from.
func (g Graph) Closing() map[Edge]bool {
	const (
		open = iota + 1
		done
	)
	out, marks, closing := g.from(), map[string]int{}, map[Edge]bool{}
	var visit func(name string)
	visit = func(name string) {
		marks[name] = open
		for _, e := range out[name] {
			switch marks[e.To] {
			case 0:
				visit(e.To)
			case open:
				closing[e] = true
			}
		}
		marks[name] = done
	}
	for _, n := range g.heads() {
		if marks[n.Name] == 0 {
			visit(n.Name)
		}
	}
	return closing
}

// Mermaid is the graph as a Mermaid flowchart, which many pages that show Markdown draw.
func (g Graph) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	ids := map[string]string{} // names such as "end" mean something to Mermaid
	for i, n := range g.Nodes {
		ids[n.Name] = fmt.Sprintf("n%d", i)
		fmt.Fprintf(&b, "  n%d[\"%s<br/>%s\"]\n", i, n.Name, n.Kind)
	}
	for _, e := range g.Edges {
		switch {
		case e.Chain && e.By != "":
			fmt.Fprintf(&b, "  %s -- %s --> %s\n", ids[e.From], e.by(), ids[e.To])
		case e.Chain:
			fmt.Fprintf(&b, "  %s --> %s\n", ids[e.From], ids[e.To])
		default:
			fmt.Fprintf(&b, "  %s -. %s .-> %s\n", ids[e.From], e.label(), ids[e.To])
		}
	}
	return b.String()
}

// Dot is the graph in the language of Graphviz.
func (g Graph) Dot() string {
	var b strings.Builder
	b.WriteString("digraph app {\n  rankdir=LR\n  node [shape=box]\n")
	for _, n := range g.Nodes {
		fmt.Fprintf(&b, "  %s [label=%s]\n", quoted(n.Name), quoted(n.Name+`\n`+n.Kind))
	}
	for _, e := range g.Edges {
		style := ""
		switch {
		case !e.Chain:
			style = fmt.Sprintf(" [style=dashed, label=%s]", quoted(e.label()))
		case e.By != "":
			style = fmt.Sprintf(" [label=%s]", quoted(e.by()))
		}
		fmt.Fprintf(&b, "  %s -> %s%s\n", quoted(e.From), quoted(e.To), style)
	}
	b.WriteString("}\n")
	return b.String()
}

// quoted is a text in the quotes of Graphviz, in which a backslash is part of an escape such as \n.
func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }
