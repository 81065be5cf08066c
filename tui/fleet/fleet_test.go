package fleet

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

func TestMain(m *testing.M) { golden.Main(m, "tui/fleet") }

var now = time.Date(2026, 3, 1, 14, 2, 11, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func up(name, kind, typ string, pid int, w state.Word) state.Component {
	return state.Component{
		Name: name, Instance: name + "-k3q9", Kind: kind, Type: typ, State: w, PIDs: state.PIDs{Runner: pid},
		Max: 10, SuccessRate: 1, HeartbeatAt: ago(time.Second), Generation: 7,
	}
}

// with changes a component in a literal.
func with(c state.Component, change func(*state.Component)) state.Component {
	change(&c)
	return c
}

func normal() []state.Component {
	return []state.Component{
		with(up("brain", "agent", "react", 41207, state.Active), func(c *state.Component) { c.InFlight = 1; c.HeartbeatAt = now }),
		up("in", "input", "command_line", 41203, state.Ready),
		with(up("model", "llm", "scripted", 41209, state.Starting), func(c *state.Component) { c.HeartbeatAt = time.Time{} }),
		up("out", "output", "console", 41211, state.Ready),
	}
}

func cases() map[string][]state.Component {
	dead := func(c *state.Component) { c.PIDs = state.PIDs{}; c.Max = 0; c.HeartbeatAt = time.Time{} }
	wrong := []state.Component{
		with(up("brain", "agent", "react", 41207, state.Ready), func(c *state.Component) { c.HeartbeatAt = ago(40 * time.Second); c.InFlight, c.Queued = 10, 250 }),
		with(up("in", "input", "command_line", 0, state.Stopped), dead),
		with(up("model", "llm", "scripted", 0, state.Starting), func(c *state.Component) {
			dead(c)
			c.Restarts, c.NextStart, c.Reason = 2, now.Add(3500*time.Millisecond), "killed by signal 11 (segmentation fault)"
		}),
		with(up("notes", "memory", "short_term", 0, state.Failed), func(c *state.Component) {
			dead(c)
			c.Restarts, c.Reason, c.SuccessRate = 5, "exit status 1: ModuleNotFoundError: No module named 'sqlite_vec'", 0.25
			c.LastLines = []string{`  File "notes.py", line 3, in <module>`, "    import sqlite_vec", "\x1b[31mModuleNotFoundError\x1b[0m: No module named 'sqlite_vec'"}
		}),
		with(up("out", "output", "console", 41211, state.Draining), func(c *state.Component) { c.InFlight = 2 }),
	}
	long := []state.Component{
		up("a_component_whose_name_never_seems_to_end_at_all_and_goes_on_past_every_column", "knowledge_base", "chroma", 4194304, state.Active),
		with(up("b", "input", "command_line", 1, state.Failed), func(c *state.Component) { dead(c); c.Reason = strings.Repeat("a very long reason ", 20) }),
	}
	wide := []state.Component{
		up("日本語コンポーネント", "llm", "scripted", 41207, state.Ready),
		with(up("émile👍🏽", "input", "x", 0, state.Failed), func(c *state.Component) {
			dead(c)
			c.Reason = "ファイルが見つかりません: /home/日本/データ\x1b[2J\u202e"
			c.LastLines = []string{"行一 👨\u200d👩\u200d👧", "\tline\rtwo"}
		}),
	}
	return map[string][]state.Component{"empty": nil, "normal": normal(), "everything-wrong": wrong, "long-names": long, "wide-runes": wide}
}

func pane(c []state.Component, w, h int) Model {
	return New(theme.New(theme.Options{Profile: termenv.Ascii}), keymap.Map{}).WithSize(w, h, true).WithFocus(true).WithLogs(".ww/logs").With(c, now)
}

// page is a view as a person reads it: without colours, without spaces at the ends of lines.
func page(view string) string {
	lines := strings.Split(ansi.Strip(view), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func press(t *testing.T, m Model, keys ...string) (Model, order.Order) {
	t.Helper()
	var out order.Order
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		for _, typ := range []tea.KeyType{tea.KeyUp, tea.KeyDown, tea.KeyEnter, tea.KeyEsc, tea.KeyHome, tea.KeyEnd} {
			if (tea.KeyMsg{Type: typ}).String() == k {
				msg = tea.KeyMsg{Type: typ}
			}
		}
		m, out = m.Update(msg)
	}
	return m, out
}

func TestView(t *testing.T) {
	t.Parallel()
	for name, components := range cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			for _, size := range [][2]int{{40, 10}, {80, 24}, {120, 40}, {200, 60}} {
				m := pane(components, size[0], size[1])
				fmt.Fprintf(&b, "%d×%d\n%s", size[0], size[1], page(m.View(now)))
			}
			golden.Equal(t, "tui/fleet/"+name, b.String())
		})
	}
}

func TestCard(t *testing.T) {
	t.Parallel()
	for name, components := range cases() {
		if len(components) == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			for i := range components {
				m, _ := press(t, pane(components, 40, 20), slices.Repeat([]string{"down"}, i)...)
				fmt.Fprint(&b, page(m.Card(now, 44, 22)))
			}
			golden.Equal(t, "tui/fleet/card-"+name, b.String())
		})
	}
}

// TestACardTellsWhatWasFoundOut: of an instance that is not looked at any more nothing is told; what makes the card too long
// is the evidence, of which the end stays.
func TestACardTellsWhatWasFoundOut(t *testing.T) {
	t.Parallel()
	m, _ := press(t, pane(cases()["everything-wrong"], 40, 20), "down", "down", "down", "enter")
	m, do := m.Ask(now)
	ask, ok := do.(order.Explain)
	if !ok || ask.Component != "notes" {
		t.Fatalf("asked for %+v", do)
	}
	entries := []state.Entry{{Label: "why", Text: "exit status 1"}, {Label: "last lines", Text: "│ line 0"}}
	for i := range 30 {
		entries = append(entries, state.Entry{Text: fmt.Sprintf("│ line %d", i+1)})
	}
	entries = append(entries, state.Entry{Label: "last in", Text: "text from brain"}, state.Entry{Label: "what to do", Text: "ww restart notes"})
	if page(m.Explained(order.Explain{Component: "other"}, entries, nil).Card(now, 60, 20)) != page(m.Card(now, 60, 20)) {
		t.Error("the card of one tells about another")
	}
	if _, do := m.Ask(now.Add(time.Second)); do != nil {
		t.Errorf("asked again at once: %+v", do)
	}
	golden.Equal(t, "tui/fleet/card-explained", page(m.Explained(ask, entries, nil).Card(now, 60, 20)))
	dead := cases()["everything-wrong"]
	dead[3].State = state.Starting
	if _, do := m.With(dead, now).Ask(now.Add(time.Second)); do == nil {
		t.Error("a new state is not asked about")
	}
}

func TestViewNarrowAndUnframed(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, size := range [][2]int{{20, 4}, {28, 13}, {36, 22}, {59, 11}} {
		m := pane(cases()["everything-wrong"], size[0], size[1]).WithSize(size[0], size[1], false)
		fmt.Fprintf(&b, "%d×%d\n%s", size[0], size[1], page(m.View(now)))
	}
	golden.Equal(t, "tui/fleet/narrow", b.String())
}

// TestViewFillsItsPlace: at no size a line is longer or shorter than the pane, whatever the names.
func TestViewFillsItsPlace(t *testing.T) {
	t.Parallel()
	for name, components := range cases() {
		for w := 1; w < 90; w++ {
			for h := 1; h < 20; h++ {
				for _, framed := range []bool{true, false} {
					m := pane(components, w, h).WithSize(w, h, framed)
					for _, view := range []string{m.View(now), m.Card(now, w, h)} {
						filled(t, fmt.Sprintf("%s %d×%d framed %v", name, w, h, framed), view, w, h)
					}
				}
			}
		}
	}
}

func filled(t *testing.T, name, view string, w, h int) {
	t.Helper()
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		t.Fatalf("%s: %d lines", name, len(lines))
	}
	for _, l := range lines {
		if n := ansi.StringWidth(l); n != w {
			t.Fatalf("%s: line %q has %d columns", name, l, n)
		}
	}
}

func TestSelectionStaysOnItsComponent(t *testing.T) {
	t.Parallel()
	m, _ := press(t, pane(normal(), 80, 24), "down", "down")
	selected := func(m Model) string { r, _ := m.current(); return r.Name + "/" + r.Instance }
	if got := selected(m); got != "model/model-k3q9" {
		t.Fatalf("selected %s", got)
	}
	more := append([]state.Component{up("alpha", "llm", "x", 1, state.Ready)}, normal()...)
	if got := selected(m.With(more, now)); got != "model/model-k3q9" {
		t.Errorf("another row above: selected %s", got)
	}
	reborn := normal()
	reborn[2].Instance = "model-zzzz"
	if got := selected(m.With(reborn, now)); got != "model/model-zzzz" {
		t.Errorf("a new instance: selected %s", got)
	}
	if got := selected(m.With(normal()[:1], now)); got != "brain/brain-k3q9" {
		t.Errorf("the component is gone: selected %s", got)
	}
	if got := selected(m.With(nil, now).With(normal(), now)); got != "model/model-k3q9" {
		t.Errorf("all were gone for a while: selected %s", got)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	m, out := press(t, pane(normal(), 80, 24), "j", "r")
	if d := cmp.Diff(order.Order(order.Life{Do: order.Restart, Component: "in"}), out); d != "" {
		t.Errorf("r (-want +got):\n%s", d)
	}
	if m, _ = press(t, m, "enter"); !m.Open() {
		t.Error("enter did not open the card")
	}
	if m, _ = press(t, m, "G"); m.selected != 3 || !m.Open() {
		t.Errorf("G selected row %d, card open %v", m.selected, m.Open())
	}
	if m, _ = press(t, m, "esc", "k"); m.selected != 2 || m.Open() {
		t.Errorf("esc, k: row %d, card open %v", m.selected, m.Open())
	}
	if _, out := press(t, pane(nil, 80, 24), "r", "enter", "down", "g"); out != nil {
		t.Errorf("an empty list asks for %+v", out)
	}
}

func TestKeysThatCanDoNothingAreNotPromised(t *testing.T) {
	t.Parallel()
	enabled := func(m Model) string {
		var names []string
		for _, k := range m.Keys() {
			if k.Enabled() {
				names = append(names, k.Help().Key)
			}
		}
		return strings.Join(names, " ")
	}
	if got := enabled(pane(nil, 80, 24)); got != "" {
		t.Errorf("an empty list promises %q", got)
	}
	m := pane(normal(), 80, 24)
	if got := enabled(m); strings.Contains(got, "esc") || !strings.Contains(got, "enter") {
		t.Errorf("a closed card: %q", got)
	}
	m, _ = press(t, m, "enter")
	if got := enabled(m); !strings.Contains(got, "esc") || strings.Contains(got, "enter") {
		t.Errorf("an open card: %q", got)
	}
	if !key.Matches(tea.KeyMsg{Type: tea.KeyEsc}, m.keys.close) {
		t.Error("esc does not close the card")
	}
}

func TestAChangeStandsOutForTwoSeconds(t *testing.T) {
	t.Parallel()
	m := New(theme.New(theme.Options{Profile: termenv.ANSI}), keymap.Map{}).WithSize(80, 24, true).With(normal(), now)
	before := m.View(now)
	changed := normal()
	changed[2].State = state.Ready
	m = m.With(changed, now)
	fresh, settled := m.View(now.Add(time.Second)), m.View(now.Add(2*time.Second))
	bold := "\x1b[1m"
	if strings.Contains(before, bold) || !strings.Contains(fresh, bold) || strings.Contains(settled, bold) {
		t.Errorf("bold before %v, fresh %v, settled %v; want only fresh", strings.Contains(before, bold), strings.Contains(fresh, bold), strings.Contains(settled, bold))
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{Profile: termenv.Ascii})
	if got, want := Summary(th, cases()["everything-wrong"]), "✗ 1 failed  ◐ 1 starting  ◌ 1 draining  ○ 1 stopped  ● 1 ready"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Summary(th, normal()), "◐ 1 starting  ● 3 ready"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkView50(b *testing.B) {
	var components []state.Component
	for i := range 50 {
		components = append(components, up(fmt.Sprintf("component%02d", i), "llm", "echo", 40000+i, state.Ready))
	}
	m := New(theme.New(theme.Options{Profile: termenv.ANSI256}), keymap.Map{}).WithSize(64, 60, true).With(components, now)
	for b.Loop() {
		m.View(now)
	}
}

// TestWhatFailedIsToldBelowTheList: whole, with its last words and the key for more, before anybody has chosen anything; who
// comes to the list finds it chosen.
func TestWhatFailedIsToldBelowTheList(t *testing.T) {
	t.Parallel()
	components := normal()
	components[2] = with(components[2], func(c *state.Component) {
		c.State, c.PIDs, c.Reason = state.Failed, state.PIDs{}, "exit status 3; crash 5 without 30 s of being ready, not started again"
		c.LastLines = []string{"Traceback", "ModuleNotFoundError: No module named 'sqlite_vec'", `level=ERROR msg="component ends"`}
	})
	var b strings.Builder
	for _, size := range [][2]int{{28, 12}, {36, 20}, {50, 20}} {
		m := pane(nil, size[0], size[1]).WithFocus(false).WithWay("tab").With(components, now)
		fmt.Fprintf(&b, "%d×%d from elsewhere\n%s", size[0], size[1], page(m.View(now)))
		m = m.WithFocus(true)
		if r, _ := m.current(); r.Name != "model" {
			t.Errorf("%s is chosen", r.Name)
		}
		fmt.Fprintf(&b, "%d×%d\n%s", size[0], size[1], page(m.View(now)))
		filled(t, "note", m.View(now), size[0], size[1])
		m, _ = press(t, m, "down")
		if m = m.With(components, now).WithFocus(false).With(components, now); m.selected != 3 {
			t.Errorf("what a person chose is not kept: row %d", m.selected)
		}
	}
	golden.Equal(t, "tui/fleet/note", b.String())
}

// TestALongListLeavesRoomForWhatFailed: of a hundred components the one that failed is on the screen, and why.
func TestALongListLeavesRoomForWhatFailed(t *testing.T) {
	t.Parallel()
	var components []state.Component
	for i := range 100 {
		components = append(components, up(fmt.Sprintf("tool_%02d", i), "custom", "scripted", 4000+i, state.Ready))
	}
	components[77] = with(components[77], func(c *state.Component) {
		c.State, c.PIDs, c.Reason = state.Failed, state.PIDs{}, "exit status 3; crash 5 without 30 s of being ready, not started again"
	})
	for _, size := range [][2]int{{28, 18}, {36, 21}, {50, 38}, {88, 58}} {
		m := pane(nil, size[0], size[1]).WithFocus(false).WithWay("tab").With(components, now)
		view := page(m.View(now))
		for _, want := range []string{"✗ tool_77 ", "✗ tool_77: exit status 3", "tab, enter why"} {
			if !strings.Contains(view, want) {
				t.Errorf("%d×%d: no %q in\n%s", size[0], size[1], want, view)
			}
		}
		filled(t, "long list", m.View(now), size[0], size[1])
		i := slices.IndexFunc(strings.Split(view, "\n"), func(l string) bool { return strings.Contains(l, "tool_76") })
		if r, _ := m.Click(i).current(); r.Name != "tool_76" {
			t.Errorf("%d×%d: a click on tool_76 chooses %s", size[0], size[1], r.Name)
		}
	}
}
