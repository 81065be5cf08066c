package tui

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/theme"
)

// TestPlainLinesAndBackLoseNothing: every turn is printed once, whether it came before, there or while the screen was back,
// and the screen has all of them.
func TestPlainLinesAndBackLoseNothing(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 80, 24)
	printed := func(m model) (model, string) {
		text := strings.Join(m.plain.waiting, "\n")
		m.plain.waiting, m.plain.printing = nil, false
		return m, text
	}
	ask := func(m model, id string) model {
		start := state.TurnStarted{Turn: turn(id, "question "+id, "")}
		end := state.TurnEnded{End: event.End{Turn: id, Session: "s-7f2a", Status: event.StatusOK, Answer: "answer " + id, Hops: []event.Hop{{Component: "out"}}}, At: noon}
		return m.happened(eventsMsg{[]state.Event{start, end}, noon})
	}
	m, _ = press(m, "esc")
	m.plain.printing = true // the first lines are on their way
	m, cmd := press(m, "S")
	if !m.plain.on || cmd == nil || strings.Count(m.View(), "\n") != 0 || !strings.Contains(m.View(), "back to the screen") {
		t.Fatalf("no plain lines:\n%s", m.View())
	}
	m, first := printed(m)
	m = ask(m, "here")
	m = m.happened(eventsMsg{[]state.Event{state.ComponentChanged{Component: component("out", "output", 0, state.Failed)}, state.Notice{Text: "reload 8 done"}}, noon})
	m, there := printed(m)
	m, _ = press(m, "S")
	if m.View() != "" {
		t.Errorf("the line below the plain lines stays:\n%s", m.View())
	}
	next, _ := m.Update(leftPlainMsg{})
	m = next.(model)
	if m.plain.on || !strings.Contains(m.View(), "answer here") {
		t.Errorf("the screen has lost a turn:\n%s", m.View())
	}
	m = ask(m, "back")
	if len(m.plain.waiting) > 0 {
		t.Error("lines wait while the screen is shown")
	}
	m.plain.printing = true
	m, _ = press(m, "S")
	m, again := printed(m)
	all := first + "\n" + there + "\n" + again
	for _, want := range []string{"what is the weather in Paris?", "take an umbrella", "and tomorrow?", "question here", "answer here", "question back", "answer back", "is failed", "reload 8 done"} {
		if n := strings.Count(all, want); n != 1 {
			t.Errorf("%q is printed %d times:\n%s", want, n, all)
		}
	}
	if _, cmd := press(m, "ctrl+c"); !quits(cmd) {
		t.Error("ctrl+c does not quit")
	}
}

// TestThePersonChoosesTheLook: WW_THEME counts more than what the terminal says, and says the same words.
func TestThePersonChoosesTheLook(t *testing.T) {
	t.Parallel()
	look := func(theme string) theme.Options {
		o := Options{Getenv: env(map[string]string{"WW_THEME": theme, "COLORFGBG": "0;15", "TERM": "xterm-256color"}), Out: io.Discard}.look()
		o.Profile = termenv.ANSI256
		return o
	}
	if !look("").Light || !look("light").Light || look("dark").Light || !look("contrast").Strong {
		t.Errorf("%+v %+v %+v %+v", look(""), look("light"), look("dark"), look("contrast"))
	}
	views := map[string]string{}
	for _, name := range []string{"light", "dark", "contrast"} {
		m := newModel(screenOf(pictures()["normal"], 1, 1).do, look(name), pictures()["everything-wrong"], noon).resized(tea.WindowSizeMsg{Width: 80, Height: 24})
		views[name] = m.View()
		if page(m.View()) != page(screenOf(pictures()["everything-wrong"], 80, 24).View()) {
			t.Errorf("%s has other words", name)
		}
	}
	if views["light"] == views["dark"] || views["contrast"] == views["dark"] {
		t.Error("two looks are the same")
	}
}

func TestPlainLinesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	m, _ := press(screenOf(pictures()["empty"], 80, 24), "esc", "S")
	var cmd tea.Cmd
	for i := range 3 {
		m, cmd = m.happened(eventsMsg{[]state.Event{state.Notice{Text: fmt.Sprint("notice ", i)}}, noon.Add(time.Duration(i) * time.Second)}).print()
		if i > 0 && cmd != nil {
			t.Fatal("a second print is on its way beside the first")
		}
	}
	next, cmd := m.Update(printedMsg{})
	if m = next.(model); cmd == nil || len(m.plain.waiting) != 0 {
		t.Errorf("%d lines are left", len(m.plain.waiting))
	}
}
