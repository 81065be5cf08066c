package fleet

import "github.com/charmbracelet/bubbles/key"

type keyMap struct{ up, down, first, last, open, close, restart, lines key.Binding }

func newKeys() keyMap {
	bind := func(k, what string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(k, what))
	}
	return keyMap{
		up:      bind("↑", "up", "up", "k"),
		down:    bind("↑↓", "select", "down", "j"),
		first:   bind("g", "first", "home", "g"),
		last:    bind("G", "last", "end", "G"),
		open:    bind("enter", "details", "enter"),
		close:   bind("esc", "close details", "esc"),
		restart: bind("r", "restart", "r"),
		lines:   bind("l", "logs", "l"),
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
