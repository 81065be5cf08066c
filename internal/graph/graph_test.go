package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/graph"
)

func TestMain(m *testing.M) { golden.Main(m, "graph") }

// drawn is a graph in short form: "a>b" is a chain, "a-tools>b" a use.
func drawn(edges ...string) graph.Graph {
	var g graph.Graph
	seen := map[string]bool{}
	node := func(name string) {
		if !seen[name] {
			seen[name] = true
			g.Nodes = append(g.Nodes, graph.Node{Name: name, Kind: "llm echo"})
		}
	}
	for _, e := range edges {
		from, to, _ := strings.Cut(e, ">")
		from, label, use := strings.Cut(from, "-")
		node(from)
		if to == "" {
			continue
		}
		node(to)
		if !use {
			label = "to"
		}
		g.Edges = append(g.Edges, graph.Edge{From: from, To: to, Label: label, Chain: !use})
	}
	return g
}

func TestGraphsAreDrawnForPeople(t *testing.T) {
	deep := make([]string, 0, 40)
	for i := range 40 {
		deep = append(deep, fmt.Sprintf("n%d-tools>n%d", i, i+1))
	}
	long := drawn("a>"+strings.Repeat("long", 15), strings.Repeat("long", 15)+"-model>m")
	long.Nodes[0].Implied = true
	mixed := drawn("in>agent", "agent-model>mind", "agent-tools>files", "agent>out", "master>")
	for _, at := range []int{0, 1, 3} {
		mixed.Edges[at].By = "master"
	}
	for name, g := range map[string]graph.Graph{
		"mixed":     mixed,
		"nothing":   {},
		"chain":     drawn("in>brain", "brain>out"),
		"tools":     drawn("in>agent", "agent-model>mind", "agent-tools>files", "agent-tools>web", "web-model>mind", "agent>out"),
		"branches":  drawn("in>a", "a>b", "a>c", "b>d", "c>d", "d>out", "c-memory>m"),
		"circle":    drawn("in>a", "a>b", "b>a", "b>out"),
		"only":      drawn("a>b", "b>a"),
		"self":      drawn("a>a", "a>b"),
		"apart":     drawn("a>b", "c-tools>d", "e>"),
		"deep":      drawn(deep...),
		"long":      long,
		"two-chain": drawn("in>a", "other>a", "a>out"),
	} {
		t.Run(name, func(t *testing.T) {
			text := g.Text(graph.Layout{Width: 80})
			plain := g.Text(graph.Layout{Width: 80, ASCII: true})
			golden.Equal(t, "graph/"+name, text+"\n"+plain)
			for _, r := range plain {
				if r > 126 {
					t.Errorf("%q is not ASCII", r)
				}
			}
			for line := range strings.Lines(text + plain) {
				if w := ansi.StringWidth(strings.TrimSuffix(line, "\n")); w > 80 {
					t.Errorf("%d columns: %s", w, line)
				}
			}
			for _, n := range g.Nodes {
				if !strings.Contains(text, n.Name) {
					t.Errorf("%s is missing", n.Name)
				}
			}
			if strings.Count(text, "↺") != len(g.Closing()) {
				t.Errorf("%d circles are marked, there are %d", strings.Count(text, "↺"), len(g.Closing()))
			}
		})
	}
}

func TestGraphsForPrograms(t *testing.T) {
	g := drawn("end>agent", "agent-model>mind", "agent>out")
	golden.Equal(t, "graph/mermaid", g.Mermaid())
	golden.Equal(t, "graph/dot", g.Dot())
	for i := range g.Edges {
		g.Edges[i].By = "master"
	}
	golden.Equal(t, "graph/by_mermaid", g.Mermaid())
	golden.Equal(t, "graph/by_dot", g.Dot())
}
