package chains

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

var now = time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func pane(turns ...state.Turn) Model {
	m := New(theme.New(theme.Options{Profile: termenv.Ascii}), keymap.Map{})
	return m.In(kit.Place{Title: "chains", W: 100, H: 30, Focused: true}).With(turns)
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

func agentTurn() state.Turn {
	return state.Turn{
		ID: "t-1", Session: "s-1", Text: "clean up", StartedAt: ago(5 * time.Second), EndedAt: ago(3 * time.Second),
		Calls: []state.Call{
			{ID: "1", From: "keeper", To: "files", Data: "list", Result: "dust", StartedAt: ago(4500 * time.Millisecond), Took: 500 * time.Millisecond, Done: true},
			{ID: "2", From: "files", To: "disk", Error: "no space left", StartedAt: ago(4400 * time.Millisecond), Took: 100 * time.Millisecond, Done: true},
			{ID: "3", From: "keeper", To: "advisor", Fallback: "static", StartedAt: ago(4 * time.Second), Took: time.Second, Done: true},
		},
		End: &event.End{Turn: "t-1", Session: "s-1", Status: event.StatusOK, Answer: "clean", TookMS: 2000, Hops: []event.Hop{
			{Component: "in", ServiceMS: 1},
			{Component: "keeper", Parent: "in", ServiceMS: 1900, Tokens: 412, Generation: 7, Attempt: 2, Fallbacks: "advisor:static"},
			{Component: "out", Parent: "keeper", ServiceMS: 1},
		}},
	}
}

func lines(m Model) string { return ansi.Strip(m.View(now)) }

func TestCallsAreUnderTheHopThatMadeThem(t *testing.T) {
	t.Parallel()
	view := lines(pane(agentTurn()))
	at := 0
	for _, want := range []string{"1 by fallback", "in ", "keeper", "files", "disk", "no space left", "advisor", "fallback advisor:static", "out "} {
		i := strings.Index(view[at:], want)
		if i < 0 {
			t.Fatalf("no %q after the others:\n%s", want, view)
		}
		at += i
	}
	m, _ := press(pane(agentTurn()), "enter", "down")
	if view = lines(m); !strings.Contains(view, "generation 7, attempt 2") || !strings.Contains(view, "fallback: advisor:static") {
		t.Errorf("the selected hop is not told whole:\n%s", view)
	}
	if m, _ = press(m, "down"); !strings.Contains(lines(m), "keeper asked files: 500 ms after 500 ms; 4 bytes asked, 4 answered") {
		t.Errorf("the selected call is not told:\n%s", lines(m))
	}
}

func TestATurnLeadsToItsLogsItsMessagesItsRecordingAndItsSession(t *testing.T) {
	t.Parallel()
	m := pane(agentTurn())
	for keys, want := range map[string]order.Order{
		"l":                    order.Show{Pane: order.Logs, Turn: "t-1"},
		"enter down l":         order.Show{Pane: order.Logs, Component: "keeper", Turn: "t-1"},
		"enter down down l":    order.Show{Pane: order.Logs, Component: "files", Turn: "t-1"},
		"m":                    order.Read{What: order.Messages, Session: "s-1", Turn: "t-1"},
		"c":                    order.Read{What: order.Recording, Session: "s-1", Turn: "t-1"},
		"s":                    order.Talk{Session: "s-1"},
		"enter down enter x m": order.Read{What: order.Messages, Session: "s-1", Turn: "t-1"},
	} {
		if _, do := press(m, strings.Fields(keys)...); !cmp.Equal(want, do) {
			t.Errorf("%s asked for %#v, want %#v", keys, do, want)
		}
	}
}

func TestAReplayBeginsAtTheChosenHop(t *testing.T) {
	t.Parallel()
	m := pane(agentTurn())
	_, do := press(m, "R")
	items := do.(order.Pick).Items
	if len(items) != 6 || !cmp.Equal(items[0].Do, order.Order(order.Replay{How: "all", Session: "s-1"})) || !cmp.Equal(items[1].Do, order.Order(order.Replay{How: "llm", Session: "s-1"})) {
		t.Errorf("R offers %+v", items)
	}
	_, do = press(m, "enter", "down", "R")
	want := order.Order(order.Replay{How: "from", Session: "s-1", Turn: "t-1", Component: "keeper", Nth: 1})
	if first := do.(order.Pick).Items[0]; !cmp.Equal(first.Do, want) {
		t.Errorf("on a hop R offers first %+v, want %+v", first, want)
	}
	running := agentTurn()
	running.End = nil
	if _, do = press(pane(running), "R"); do != nil {
		t.Errorf("a turn that runs is replayed: %v", do)
	}
}

func TestARunningTurnShowsItsCallsAsTheyCome(t *testing.T) {
	t.Parallel()
	running := agentTurn()
	running.End, running.Calls[2].Done, running.Calls[2].Fallback = nil, false, ""
	view := lines(pane(running))
	for _, want := range []string{"running", "keeper", "├ files  list", "✓ 500 ms", "└ disk", "✗ no space left", "└ advisor", "running 4.0 s"} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q:\n%s", want, view)
		}
	}
	loop := running
	loop.Calls = []state.Call{{ID: "1", From: "a", To: "b"}, {ID: "2", From: "b", To: "a"}}
	_ = lines(pane(loop)) // nobody calls who is not called: nothing to show, and no end of it
}
