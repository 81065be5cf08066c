package chat

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

func talked(turns ...state.Turn) Model {
	m := New(theme.New(theme.Options{Profile: termenv.Ascii}), keymap.Map{}).In(kit.Place{W: 60, H: 20, Focused: true})
	return m.With("s", turns, nil)
}

func exchanged(id, text, answer string) state.Turn {
	return state.Turn{ID: id, Session: "s", Text: text, End: &event.End{Turn: id, Status: event.StatusOK, Answer: answer}}
}

func TestATurnIsAskedAgainAndTheDraftStays(t *testing.T) {
	t.Parallel()
	m := talked(exchanged("1", "what is it?", "it"))
	m, _ = m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("half a sent")})
	m, do := m.Update(tea.KeyMsg{Type: tea.KeyCtrlR})
	if !cmp.Equal(do, order.Order(order.Send{Text: "what is it?"})) || m.input.Value() != "half a sent" {
		t.Errorf("ctrl+r asked for %v, and %q is in the text field", do, m.input.Value())
	}
	running := talked(state.Turn{ID: "1", Session: "s", Text: "what is it?"})
	if _, do = running.Update(tea.KeyMsg{Type: tea.KeyCtrlR}); do != nil {
		t.Errorf("while the turn runs ctrl+r asked for %v", do)
	}
}

func TestCodeBlocksAreCopiedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	m := talked(
		exchanged("1", "q", "first:\n```go\npackage a\n\nfunc A() {}\n```\nthen\n  ```\n  two\n  ```\n"),
		exchanged("2", "q", "no code"),
		exchanged("3", "q", "an open one:\n```\nthree\n"),
	)
	altY := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("y"), Alt: true}
	for _, want := range []string{"three\n", "two\n", "package a\n\nfunc A() {}\n", "three\n"} {
		var do order.Order
		m, do = m.Update(altY)
		if got, ok := do.(order.Copy); !ok || got.Text != want {
			t.Errorf("alt+y copied %+v, want %q", do, want)
		}
	}
	m, _ = m.Update(tea.KeyMsg{Type: tea.KeyLeft})
	if _, do := m.Update(altY); do.(order.Copy).Text != "three\n" {
		t.Errorf("after another key alt+y copied %+v, not the last block", do)
	}
	var keys []string
	for _, k := range talked(exchanged("1", "q", "no code")).Keys() {
		if k.Enabled() {
			keys = append(keys, k.Help().Desc)
		}
	}
	if all := strings.Join(keys, ", "); strings.Contains(all, "code block") || !strings.Contains(all, "ask again") {
		t.Errorf("the keys are %s", all)
	}
}
