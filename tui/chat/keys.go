package chat

import "github.com/charmbracelet/bubbles/key"

type keyMap struct{ send, newline, older, newer, pageUp, pageDown, back, compose, cancel, yank key.Binding }

func newKeys() keyMap {
	bind := func(k, what string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(k, what))
	}
	return keyMap{
		send:     bind("enter", "send", "enter"),
		newline:  bind("ctrl+j", "new line", "ctrl+j", "alt+enter"), // the text field takes it
		older:    bind("↑↓", "history", "up"),
		newer:    bind("↓", "newer", "down"),
		pageUp:   bind("pgup", "earlier", "pgup"),
		pageDown: bind("pgdn", "later", "pgdown"),
		back:     bind("esc", "fleet", "esc"),
		compose:  bind("ctrl+o", "editor", "ctrl+o"),
		cancel:   bind("ctrl+x", "cancel turn", "ctrl+x"),
		yank:     bind("ctrl+y", "copy answer", "ctrl+y"),
	}
}
