package graph

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Layout says how a graph is drawn for people.
type Layout struct {
	Width int  // columns; default 80
	ASCII bool // no lines and arrows
	// Note is what is said about a connection beside it; nil: nothing.
	Note func(Edge) string
}

// marks are the signs that a drawing is made of.
type marks struct {
	down, branch, last, side, through string
	above, back, below                string
}

func (l Layout) marks() marks {
	if l.ASCII {
		return marks{
			down: "v", branch: "|-", last: "`-", side: "> ", through: "|  ",
			above: "(above)", back: "(back: a circle)", below: "(continued below)",
		}
	}
	return marks{
		down: "▼", branch: "├─", last: "└─", side: "▶ ", through: "│  ",
		above: "↑ above", back: "↺ back: a circle", below: "↓ continued below",
	}
}

// drawing is a graph that is being drawn, line by line.
type drawing struct {
	marks
	width   int
	note    func(Edge) string
	nodes   map[string]Node
	out     map[string][]Edge
	closing map[Edge]bool
	drawn   map[string]bool
	later   []Node // what had no room where it belongs
	lines   []row
}

// row is one line: what stands on the left, what that is, and what is said about it.
type row struct {
	left, right string
	said        string // of the way to it; it never moves the rest
}

// Text draws the graph as a tree that is read from above. Turns go down; what a component uses hangs on its side. A
// component is drawn once: where it is met again, there is a word that says where it was. No line is wider than the layout,
// unless a name is.
func (g Graph) Text(l Layout) string {
	if l.Width <= 0 {
		l.Width = 80
	}
	note := func(e Edge) string {
		if l.Note == nil {
			return e.by()
		}
		return strings.TrimSpace(e.by() + "  " + l.Note(e))
	}
	d := &drawing{marks: l.marks(), width: l.Width, note: note, nodes: map[string]Node{}, out: g.from(), closing: g.Closing(), drawn: map[string]bool{}}
	for _, n := range g.Nodes {
		d.nodes[n.Name] = n
	}
	for _, n := range g.heads() {
		d.root(n)
		for len(d.later) > 0 {
			n, d.later = d.later[0], d.later[1:]
			d.root(n)
		}
	}
	return d.String()
}

func (d *drawing) root(n Node) {
	if d.drawn[n.Name] {
		return
	}
	if len(d.lines) > 0 {
		d.lines = append(d.lines, row{})
	}
	d.node(n, "", "", "")
}

// node draws a component and what comes behind it. lead is what stands before its name, below what stands before
// everything under it, said what is known of the way to it.
func (d *drawing) node(n Node, lead, below, said string) {
	edges := d.out[n.Name]
	if len(edges) > 0 && ansi.StringWidth(below) > d.width/2 {
		d.lines = append(d.lines, row{lead + n.Name, d.below, said})
		d.later = append(d.later, n)
		return
	}
	d.drawn[n.Name] = true
	kind := n.Kind
	if n.Implied {
		kind += ", implied"
	}
	d.lines = append(d.lines, row{lead + n.Name, kind, said})
	var hops []Edge
	for _, e := range edges {
		if e.Chain {
			hops = append(hops, e)
		}
	}
	straight := len(hops) == 1 // turns go on right below
	side := edges
	if straight {
		side = edges[:len(edges)-1]
	}
	for i, e := range side {
		sign, under := d.branch, d.through
		if i == len(side)-1 && !straight {
			sign, under = d.last, "   "
		}
		if e.Chain {
			sign += d.side
		} else {
			sign += " " + e.Label + ": "
		}
		d.edge(e, below+sign, below+under)
	}
	if straight {
		d.lines = append(d.lines, row{below + d.down, "", d.note(hops[0])})
		d.way(hops[0], below, below, "")
	}
}

func (d *drawing) edge(e Edge, lead, below string) { d.way(e, lead, below, d.note(e)) }

func (d *drawing) way(e Edge, lead, below, said string) {
	to := d.nodes[e.To]
	switch {
	case d.closing[e]:
		d.lines = append(d.lines, row{lead + to.Name, d.back, said})
	case d.drawn[e.To]:
		d.lines = append(d.lines, row{lead + to.Name, d.above, said})
	default:
		d.node(to, lead, below, said)
	}
}

// String sets the right side of all lines below each other, as far as there is room.
func (d *drawing) String() string {
	left, right := 0, 0
	for _, r := range d.lines {
		left, right = max(left, ansi.StringWidth(r.left)), max(right, ansi.StringWidth(r.right))
	}
	column := min(left, max(0, d.width-right-2))
	more := "…"
	if d.side == "> " {
		more = "..."
	}
	var b strings.Builder
	for _, r := range d.lines {
		used := ansi.StringWidth(r.left)
		text := r.left
		if said := strings.TrimPrefix(r.right+"  "+r.said, "  "); strings.TrimSpace(said) != "" {
			gap := max(column-used, 0) + 2
			text += strings.Repeat(" ", gap) + ansi.Truncate(said, max(d.width-used-gap, 0), more)
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}
