package tui

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"

	"github.com/woodwork-lang/ww/tui/fleet"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/palette"
	"github.com/woodwork-lang/ww/tui/sheet"
	"github.com/woodwork-lang/ww/tui/theme"
)

// keyMap holds the keys that work everywhere. Those of a pane are the pane's.
type keyMap struct {
	quit, kill, help, close, palette, nextPane, prevPane, nextTab, prevTab, plain, suspend, unplay, zoom, helpUp, helpDown key.Binding
	tabs                                                                                                                   [order.Panes]key.Binding
	tab                                                                                                                    key.Binding // stands for all of them in the help
}

func newKeys(keys keymap.Map) keyMap {
	bind := keys.In(keymap.Global).Bind
	k := keyMap{
		quit:     bind("quit", "q", "quit", "q"),
		kill:     bind(keymap.Leave, "ctrl+c", "quit", "ctrl+c"),
		help:     bind("help", "?", "help", "?", "f1"),
		close:    bind("close-help", "esc", "close help", "esc", "?", "f1", "q"),
		nextPane: bind("next-pane", "tab", "other pane", "tab"),
		prevPane: bind("previous-pane", "shift+tab", "pane before", "shift+tab"),
		palette:  bind("palette", "ctrl+p", "all actions", "ctrl+p", ":"),
		nextTab:  bind("next-tab", "]", "next tab", "]"),
		prevTab:  bind("previous-tab", "[", "tab before", "["),
		plain:    bind("plain", "S", "plain lines", "S"),
		helpUp:   bind("help-up", "↑", "", "up", "k", "pgup"),
		helpDown: bind("help-down", "↓", "", "down", "j", "pgdown", " "),
		zoom:     bind("zoom", "z", "whole screen", "z", "alt+z"),
		unplay:   bind("end-replay", "ctrl+g", "end the replay", "ctrl+g"),
		suspend:  bind("suspend", "ctrl+z", "suspend", "ctrl+z"),
	}
	for p := range order.Panes {
		n := fmt.Sprint(p + 1)
		k.tabs[p] = bind(tabName(p), n, "go to "+tabName(p), n, "alt+"+n)
	}
	first, last := k.tabs[0].Help().Key, k.tabs[order.Panes-1].Help().Key
	k.tab = key.NewBinding(key.WithKeys("tabs"), key.WithHelp(first+"-"+last, "go to a tab"))
	return k
}

// actions are all that a key can do, as the screen has them without a file.
func actions() []keymap.Action {
	var seen []keymap.Action
	list, look := keymap.Listing(&seen), theme.New(theme.Options{})
	newKeys(list)
	fleet.New(look, list)
	newPanes(look, list)
	palette.New(look, list, nil)
	sheet.New(look, list, "", "", 0, 0)
	return seen
}

// forFocus leaves only those keys on that act now: letters act only when no text field has the focus.
func (k keyMap) forFocus(typing, panes bool) keyMap {
	if typing {
		for _, b := range []*key.Binding{&k.quit, &k.help, &k.palette, &k.nextPane, &k.prevPane, &k.nextTab, &k.prevTab, &k.plain, &k.zoom} {
			*b = keymap.Untyped(*b)
		}
		for p := range k.tabs {
			k.tabs[p] = keymap.Untyped(k.tabs[p])
		}
		k.tab.SetHelp(k.tabs[0].Help().Key+"-"+fmt.Sprint(int(order.Panes)), "go to a tab")
	}
	for _, b := range []*key.Binding{&k.nextPane, &k.prevPane, &k.nextTab, &k.prevTab, &k.tab, &k.zoom} {
		b.SetEnabled(b.Enabled() && panes && len(b.Keys()) > 0)
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
	return []key.Binding{k.palette, k.tab, k.nextTab, k.prevTab, k.nextPane, k.prevPane, k.zoom, k.plain, k.help, k.unplay, k.suspend, k.quit, k.kill}
}

// tabHints say how to come to the tabs that have no room in the bar.
func (m model) tabHints() []key.Binding { return []key.Binding{m.active().tab} }
