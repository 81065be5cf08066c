package fleet

import (
	"github.com/charmbracelet/bubbles/key"

	"github.com/woodwork-lang/ww/tui/keymap"
)

type keyMap struct{ up, down, first, last, open, close, restart, lines key.Binding }

func newKeys(keys keymap.Map) keyMap {
	bind := keys.In("fleet").Bind
	return keyMap{
		up:      bind("up", "↑", "up", "up", "k"),
		down:    bind("down", "↑↓", "select", "down", "j"),
		first:   bind("first", "g", "first", "home", "g"),
		last:    bind("last", "G", "last", "end", "G"),
		open:    bind("open", "enter", "details", "enter"),
		close:   bind("close", "esc", "close details", "esc"),
		restart: bind("restart", "r", "restart", "r"),
		lines:   bind("lines", "l", "logs", "l"),
	}
}

// enable leaves only those keys on that can do something now, so that help never promises more.
func (m Model) enable() Model {
	any := len(m.rows) > 0
	for _, k := range []*key.Binding{&m.keys.up, &m.keys.down, &m.keys.first, &m.keys.last, &m.keys.restart, &m.keys.lines} {
		k.SetEnabled(any)
	}
	m.keys.open.SetEnabled(any && !m.open)
	m.keys.close.SetEnabled(m.open)
	return m
}

// Keys are what can be pressed here now, the most useful first.
func (m Model) Keys() []key.Binding {
	up := m.keys.up
	up.SetHelp("", "") // one hint for both directions
	return []key.Binding{m.keys.close, m.keys.down, up, m.keys.open, m.keys.restart, m.keys.lines, m.keys.first, m.keys.last}
}
