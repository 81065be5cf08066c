package fleet

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/order"
)

func shown(m Model) string {
	var names []string
	for _, r := range m.rows {
		names = append(names, r.Name)
	}
	return strings.Join(names, " ")
}

func chosen(m Model) string {
	r, _ := m.current()
	return r.Name
}

func TestSortingMovesRowsAndNotTheSelection(t *testing.T) {
	t.Parallel()
	m, _ := press(t, pane(cases()["everything-wrong"], 120, 30), "down", "down", "down") // notes
	for _, want := range []string{
		"notes model out in brain", // state: what needs a person first
		"brain out in model notes", // load
		"brain in model notes out", // time: nothing is measured
		"brain in model notes out", // memory
		"brain in model notes out", // cpu
		"notes model brain in out", // restarts
		"brain in model notes out", // name again
	} {
		m, _ = press(t, m, "o")
		if got := shown(m); got != want || chosen(m) != "notes" {
			t.Errorf("sorted by %s: %s, %s is chosen; want %s", sorts[m.order.by].name, got, chosen(m), want)
		}
	}
}

func TestASortedListIsLeftAloneWhileItIsInHand(t *testing.T) {
	t.Parallel()
	m, _ := press(t, pane(normal(), 120, 30), "o", "o") // load
	if got := shown(m); got != "brain in model out" {
		t.Fatalf("sorted by load: %s", got)
	}
	busy := normal()
	busy[3].InFlight = 9
	if got := shown(m.With(busy, now)); got != "brain in model out" {
		t.Errorf("while the list has the keys its rows moved: %s", got)
	}
	more := append(busy, up("zeta", "llm", "echo", 7, state.Ready))
	if got := shown(m.With(more, now)); got != "brain in model out zeta" {
		t.Errorf("what is new should come last: %s", got)
	}
	if got := shown(m.WithFocus(false).With(busy, now)); got != "out brain in model" {
		t.Errorf("out of hand: %s", got)
	}
}

func TestFilteringKeepsTheSelection(t *testing.T) {
	t.Parallel()
	m, _ := press(t, pane(normal(), 120, 30), "down", "down") // model
	m, _ = press(t, m, "/", "O", "U", "T")
	if got := shown(m); got != "out" || chosen(m) != "out" || !m.Typing() {
		t.Fatalf("filter OUT: %s, %s is chosen", got, chosen(m))
	}
	if !strings.Contains(page(m.View(now)), "/OUT") {
		t.Errorf("the filter is not shown:\n%s", page(m.View(now)))
	}
	m, _ = press(t, m, "enter")
	if m.Typing() || shown(m) != "out" {
		t.Error("enter does not keep the filter")
	}
	m = m.With(normal(), now)
	m, _ = press(t, m, "esc")
	if got := shown(m); got != "brain in model out" || chosen(m) != "model" {
		t.Errorf("without the filter: %s, %s is chosen and not model", got, chosen(m))
	}
	m, _ = press(t, m, "/", "out", "enter", "down", "esc")
	if chosen(m) != "out" {
		t.Errorf("what was chosen in the filtered list is %s, not out", chosen(m))
	}
	m, _ = press(t, m, "/", "nobody")
	if view := page(m.View(now)); !strings.Contains(view, "nothing fits the filter") {
		t.Errorf("an empty list does not say why:\n%s", view)
	}
	m, do := press(t, m, "enter", "r")
	if do != nil {
		t.Errorf("r asked for %v, and nothing is shown", do)
	}
	if m, _ = press(t, m, "esc"); len(m.rows) != 4 {
		t.Error("esc does not end the filter")
	}
}

func TestStoppedComponentsAreStarted(t *testing.T) {
	t.Parallel()
	m := pane(cases()["everything-wrong"], 120, 30)
	for _, want := range []order.Order{
		order.Life{Do: order.Stop, Component: "brain"},
		order.Life{Do: order.Start, Component: "in"},
		order.Life{Do: order.Stop, Component: "model"},
		order.Life{Do: order.Start, Component: "notes"},
	} {
		var got order.Order
		if _, got = press(t, m, "s"); !cmp.Equal(want, got) {
			t.Errorf("s asked for %v, want %v", got, want)
		}
		m, _ = press(t, m, "down")
	}
	if _, got := press(t, m, "F"); !cmp.Equal(got, order.Order(order.Faults{Component: "out"})) {
		t.Errorf("F asked for %v", got)
	}
}

func TestAWideListShowsHowFastItGoes(t *testing.T) {
	t.Parallel()
	c := normal()
	c[0].Queued, c[0].Pace = 3, state.Pace{OldestAge: 12e9, Service: 820e6, Trail: [state.TrailLen]float32{0, 0, 100, 200, 400, 800, 820, 820}}
	view := page(pane(c, 130, 30).View(now))
	for _, want := range []string{"time", "oldest", "breakers", "lately", "820 ms", "12s", "▁▂▄██"} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q:\n%s", want, view)
		}
	}
}
