package tui

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"

	"github.com/woodwork-lang/ww/tui/order"
)

// keyMap holds the keys that work everywhere. Those of a pane are the pane's.
type keyMap struct{ quit, kill, help, close, palette, nextPane, prevPane, tabs, nextTab, prevTab, suspend key.Binding }

func newKeys() keyMap {
	bind := func(k, what string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(k, what))
	}
	return keyMap{
		quit:     bind("q", "quit", "q"),
		kill:     bind("ctrl+c", "quit", "ctrl+c"),
		help:     bind("?", "help", "?", "f1"),
		close:    bind("esc", "close help", "esc", "?", "f1", "q"),
		nextPane: bind("tab", "focus", "tab"),
		prevPane: bind("shift+tab", "focus back", "shift+tab"),
		palette:  bind("ctrl+p", "all actions", "ctrl+p", ":"),
		tabs:     bind("1-7", "go to a tab", digits("")...),
		nextTab:  bind("]", "next tab", "]"),
		prevTab:  bind("[", "tab before", "["),
		suspend:  bind("ctrl+z", "suspend", "ctrl+z"),
	}
}

// forFocus leaves only those keys on that act now: letters act only when no text field has the focus.
func (k keyMap) forFocus(typing, panes bool) keyMap {
	k.quit.SetEnabled(!typing)
	k.tabs.SetEnabled(!typing && panes)
	k.nextTab.SetEnabled(!typing && panes)
	k.prevTab.SetEnabled(!typing && panes)
	if typing {
		k.palette.SetKeys("ctrl+p")
		k.tabs.SetEnabled(panes)
		k.tabs.SetKeys(digits("alt+")...)
		k.tabs.SetHelp("alt+1-7", "go to a tab")
	}
	k.nextPane.SetEnabled(panes)
	k.prevPane.SetEnabled(panes)
	if typing {
		k.help.SetKeys("f1")
		k.help.SetHelp("f1", "help")
	}
	return k
}

// always are the hints on the right of the status line.
func (k keyMap) always() []key.Binding {
	if k.quit.Enabled() {
		return []key.Binding{k.help, k.quit}
	}
	return []key.Binding{k.help, k.kill}
}

// all are the bindings for the help screen.
func (k keyMap) all() []key.Binding {
	return []key.Binding{k.palette, k.tabs, k.nextTab, k.prevTab, k.nextPane, k.prevPane, k.help, k.suspend, k.quit, k.kill}
}

// digits are the keys of the tabs.
func digits(prefix string) []string {
	var keys []string
	for p := range order.Panes {
		keys = append(keys, fmt.Sprintf("%s%d", prefix, p+1))
		if prefix == "" {
			keys = append(keys, fmt.Sprintf("alt+%d", p+1))
		}
	}
	return keys
}
