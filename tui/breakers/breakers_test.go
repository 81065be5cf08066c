package breakers

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

var now = time.Date(2026, 3, 1, 14, 2, 11, 0, time.UTC)

// TestNarrowPanesSayWhatCounts: when it tries again, which route is chosen, and both keys that an order waits for.
func TestNarrowPanesSayWhatCounts(t *testing.T) {
	t.Parallel()
	rows := []state.Breaker{
		{Caller: "a_component_with_a_long_name_one", Target: "a_tool_with_a_long_name_one", State: "open", ReopenAt: now.Add(42 * time.Second), Reason: "5 failures in a row"},
		{Caller: "a_component_with_a_long_name_one", Target: "a_tool_with_a_long_name_two", State: "closed", Window: []bool{true, false}},
	}
	for _, w := range []int{32, 44, 70, 112} {
		m := New(theme.New(theme.Options{Profile: termenv.Ascii}), keymap.Map{}).In(kit.Place{Title: "breakers", W: w, H: 20, Focused: true}).With(rows)
		view := ansi.Strip(m.View(now))
		said := strings.ReplaceAll(strings.Join(strings.Fields(strings.ReplaceAll(view, "│", " ")), " "), " ", "")
		for _, want := range []string{"5failuresinarow", "a_component_with_a_long_name_one→a_tool_with_a_long_name_one"} {
			if !strings.Contains(said, want) {
				t.Errorf("%d columns: no %q in\n%s", w, want, view)
			}
		}
		if w >= 44 && !strings.Contains(view, "in 42s") {
			t.Errorf("%d columns: not told when it tries again:\n%s", w, view)
		}
		if lines := strings.Split(view, "\n"); w >= 44 && lines[2][4:] == lines[3][4:] {
			t.Errorf("%d columns: two routes look the same:\n%s", w, view)
		}
		m, do := m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("t")})
		view = ansi.Strip(m.View(now))
		if do != nil || !strings.Contains(view, "y: yes") || !strings.Contains(view, "n: no") {
			t.Errorf("%d columns: the second key is not named:\n%s", w, view)
		}
		if _, do = m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("y")}); do != (order.Route{Do: "trip", Target: rows[0].Target}) {
			t.Errorf("y orders %+v", do)
		}
	}
}

func TestAClosedBreakerSaysWhatWouldOpenIt(t *testing.T) {
	t.Parallel()
	for threshold, want := range map[int]string{
		0:  "after 5 failures in a row, or when half of the last 20 fail",
		1:  "after one failure",
		12: "after 12 failures in a row, or when half of the last 20 fail",
		30: "after 30 failures in a row",
	} {
		if got := opens(threshold); got != want {
			t.Errorf("%d: %q, want %q", threshold, got, want)
		}
	}
}
