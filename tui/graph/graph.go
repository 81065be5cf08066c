// Package graph shows how the components are connected, and what goes along the connections now.
package graph

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/graph"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Model is the pane. It is a value: every method that changes something returns another one.
type Model struct {
	theme *theme.Theme
	keys  keyMap
	at    kit.Place
	graph graph.Graph
	about about
	pager kit.Pager
}

// about is the part of the picture that the drawing tells of. It is looked through when it is drawn, not whenever it
// changes.
type about struct {
	components []state.Component
	turns      []state.Turn
	faults     []state.Fault
}

type keyMap struct{ up, down, leave, yank key.Binding }

// New returns an empty pane.
func New(t *theme.Theme, keys keymap.Map) Model {
	bind := keys.In("graph").Bind
	return Model{theme: t, keys: keyMap{
		up: bind("up", "↑", "", "up", "k", "pgup"), down: bind("down", "↑↓", "scroll", "down", "j", "pgdown"),
		leave: bind("leave", "esc", "fleet", "esc"), yank: bind("yank", "y", "copy", "y"),
	}}
}

// WithTheme changes the look.
func (m Model) WithTheme(t *theme.Theme) Model {
	m.theme = t
	return m
}

// In says where the pane stands.
func (m Model) In(at kit.Place) Model {
	m.at = at
	return m
}

// With takes over how the app is connected, how its components are, what goes through, and what is made to fail.
func (m Model) With(g graph.Graph, components []state.Component, turns []state.Turn, faults []state.Fault) Model {
	m.graph, m.about = g, about{components, turns, faults}
	return m
}

// Keys are what can be pressed here now, the most useful first.
func (m Model) Keys() []key.Binding {
	return []key.Binding{m.keys.leave, m.keys.down, m.keys.up, m.keys.yank}
}

// Update takes a key press.
func (m Model) Update(k tea.KeyMsg) (Model, order.Order) {
	switch {
	case key.Matches(k, m.keys.up):
		return m.Scroll(1), nil
	case key.Matches(k, m.keys.down):
		return m.Scroll(-1), nil
	case key.Matches(k, m.keys.yank):
		return m, order.Copy{Text: m.graph.Mermaid(), What: "the graph as Mermaid"}
	case key.Matches(k, m.keys.leave):
		return m, order.Leave{}
	}
	return m, nil
}

// Scroll moves the drawing, upwards when n is positive.
func (m Model) Scroll(n int) Model {
	_, h := kit.Inner(m.at.W, m.at.H)
	m.pager = m.pager.Move(-n, len(m.lines(time.Time{})), h)
	return m
}

// View draws the pane.
func (m Model) View(now time.Time) string {
	w, h := kit.Inner(m.at.W, m.at.H)
	frame := kit.Frame{Title: m.at.Title, Focused: m.at.Focused}
	if w <= 0 || h <= 0 {
		return frame.Render(m.theme, nil, m.at.W, m.at.H)
	}
	return frame.Render(m.theme, m.pager.Of(m.lines(now), h), m.at.W, m.at.H)
}

// roomy is from how many columns on there is room for what kind of a kind a component is.
const roomy = 60

// lines is the drawing, with how each component is and what goes along the ways between them.
func (m Model) lines(now time.Time) []string {
	w, _ := kit.Inner(m.at.W, m.at.H)
	t := m.about.traffic(now)
	g := m.graph
	g.Nodes = nil
	for _, n := range m.graph.Nodes {
		if kind, _, found := strings.Cut(n.Kind, " "); found && w < roomy {
			n.Kind = kind
		}
		n.Kind = strings.TrimSpace(n.Kind + " " + m.note(n.Name, t))
		g.Nodes = append(g.Nodes, n)
	}
	text := kit.Clean(g.Text(graph.Layout{Width: max(20, w), ASCII: m.theme.ASCII(), Note: func(e graph.Edge) string {
		return m.theme.Arrows(t.edge(e).words(m.theme, now, w < roomy))
	}}))
	if strings.TrimSpace(text) == "" {
		return []string{m.theme.Dim.Paint("how the app is connected is not known yet")}
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		switch {
		case strings.Contains(l, m.theme.Marks.No+" "):
			lines[i] = m.theme.Bad.Paint(l)
		case strings.Contains(l, m.theme.Marks.Open+" "):
			lines[i] = m.theme.Warn.Paint(l)
		}
	}
	return lines
}

func (m Model) note(name string, t traffic) string {
	var parts []string
	if word, ok := t.words[name]; ok && word != state.Ready {
		glyph, _ := m.theme.Glyph(word)
		parts = append(parts, glyph+" "+string(word))
	}
	if n := t.passed[name]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d passed", n))
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
