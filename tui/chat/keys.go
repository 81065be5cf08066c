package chat

import (
	"github.com/charmbracelet/bubbles/key"

	"github.com/woodwork-lang/ww/tui/keymap"
)

type keyMap struct{ send, newline, older, newer, pageUp, pageDown, back, compose, cancel, fold, yank, code, resend, talks, fresh key.Binding }

func newKeys(keys keymap.Map) keyMap {
	bind := keys.In("chat").Bind
	return keyMap{
		send:     bind("send", "enter", "send", "enter"),
		newline:  bind("newline", "ctrl+j", "new line", "ctrl+j", "alt+enter"), // the text field takes it
		older:    bind("older", "↑↓", "history", "up"),
		newer:    bind("newer", "↓", "newer", "down"),
		pageUp:   bind("page-up", "pgup", "earlier", "pgup"),
		pageDown: bind("page-down", "pgdn", "later", "pgdown"),
		back:     bind("back", "esc", "fleet", "esc"),
		compose:  bind("compose", "ctrl+o", "editor", "ctrl+o"),
		cancel:   bind("cancel", "ctrl+x", "cancel turn", "ctrl+x"),
		fold:     bind("fold", "ctrl+t", "tool details", "ctrl+t"),
		yank:     bind("yank", "ctrl+y", "copy answer", "ctrl+y"),
		code:     bind("code", "alt+y", "copy code block", "alt+y"),
		resend:   bind("resend", "ctrl+r", "ask again", "ctrl+r"),
		talks:    bind("sessions", "ctrl+s", "sessions", "ctrl+s"),
		fresh:    bind("new-session", "ctrl+n", "new session", "ctrl+n"),
	}
}

// NewSession is the key that begins a session, for the palette.
func (m Model) NewSession() key.Binding { return m.keys.fresh }

// Sessions is the key that lists the sessions.
func (m Model) Sessions() key.Binding { return m.keys.talks }
