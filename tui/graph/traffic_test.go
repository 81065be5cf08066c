package graph

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/graph"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func pane(components []state.Component, turns []state.Turn, faults []state.Fault) string {
	g := graph.Graph{
		Nodes: []graph.Node{{Name: "in", Kind: "input command_line"}, {Name: "keeper", Kind: "agent llm"}, {Name: "files", Kind: "custom"}, {Name: "notes", Kind: "memory"}, {Name: "out", Kind: "output console"}},
		Edges: []graph.Edge{
			{From: "in", To: "keeper", Label: "to", Chain: true},
			{From: "keeper", To: "files", Label: "tools"},
			{From: "keeper", To: "notes", Label: "tools"},
			{From: "keeper", To: "out", Label: "to", Chain: true},
		},
	}
	m := New(theme.New(theme.Options{Profile: termenv.Ascii}), keymap.Map{}).In(kit.Place{Title: "graph", W: 110, H: 20, Focused: true})
	return ansi.Strip(m.With(g, components, turns, faults).View(now))
}

// row is the line of the drawing that begins with a text.
func row(t *testing.T, view, begins string) string {
	t.Helper()
	for l := range strings.Lines(view) {
		if strings.HasPrefix(strings.TrimLeft(l, "│ "), begins) {
			return strings.TrimRight(strings.Trim(strings.TrimSpace(l), "│"), " ")
		}
	}
	t.Fatalf("no line begins with %q:\n%s", begins, view)
	return ""
}

func TestTheWaysTellWhatGoesAlongThem(t *testing.T) {
	t.Parallel()
	hops := []event.Hop{{Component: "in"}, {Component: "keeper", Parent: "in"}, {Component: "out", Parent: "keeper"}}
	old := state.Turn{ID: "0", EndedAt: ago(2 * time.Minute), End: &event.End{Status: event.StatusOK, Hops: hops}}
	done := state.Turn{ID: "1", EndedAt: ago(10 * time.Second), End: &event.End{Status: event.StatusOK, Hops: hops}, Calls: []state.Call{
		{ID: "1", From: "keeper", To: "files", StartedAt: ago(12 * time.Second), Took: time.Second, Done: true},
		{ID: "2", From: "keeper", To: "notes", StartedAt: ago(9 * time.Second), Took: time.Second, Done: true, Error: "connection refused"},
	}}
	running := state.Turn{ID: "2", Stream: "2/keeper/1", Calls: []state.Call{{ID: "3", From: "keeper", To: "files", StartedAt: ago(time.Second)}}}
	view := pane(nil, []state.Turn{old, done, running}, nil)
	for begins, want := range map[string]string{
		"▼":         "1/min · 1 in flight",
		"├─ tools:": "1/min · 1 in flight",
	} {
		if got := row(t, view, begins); !strings.HasSuffix(got, want) {
			t.Errorf("%q: want it to end with %q\n%s", got, want, view)
		}
	}
	for _, want := range []string{"notes", "✗ 8s ago: connection refused", "(2 passed)"} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q:\n%s", want, view)
		}
	}
}

// What the task master hands on goes along the way between the two, not along none.
func TestWhatIsHandedOnCountsForItsWay(t *testing.T) {
	t.Parallel()
	hops := []event.Hop{
		{Component: "in"},
		{HandedOn: true, Component: "task_master", Parent: "in"},
		{Component: "keeper", Parent: "task_master"},
		{HandedOn: true, Component: "task_master", Parent: "keeper"},
		{Component: "out", Parent: "task_master"},
	}
	done := state.Turn{ID: "1", EndedAt: ago(10 * time.Second), End: &event.End{Status: event.StatusOK, Hops: hops}}
	lost := state.Turn{ID: "2", EndedAt: ago(5 * time.Second), End: &event.End{Status: event.StatusFailed, Error: "no answer", Hops: hops[:3]}}
	view := pane(nil, []state.Turn{done, lost}, nil)
	if got := row(t, view, "▼"); !strings.HasSuffix(got, "2/min · ✗ 5s ago: no answer") {
		t.Errorf("the way from in to keeper: %q\n%s", got, view)
	}
	if n := strings.Count(view, "1/min"); n != 1 {
		t.Errorf("%d ways were taken once, want that to out:\n%s", n, view)
	}
}

func TestWaysThatFailAreMarked(t *testing.T) {
	t.Parallel()
	components := []state.Component{{Name: "keeper", State: state.Active, Breakers: []event.Breaker{{Route: "keeper → files/process_request", State: "open"}, {Route: "keeper → notes", State: "closed"}}}}
	failed := state.Turn{ID: "1", EndedAt: ago(time.Second), End: &event.End{Status: event.StatusTimeout, Error: "no answer in 30 s", Hops: []event.Hop{{Component: "in"}, {Component: "keeper", Parent: "in"}}}}
	view := pane(components, []state.Turn{failed}, []state.Fault{{Do: "slow", Component: "notes", From: "keeper"}, {Do: "drop", Component: "out"}})
	if got := row(t, view, "├─ tools:"); !strings.Contains(got, "▲ breaker open") {
		t.Errorf("an open breaker is not marked: %q", got)
	}
	for _, want := range []string{"▲ practice fault: slow", "▲ practice fault: drop", "✗ 1s ago: no answer in 30 s", "◉ active"} {
		if strings.Count(view, want) != 1 {
			t.Errorf("%d times %q:\n%s", strings.Count(view, want), want, view)
		}
	}
}

func TestTrafficMovesNothing(t *testing.T) {
	t.Parallel()
	busy := state.Turn{ID: "1", EndedAt: now, Calls: []state.Call{{From: "keeper", To: "files", StartedAt: now, Done: true, Error: strings.Repeat("a long story ", 20)}}, End: &event.End{Status: event.StatusOK}}
	quiet, loud := strings.Split(pane(nil, nil, nil), "\n"), strings.Split(pane(nil, []state.Turn{busy}, nil), "\n")
	for i, l := range quiet {
		if text := strings.TrimRight(strings.TrimSuffix(l, "│"), " "); i > 0 && i < len(quiet)-1 && !strings.HasPrefix(loud[i], text) {
			t.Errorf("line %d was %q and is %q", i, l, loud[i])
		}
	}
}
