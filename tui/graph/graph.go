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
	theme  *theme.Theme
	keys   keyMap
	at     kit.Place
	graph  graph.Graph
	words  map[string]state.Word // of the components
	passed map[string]int        // hops of ended turns, by component
	pager  kit.Pager
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

// With takes over how the app is connected, how its components are, and what has gone through.
func (m Model) With(g graph.Graph, components []state.Component, turns []state.Turn) Model {
	m.graph, m.words, m.passed = g, map[string]state.Word{}, map[string]int{}
	for _, c := range components {
		m.words[c.Name] = c.State
	}
	for i := range turns {
		if turns[i].End == nil {
			continue
		}
		for _, h := range turns[i].End.Hops {
			m.passed[h.Component]++
		}
	}
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
	m.pager = m.pager.Move(-n, len(m.lines()), h)
	return m
}

// View draws the pane.
func (m Model) View(time.Time) string {
	w, h := kit.Inner(m.at.W, m.at.H)
	frame := kit.Frame{Title: m.at.Title, Focused: m.at.Focused}
	if w <= 0 || h <= 0 {
		return frame.Render(m.theme, nil, m.at.W, m.at.H)
	}
	return frame.Render(m.theme, m.pager.Of(m.lines(), h), m.at.W, m.at.H)
}

// lines is the drawing, with how each component is and how many turns it has passed on.
func (m Model) lines() []string {
	w, _ := kit.Inner(m.at.W, m.at.H)
	g := m.graph
	g.Nodes = nil
	for _, n := range m.graph.Nodes {
		n.Kind = strings.TrimSpace(n.Kind + " " + m.note(n.Name))
		g.Nodes = append(g.Nodes, n)
	}
	text := kit.Clean(g.Text(graph.Layout{Width: max(20, w), ASCII: m.theme.ASCII()}))
	if strings.TrimSpace(text) == "" {
		return []string{m.theme.Dim.Paint("how the app is connected is not known yet")}
	}
	return strings.Split(strings.TrimRight(text, "\n"), "\n")
}

func (m Model) note(name string) string {
	var parts []string
	if word, ok := m.words[name]; ok && word != state.Ready {
		glyph, _ := m.theme.Glyph(word)
		parts = append(parts, glyph+" "+string(word))
	}
	if n := m.passed[name]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d passed", n))
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
