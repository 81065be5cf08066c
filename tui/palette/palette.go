// Package palette is the list of everything that can be done now, found by typing a part of its name.
package palette

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Item is one thing that can be done.
type Item = order.Item

// Model is the open palette. It is a value: every method that changes something returns another one.
type Model struct {
	theme *theme.Theme
	keys  keyMap
	items []Item
	field kit.Editor
	list  kit.Window
}

type keyMap struct{ up, down, choose, close key.Binding }

// New returns a palette of these items, with nothing typed.
func New(t *theme.Theme, keys keymap.Map, items []Item) Model {
	bind := keys.In("palette").Bind
	return Model{theme: t, items: items, keys: keyMap{
		up:     bind("up", "↑", "", "up", "ctrl+p", "ctrl+k"),
		down:   bind("down", "↑↓", "select", "down", "ctrl+n"),
		choose: bind("choose", "enter", "do it", "enter"),
		close:  bind("close", "esc", "close", "esc"),
	}}
}

// Typed is the palette with something typed already.
func (m Model) Typed(text string) Model {
	m.field = m.field.With(text)
	return m
}

// Keys are what can be pressed here now, the most useful first.
func (m Model) Keys() []key.Binding {
	return []key.Binding{m.keys.choose, m.keys.down, m.keys.up, m.keys.close}
}

// height bounds the moves; the view fits itself.
const height = 1 << 10

// Update takes a key press. closed says that the palette is done with, do what was chosen.
func (m Model) Update(k tea.KeyMsg) (next Model, do order.Order, closed bool) {
	found := m.found()
	switch {
	case key.Matches(k, m.keys.close):
		return m, nil, true
	case key.Matches(k, m.keys.choose):
		if m.list.Selected < len(found) {
			return m, found[m.list.Selected].Do, true
		}
		return m, nil, false
	case key.Matches(k, m.keys.up):
		m.list = m.list.Move(-1, len(found), height)
	case key.Matches(k, m.keys.down):
		m.list = m.list.Move(1, len(found), height)
	default:
		field, took := m.field.Update(k)
		if took && !strings.Contains(field.Value(), "\n") {
			m.field, m.list = field, kit.Window{}
		}
	}
	return m, nil, false
}

// Scroll moves the selection, upwards when up is positive.
func (m Model) Scroll(up int) Model {
	m.list = m.list.Move(-up, len(m.found()), height)
	return m
}

// Click chooses the item in a row of the inside, when the palette is h rows high; elsewhere it closes.
func (m Model) Click(row, h int) (next Model, do order.Order, closed bool) {
	found := m.found()
	_, ih := kit.Inner(0, h)
	from, to := m.list.Range(len(found), ih-2)
	if i := from + row - 2; row >= 2 && i < to {
		return m, found[i].Do, true
	}
	return m, nil, row < 0
}

// found is the items that have every typed word, in their order.
func (m Model) found() []Item {
	words := strings.Fields(strings.ToLower(m.field.Value()))
	var out []Item
	for _, it := range m.items {
		if hasAll(strings.ToLower(it.Text), words) {
			out = append(out, it)
		}
	}
	return out
}

func hasAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// View draws the palette into w×h.
func (m Model) View(w, h int) string {
	iw, ih := kit.Inner(w, h)
	found := m.found()
	lines := []string{
		m.theme.Accent.Paint(m.theme.Marks.Prompt) + " " + kit.CleanLine(m.field.Value()) + m.theme.Accent.Paint(m.theme.Marks.Cursor),
		"",
	}
	if len(found) == 0 {
		lines = append(lines, m.theme.Dim.Paint("nothing is called so"))
	}
	from, to := m.list.Range(len(found), ih-2)
	for i := from; i < to; i++ {
		it := found[i]
		mark, text := "  ", it.Text
		if i == m.list.Selected {
			mark, text = m.theme.Accent.Paint(m.theme.Marks.Select)+" ", m.theme.Strong.Paint(it.Text)
		}
		hint := m.theme.Text(it.Key)
		room := max(0, iw-2-kit.Width(hint))
		lines = append(lines, mark+kit.FitTail(text, room, m.theme.Marks.Ellipsis)+m.theme.Dim.Paint(hint))
	}
	return kit.Frame{Title: "what to do", Foot: "esc close", Focused: true}.Render(m.theme, lines, w, h)
}
