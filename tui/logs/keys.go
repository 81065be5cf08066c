package logs

import "github.com/charmbracelet/bubbles/key"

type keyMap struct {
	up, down, pageUp, pageDown, first, follow           key.Binding
	search, next, previous, clear, level, session       key.Binding
	wrap, times, pretty, mark, yank, all, leave, accept key.Binding
}

func newKeys() keyMap {
	bind := func(k, what string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(k, what))
	}
	return keyMap{
		up:       bind("↑", "", "up", "k"),
		down:     bind("↑↓", "scroll", "down", "j"),
		pageUp:   bind("pgup", "earlier", "pgup", "ctrl+u"),
		pageDown: bind("pgdn", "later", "pgdown", "ctrl+d"),
		first:    bind("g", "first", "home", "g"),
		follow:   bind("f", "follow", "f", "end", "G"),
		search:   bind("/", "search", "/"),
		next:     bind("n", "next match", "n"),
		previous: bind("N", "match before", "N"),
		clear:    bind("esc", "clear search", "esc"),
		level:    bind("v", "level", "v"),
		session:  bind("s", "this session", "s"),
		wrap:     bind("w", "wrap", "w"),
		times:    bind("t", "times", "t"),
		pretty:   bind("p", "pretty JSON", "p"),
		mark:     bind("m", "mark", "m"),
		yank:     bind("y", "copy", "y"),
		all:      bind("a", "all components", "a"),
		leave:    bind("esc", "fleet", "esc"),
		accept:   bind("enter", "keep", "enter"),
	}
}

// Keys are what can be pressed here now, the most useful first.
func (m Model) Keys() []key.Binding {
	k := m.keys
	if m.typing {
		k.clear.SetHelp("esc", "cancel")
		return []key.Binding{k.accept, k.clear}
	}
	searching := m.grep != nil
	k.clear.SetEnabled(searching)
	k.leave.SetEnabled(!searching)
	k.next.SetEnabled(searching)
	k.previous.SetEnabled(searching)
	k.all.SetEnabled(m.only != "")
	k.follow.SetEnabled(!m.following())
	k.session.SetEnabled(m.talk != "")
	return []key.Binding{
		k.search, k.clear, k.leave, k.follow, k.level, k.all, k.down, k.next, k.previous, k.wrap, k.times, k.pretty, k.mark, k.yank, k.session,
		k.pageUp, k.pageDown, k.first,
	}
}
