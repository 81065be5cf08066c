package fleet

import (
	"github.com/charmbracelet/bubbles/key"

	"github.com/woodwork-lang/ww/tui/keymap"
)

type keyMap struct {
	up, down, first, last, open, close, restart, stop, lines key.Binding
	sort, search, accept, clear, faults, later, earlier      key.Binding
}

func newKeys(keys keymap.Map) keyMap {
	bind := keys.In("fleet").Bind
	return keyMap{
		up:      bind("up", "↑", "up", "up", "k"),
		down:    bind("down", "↑↓", "select", "down", "j"),
		first:   bind("first", "g", "first", "home", "g"),
		last:    bind("last", "G", "last", "end", "G"),
		open:    bind("open", "enter", "details", "enter"),
		close:   bind("close", "esc", "close details", "esc"),
		later:   bind("later", "pgdn", "more of the card", "pgdown", " "),
		earlier: bind("earlier", "pgup", "back", "pgup"),
		restart: bind("restart", "r", "restart", "r"),
		lines:   bind("lines", "l", "logs", "l"),
		stop:    bind("stop", "s", "stop or start", "s"),
		sort:    bind("sort", "o", "sort", "o"),
		search:  bind("search", "/", "filter", "/"),
		accept:  bind("accept", "enter", "keep", "enter"),
		clear:   bind("clear", "esc", "clear filter", "esc"),
		faults:  bind("faults", "F", "practice faults", "F"),
	}
}

// enable leaves only those keys on that can do something now, so that help never promises more.
func (m Model) enable() Model {
	any := len(m.rows) > 0
	for _, k := range []*key.Binding{&m.keys.up, &m.keys.down, &m.keys.first, &m.keys.last, &m.keys.restart, &m.keys.stop, &m.keys.lines, &m.keys.faults} {
		k.SetEnabled(any)
	}
	m.keys.sort.SetEnabled(len(m.all) > 1)
	m.keys.search.SetEnabled(len(m.all) > 0)
	m.keys.open.SetEnabled(any && !m.open)
	for _, k := range []*key.Binding{&m.keys.close, &m.keys.later, &m.keys.earlier} {
		k.SetEnabled(m.open)
	}
	m.keys.clear.SetEnabled(m.order.filter != "" && !m.open)
	return m
}

// Keys are what can be pressed here now, the most useful first.
func (m Model) Keys() []key.Binding {
	if m.order.typing {
		cancel := m.keys.clear
		cancel.SetEnabled(true)
		cancel.SetHelp(cancel.Help().Key, "cancel")
		return []key.Binding{m.keys.accept, cancel}
	}
	up := m.keys.up
	up.SetHelp("", "") // one hint for both directions
	k := m.keys
	return []key.Binding{
		k.close, k.clear, k.down, up, k.open, k.restart, k.lines, k.search, k.sort, k.stop, k.faults, k.first, k.last, k.later, k.earlier,
	}
}
