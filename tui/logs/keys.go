package logs

import (
	"github.com/charmbracelet/bubbles/key"

	"github.com/woodwork-lang/ww/tui/keymap"
)

type keyMap struct {
	up, down, pageUp, pageDown, first, follow           key.Binding
	search, next, previous, clear, level, session       key.Binding
	wrap, times, pretty, mark, yank, all, leave, accept key.Binding
}

func newKeys(keys keymap.Map) keyMap {
	bind := keys.In("logs").Bind
	return keyMap{
		up:       bind("up", "↑", "", "up", "k"),
		down:     bind("down", "↑↓", "scroll", "down", "j"),
		pageUp:   bind("page-up", "pgup", "earlier", "pgup", "ctrl+u"),
		pageDown: bind("page-down", "pgdn", "later", "pgdown", "ctrl+d"),
		first:    bind("first", "g", "first", "home", "g"),
		follow:   bind("follow", "f", "follow", "f", "end", "G"),
		search:   bind("search", "/", "search", "/"),
		next:     bind("next", "n", "next match", "n"),
		previous: bind("previous", "N", "match before", "N"),
		clear:    bind("clear", "esc", "clear search", "esc"),
		level:    bind("level", "v", "level", "v"),
		session:  bind("session", "s", "this session", "s"),
		wrap:     bind("wrap", "w", "wrap", "w"),
		times:    bind("times", "t", "times", "t"),
		pretty:   bind("pretty", "p", "pretty JSON", "p"),
		mark:     bind("mark", "m", "mark", "m"),
		yank:     bind("yank", "y", "copy", "y"),
		all:      bind("all", "a", "all components", "a"),
		leave:    bind("leave", "esc", "fleet", "esc"),
		accept:   bind("accept", "enter", "keep", "enter"),
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
	k.all.SetEnabled(len(m.only) > 0 || m.turn != "")
	k.follow.SetEnabled(!m.following())
	k.session.SetEnabled(m.talk != "")
	if m.wrap {
		k.wrap.SetHelp(k.wrap.Help().Key, "cut long lines")
	}
	return []key.Binding{
		k.search, k.clear, k.leave, k.follow, k.level, k.all, k.down, k.next, k.previous, k.wrap, k.times, k.pretty, k.mark, k.yank, k.session,
		k.pageUp, k.pageDown, k.first,
	}
}
