package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/logs"
	"github.com/woodwork-lang/ww/tui/order"
)

// at is where a text stands on the screen.
func at(t *testing.T, m model, text string) point {
	t.Helper()
	for y, l := range strings.Split(ansi.Strip(m.View()), "\n") {
		if i := strings.Index(l, text); i >= 0 {
			return point{ansi.StringWidth(l[:i]), y}
		}
	}
	t.Fatalf("%q is not on the screen:\n%s", text, m.View())
	return point{}
}

func mouse(m model, p point, b tea.MouseButton, a tea.MouseAction) (model, tea.Cmd) {
	next, cmd := m.Update(tea.MouseMsg{X: p.X, Y: p.Y, Button: b, Action: a})
	return next.(model), cmd
}

func click(m model, p point) (model, tea.Cmd) {
	m, _ = mouse(m, p, tea.MouseButtonLeft, tea.MouseActionPress)
	return mouse(m, p, tea.MouseButtonLeft, tea.MouseActionRelease)
}

func TestAClickGoesWhereItPoints(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 60}} {
		m := screenOf(pictures()["normal"], size[0], size[1])
		m, _ = click(m, at(t, m, "out"))
		if m.focused() != fleetPane || !strings.Contains(m.View(), "›out") {
			t.Fatalf("%v: out is not selected:\n%s", size, m.View())
		}
		for range order.Panes { // each from where the one before it left the screen
			want := (m.tab + 1) % order.Panes
			text := fmt.Sprintf("%d %s", want+1, tabName(want))
			p := at(t, m, text)
			if m, _ = click(m, p); m.tab != want || m.focused() != rightPane {
				t.Fatalf("%v: a click on %q leads to %s:\n%s", size, text, tabName(m.tab), m.View())
			}
		}
	}
}

func TestAClickSelectsATurnAndAHop(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 120, 40)
	next, _ := m.show(order.Show{Pane: order.Chains})
	m = next.(model)
	if m, _ = click(m, at(t, m, "what is the weather")); !strings.Contains(m.View(), "turn 1") {
		t.Errorf("the turn is not selected:\n%s", m.View())
	}
	if m, _ = click(m, at(t, m, "  in    ")); !strings.Contains(m.View(), "›in") || !strings.Contains(m.View(), "generation 0, attempt 0") {
		t.Errorf("the hop is not selected:\n%s", m.View())
	}
}

func (p point) right(n int) point { return point{p.X + n, p.Y} }

func TestTheWheelTurnsWhatIsUnderIt(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 120, 40)
	next, _ := m.show(order.Show{Pane: order.Logs})
	m = next.(model)
	var lines []logbuf.Line
	for i := range 200 {
		lines = append(lines, logbuf.Line{Component: "brain", Text: fmt.Sprintf("line %d", i)})
	}
	m.panes.logs = m.panes.logs.With(logs.TailOf(lines...))
	m, _ = mouse(m, at(t, m, "line 199"), tea.MouseButtonWheelUp, tea.MouseActionPress)
	if !strings.Contains(m.View(), "line 196") || strings.Contains(m.View(), "line 197") {
		t.Errorf("the log did not move by %d lines:\n%s", wheelLines, m.View())
	}
	m, _ = mouse(m, at(t, m, " in "), tea.MouseButtonWheelDown, tea.MouseActionPress)
	if m.focused() != rightPane || strings.Contains(m.View(), "line 199") {
		t.Errorf("the wheel over the fleet moved the log or the focus:\n%s", m.View())
	}
	m, _ = press(m, "tab")
	if !strings.Contains(m.View(), "›in") {
		t.Errorf("the wheel over the fleet did not move its selection:\n%s", m.View())
	}
}

// TestWhatIsDraggedOverIsCopied: without frames, over several lines, whichever way the mouse went, and no further than the
// part of the screen in which it began.
func TestWhatIsDraggedOverIsCopied(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 120, 40)
	from, to := at(t, m, "It is raining"), at(t, m, "an umbrella").right(len("an umbrella")-1)
	const want = "It is raining until four.\n\n         - take an umbrella"
	for _, ends := range [][2]point{{from, to}, {to, from}} {
		n, _ := mouse(m, ends[0], tea.MouseButtonLeft, tea.MouseActionPress)
		n, _ = mouse(n, ends[1], tea.MouseButtonLeft, tea.MouseActionMotion)
		if n.View() == m.View() {
			t.Error("nothing shows what is dragged over")
		}
		for _, l := range strings.Split(n.View(), "\n") {
			if w := ansi.StringWidth(l); w != 120 {
				t.Fatalf("line %q has %d columns", l, w)
			}
		}
		d := n.drag
		if got := d.text(m.View()); got != want {
			t.Errorf("copied %q, want %q", got, want)
		}
		n, cmd := mouse(n, ends[1], tea.MouseButtonLeft, tea.MouseActionRelease)
		if cmd == nil || !strings.Contains(n.View(), fmt.Sprintf("copied %d characters", len(want))) {
			t.Errorf("not told:\n%s", n.View())
		}
	}
	n, _ := mouse(m, from, tea.MouseButtonLeft, tea.MouseActionPress)
	n, _ = mouse(n, point{0, 39}, tea.MouseButtonLeft, tea.MouseActionMotion)
	if got := n.drag.text(m.View()); strings.ContainsAny(got, "│╰") || strings.Contains(got, "fleet") {
		t.Errorf("a drag out of the pane has %q", got)
	}
}

func TestThePaletteTakesClicks(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 120, 40)
	next, _ := m.Update(tea.KeyMsg{Type: tea.KeyCtrlP})
	m = next.(model)
	if m, _ = click(m, at(t, m, "go to graph")); m.tab != order.Graph || m.over.palette != nil {
		t.Errorf("got\n%s", m.View())
	}
}

// TestPracticeFaultsAreOrderedFromThePaletteAndShown: with a banner on every screen that has a header.
func TestPracticeFaultsAreOrderedFromThePaletteAndShown(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 80, 24)
	f := newFake()
	m.do.backend = f
	next, _ := m.Update(tea.KeyMsg{Type: tea.KeyCtrlP})
	m, cmd := press(next.(model), "practice slow brain", "enter")
	if got := cmd(); got != (doneMsg{failed: notFaulty}) || <-f.restarts != "slow brain" {
		t.Fatalf("got %+v", got)
	}
	m = m.happened(eventsMsg{[]state.Event{state.Faulted{List: []state.Fault{{Do: "slow", Component: "brain", By: time.Second, Until: noon.Add(9 * time.Second)}}}}, noon})
	for _, size := range [][2]int{{40, 13}, {60, 15}, {80, 24}, {200, 60}} {
		m = m.resized(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		if !strings.Contains(m.View(), "practice fault") {
			t.Errorf("no banner at %v:\n%s", size, m.View())
		}
	}
	if !strings.Contains(m.View(), "practice fault: slow brain by 1s, 9 s left") {
		t.Errorf("the banner says not which:\n%s", m.View())
	}
	next, _ = m.Update(tea.KeyMsg{Type: tea.KeyCtrlP})
	if m, _ = press(next.(model), "end all"); !strings.Contains(m.View(), "practice faults: end all") {
		t.Errorf("they cannot be ended:\n%s", m.View())
	}
	if m = m.happened(eventsMsg{[]state.Event{state.Faulted{}}, noon}); len(m.state.Faults) != 0 {
		t.Error("they do not end")
	}
}

// TestTheMouseBreaksNothing: wherever it goes, at every size.
func TestTheMouseBreaksNothing(t *testing.T) {
	t.Parallel()
	for name, s := range pictures() {
		for _, size := range [][2]int{{1, 1}, {20, 5}, {40, 13}, {80, 24}} {
			for tab := range order.Panes {
				m := screenOf(s, size[0], size[1])
				next, _ := m.show(order.Show{Pane: tab})
				m = next.(model)
				for y := -1; y <= size[1]; y++ {
					for x := -1; x <= size[0]; x += 7 {
						n, _ := mouse(m, point{x, y}, tea.MouseButtonLeft, tea.MouseActionPress)
						n, _ = mouse(n, point{size[0] - x, size[1] - y}, tea.MouseButtonLeft, tea.MouseActionMotion)
						_ = n.View()
						n, _ = mouse(n, point{x, y}, tea.MouseButtonLeft, tea.MouseActionRelease)
						n, _ = mouse(n, point{x, y}, tea.MouseButtonWheelUp, tea.MouseActionPress)
						if got := strings.Count(n.View(), "\n") + 1; got != size[1] {
							t.Fatalf("%s %v %s at %d,%d: %d lines", name, size, tabName(tab), x, y, got)
						}
					}
				}
			}
		}
	}
}
