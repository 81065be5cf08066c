// Package keymap names every key of the screen, and reads the file in which a person gives them other ones.
//
// A key belongs to an action of a scope: "restart" of "fleet". Panes bind their keys through a [Scope]; what they name
// there is what the file may name, and what the help shows.
package keymap

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/key"
)

// Map is the keys that a person has chosen. The zero Map has none: every action has its own.
type Map struct {
	chosen map[string][]string // by scope.action
	seen   *[]Action           // a list to be filled; nil: nobody asks
}

// Action is what a key does, as the screen has it without a file.
type Action struct {
	Scope, Name string
	What        string
	Keys        []string
}

// Listing is a Map that notes every action that is bound through it.
func Listing(seen *[]Action) Map { return Map{seen: seen} }

// Scope is the actions of one pane.
type Scope struct {
	keys Map
	name string
}

// In is a scope.
func (m Map) In(scope string) Scope { return Scope{keys: m, name: scope} }

// Bind is the binding of an action: these keys, shown so, unless a person has chosen others.
func (s Scope) Bind(action, shown, what string, keys ...string) key.Binding {
	if s.keys.seen != nil {
		*s.keys.seen = append(*s.keys.seen, Action{s.name, action, what, keys})
	}
	if mine, ok := s.keys.chosen[s.name+"."+action]; ok {
		if len(mine) == 0 {
			return key.NewBinding(key.WithDisabled())
		}
		keys = mine
		if shown != "" {
			shown = Shown(mine[0])
		}
	}
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, what))
}

// Shown is a key as help writes it.
func Shown(k string) string {
	if k == " " {
		return "space"
	}
	return k
}

// Untyped leaves only those keys of a binding that are no letters: they act while somebody is typing.
func Untyped(b key.Binding) key.Binding {
	keys := slices.DeleteFunc(slices.Clone(b.Keys()), Letter)
	if len(keys) == len(b.Keys()) {
		return b
	}
	if len(keys) == 0 {
		b.SetEnabled(false)
		return b
	}
	b.SetKeys(keys...)
	b.SetHelp(Shown(keys[0]), b.Help().Desc)
	return b
}

// Letter says that a key puts something into a text field.
func Letter(k string) bool { return utf8.RuneCountInString(k) == 1 }

// named are the keys that are called by a word; with ctrl+, alt+ and shift+ where terminals have it.
var named = [...]string{
	"enter", "esc", "tab", "up", "down", "left", "right", "home", "end", "pgup", "pgdown", "delete", "backspace", "insert",
}

// known says whether a terminal can send a key of this name.
func known(k string) bool {
	k = strings.TrimPrefix(k, "alt+")
	if Letter(k) {
		return true
	}
	if n, ok := strings.CutPrefix(k, "f"); ok && (len(n) == 1 && n >= "1" && n <= "9" || len(n) == 2 && n >= "10" && n <= "20") {
		return true
	}
	if c, ok := strings.CutPrefix(k, "ctrl+"); ok && len(c) == 1 && (c[0] >= 'a' && c[0] <= 'z' || strings.Contains(`@\]^_`, c)) {
		return true
	}
	k = strings.TrimPrefix(k, "ctrl+")
	k = strings.TrimPrefix(k, "shift+")
	return slices.Contains(named[:], k)
}
