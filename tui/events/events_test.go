package events

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

func told(source, typ, turn, body string) Event {
	return Event{Message: event.Message{Header: event.Header{Source: source, Type: typ, Turn: turn}, Body: []byte(body)}, At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local)}
}

func press(m Model, keys ...string) (Model, order.Order) {
	var do order.Order
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		for _, typ := range []tea.KeyType{tea.KeyUp, tea.KeyDown, tea.KeyEnter, tea.KeyEsc} {
			if (tea.KeyMsg{Type: typ}).String() == k {
				msg = tea.KeyMsg{Type: typ}
			}
		}
		m, do = m.Update(msg)
	}
	return m, do
}

func TestEventsAreFilteredAndTheirPayloadIsShownWhole(t *testing.T) {
	t.Parallel()
	m := New(theme.New(theme.Options{Profile: termenv.Ascii}), keymap.Map{}).In(kit.Place{Title: "events", W: 60, H: 14, Focused: true})
	long := `{"call_id":"1","data":"` + strings.Repeat("word ", 100) + `","last":true}`
	m = m.With([]Event{told("brain", event.EventCallBegun, "t-1", long), told("weather", event.EventReady, "", `{"name":"weather"}`)})
	m, _ = press(m, "/", "CALL", "enter")
	if view := ansi.Strip(m.View(time.Time{})); !strings.Contains(view, "call.begun") || strings.Contains(view, "component.ready") || strings.Contains(view, `"last"`) {
		t.Errorf("filtered:\n%s", view)
	}
	_, do := press(m, "p")
	if whole, ok := do.(order.Text); !ok || !strings.Contains(whole.Text, "\n  \"last\": true\n") || whole.Title != "brain call.begun" {
		t.Errorf("p asked for %+v", do)
	}
	if _, do = press(m, "enter"); do != order.Order(order.Show{Pane: order.Chains, Turn: "t-1"}) {
		t.Errorf("enter asked for %+v", do)
	}
	m, _ = press(m, "esc")
	if view := ansi.Strip(m.View(time.Time{})); !strings.Contains(view, "component.ready") {
		t.Errorf("without the filter:\n%s", view)
	}
	_, do = press(m.With([]Event{told("x", "a.b", "", "no JSON")}), "p")
	if whole := do.(order.Text); whole.Text != "no JSON" {
		t.Errorf("no JSON: %+v", whole)
	}
}
