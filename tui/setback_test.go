package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/order"
)

// TestASaveThatDoesNotRunStaysToldUntilOneDoes: the notice of it goes after seconds, and an app that goes on as it was looks well.
func TestASaveThatDoesNotRunStaysToldUntilOneDoes(t *testing.T) {
	t.Parallel()
	const why = "✗ reload: notes does not start: not ready after 4 s; its last line: connecting; generation 1 goes on"
	for _, w := range []int{60, 80, 120} {
		m := screenOf(pictures()["normal"], w, 24)
		m = m.happened(eventsMsg{[]state.Event{state.Notice{Text: why}}, noon})
		m.now = noon.Add(time.Minute)
		m = m.happened(eventsMsg{[]state.Event{state.Notice{Text: "brain: 1 → 2 instances"}}, m.now})
		m.now = m.now.Add(time.Minute)
		lines := strings.Split(m.View(), "\n")
		if last := lines[len(lines)-1]; !strings.Contains(last, "✗ reload: notes does not start") || w > 80 && !strings.Contains(last, "alt+7 shows it") {
			t.Errorf("%d columns: %s", w, last)
		}
		next, _ := m.show(order.Show{Pane: order.Config})
		if view := next.(model).View(); !strings.Contains(strings.Join(strings.Fields(view), " "), "does not run") {
			t.Errorf("%d columns: the configuration does not say it:\n%s", w, view)
		}
		late := m.state
		late.Notice = why
		if view := screenOf(late, w, 24).View(); !strings.Contains(view, "notes does not start") {
			t.Errorf("%d columns: a screen that is opened later does not say it:\n%s", w, view)
		}
		m = m.happened(eventsMsg{[]state.Event{state.Notice{Text: "reload 2 done"}}, m.now})
		m.now = m.now.Add(time.Minute)
		if view := m.View(); strings.Contains(view, "does not start") {
			t.Errorf("%d columns: it stays after a reload that was done:\n%s", w, view)
		}
	}
}
