// Package sheet shows a text over the panes until it is closed: the messages of a turn, a recording, how a replay went.
package sheet

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Model is the page. It is a value: every method that changes something returns another one.
type Model struct {
	theme *theme.Theme
	keys  keyMap
	title string
	text  string
	lines []string // text at the width w
	w, h  int
	pager kit.Pager
}

type keyMap struct{ up, down, pageUp, pageDown, yank, close key.Binding }

// New returns a page that fills w×h.
func New(t *theme.Theme, keys keymap.Map, title, text string, w, h int) Model {
	bind := keys.In("sheet").Bind
	m := Model{theme: t, title: kit.CleanLine(title), text: text, keys: keyMap{
		up: bind("up", "↑", "", "up", "k"), down: bind("down", "↑↓", "scroll", "down", "j"),
		pageUp: bind("page-up", "pgup", "earlier", "pgup", "ctrl+u"), pageDown: bind("page-down", "pgdn", "later", "pgdown", "ctrl+d", " "),
		yank: bind("yank", "y", "copy", "y"), close: bind("close", "esc", "close", "esc", "q"),
	}}
	return m.WithSize(w, h)
}

// WithSize says how much room there is.
func (m Model) WithSize(w, h int) Model {
	m.w, m.h = w, h
	iw, ih := kit.Inner(w, h)
	m.lines = kit.WrapAll(kit.Clean(strings.TrimRight(m.text, "\n")), max(1, iw))
	m.pager = m.pager.Move(0, len(m.lines), ih)
	return m
}

// Keys are what can be pressed here now, the most useful first.
func (m Model) Keys() []key.Binding {
	k := m.keys
	return []key.Binding{k.close, k.down, k.up, k.yank, k.pageDown, k.pageUp}
}

// Update takes a key press. closed says that the page is done with.
func (m Model) Update(k tea.KeyMsg) (next Model, do order.Order, closed bool) {
	_, h := kit.Inner(m.w, m.h)
	switch {
	case key.Matches(k, m.keys.close):
		return m, nil, true
	case key.Matches(k, m.keys.yank):
		return m, order.Copy{Text: m.text, What: m.title}, false
	case key.Matches(k, m.keys.up):
		return m.Scroll(1), nil, false
	case key.Matches(k, m.keys.down):
		return m.Scroll(-1), nil, false
	case key.Matches(k, m.keys.pageUp):
		return m.Scroll(h - 1), nil, false
	case key.Matches(k, m.keys.pageDown):
		return m.Scroll(1 - h), nil, false
	}
	return m, nil, false
}

// Scroll moves the text, upwards when n is positive.
func (m Model) Scroll(n int) Model {
	_, h := kit.Inner(m.w, m.h)
	m.pager = m.pager.Move(-n, len(m.lines), h)
	return m
}

// View draws the page.
func (m Model) View() string {
	_, h := kit.Inner(m.w, m.h)
	frame := kit.Frame{Title: m.title, Foot: "esc close", Focused: true}
	if n := len(m.lines); n > h && h > 0 {
		frame.Right = fmt.Sprintf("%d to %d of %d", m.pager.Top+1, min(n, m.pager.Top+h), n)
	}
	return frame.Render(m.theme, m.pager.Of(m.lines, h), m.w, m.h)
}
