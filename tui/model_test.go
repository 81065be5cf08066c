package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/events"
	"github.com/woodwork-lang/ww/tui/logs"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// screenOf is the model of a picture at a size, at noon.
func screenOf(s state.State, w, h int) model {
	do := commands{ctx: context.Background(), backend: newFake(), record: newRecord(nil), follow: &follower{}, ears: &ears{}, rerun: &rerun{}}
	m := newModel(do, theme.Options{Profile: termenv.Ascii}, s, noon)
	return m.resized(tea.WindowSizeMsg{Width: w, Height: h})
}

// page is a view as a person reads it: without colours, without spaces at the ends of lines.
func page(view string) string {
	lines := strings.Split(ansi.Strip(view), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// press gives the model named keys; anything else is typed. It returns what the last key asks for.
func press(m model, keys ...string) (model, tea.Cmd) {
	var cmd tea.Cmd
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		for _, typ := range []tea.KeyType{tea.KeyUp, tea.KeyDown, tea.KeyEnter, tea.KeyEsc, tea.KeyTab, tea.KeyShiftTab, tea.KeyCtrlC, tea.KeyF1} {
			if (tea.KeyMsg{Type: typ}).String() == k {
				msg = tea.KeyMsg{Type: typ}
			}
		}
		var next tea.Model
		next, cmd = m.Update(msg)
		m = next.(model)
	}
	return m, cmd
}

func TestView(t *testing.T) {
	t.Parallel()
	for name, s := range pictures() {
		for _, size := range [][2]int{{20, 5}, {40, 10}, {50, 15}, {60, 15}, {80, 24}, {120, 40}, {200, 60}} {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				golden.Equal(t, fmt.Sprintf("tui/app/%dx%d-%s", size[0], size[1], name), page(screenOf(s, size[0], size[1]).View()))
			})
		}
	}
}

func TestHelpAndCard(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, size := range [][2]int{{50, 20}, {80, 24}} {
		m := screenOf(pictures()["everything-wrong"], size[0], size[1])
		for _, keys := range [][]string{{"f1"}, {"esc", "esc", "?"}, {"esc", "down", "down", "enter"}} {
			var cmd tea.Cmd
			if m, cmd = press(m, keys...); cmd != nil {
				next, _ := m.Update(cmd())
				m = next.(model)
			}
			fmt.Fprintf(&b, "%d×%d %s\n%s", size[0], size[1], strings.Join(keys, " "), page(m.View()))
		}
	}
	golden.Equal(t, "tui/app/help-and-card", b.String())
}

// TestViewFillsTheScreen: at every size the screen is exactly as large as the terminal.
func TestViewFillsTheScreen(t *testing.T) {
	t.Parallel()
	for name, s := range pictures() {
		for w := 1; w < 130; w += 4 {
			for h := 1; h < 45; h += 3 {
				for _, keys := range [][]string{nil, {"tab"}, {"tab", "enter"}, {"f1"}} {
					m, _ := press(screenOf(s, w, h), keys...)
					lines := strings.Split(m.View(), "\n")
					if len(lines) != h {
						t.Fatalf("%s %d×%d %v: %d lines", name, w, h, keys, len(lines))
					}
					for _, l := range lines {
						if n := ansi.StringWidth(l); n != w {
							t.Fatalf("%s %d×%d %v: line %q has %d columns", name, w, h, keys, l, n)
						}
					}
				}
			}
		}
	}
}

func quits(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	_, ok := cmd().(tea.QuitMsg)
	return ok
}

func TestLettersActOnlyOutsideTextFields(t *testing.T) {
	t.Parallel()
	m, cmd := press(screenOf(pictures()["normal"], 80, 24), "q", "?", "1", "r")
	if cmd != nil || !strings.Contains(m.View(), "q?1r") {
		t.Errorf("letters did something else than being typed:\n%s", m.View())
	}
	m, _ = press(m, "esc")
	if m.focused() != fleetPane {
		t.Fatal("esc did not step out of the text field")
	}
	m, cmd = press(m, "r")
	if got, ok := cmd().(doneMsg); !ok || got.well != "brain was restarted" {
		t.Errorf("r asked for %v", cmd())
	}
	if m, _ = press(m, "?"); !m.over.help {
		t.Error("? shows no help")
	}
	m, cmd = press(m, "q")
	if m.over.help || quits(cmd) {
		t.Error("q in the help screen should only close it")
	}
	if m, _ = press(m, "1"); m.focused() != rightPane {
		t.Error("1 does not go to the chat")
	}
	m, _ = press(m, "shift+tab")
	if _, cmd = press(m, "q"); !quits(cmd) {
		t.Error("q does not quit")
	}
}

func TestCtrlCQuitsFromAnywhere(t *testing.T) {
	t.Parallel()
	for _, before := range [][]string{nil, {"tab"}, {"f1"}, {"tab", "enter"}, {"text"}} {
		m, _ := press(screenOf(pictures()["normal"], 80, 24), before...)
		m, cmd := press(m, "ctrl+c")
		if !quits(cmd) || m.leave != 1 {
			t.Errorf("after %v: quits %v, asked %d times", before, quits(cmd), m.leave)
		}
		if m, _ = press(m, "ctrl+c"); m.leave != 2 {
			t.Errorf("after %v: a second time is not counted", before)
		}
	}
}

func TestNothingIsTypedWhereNobodySeesIt(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 80, 24)
	m = m.resized(tea.WindowSizeMsg{Width: 80, Height: 8})
	if _, cmd := press(m, "q"); !quits(cmd) {
		t.Error("with only the list on the screen q should quit")
	}
	m = m.resized(tea.WindowSizeMsg{Width: 80, Height: 24})
	if m.focused() != rightPane {
		t.Error("the focus did not come back with the chat")
	}
}

func TestKeysTypedAheadAreKept(t *testing.T) {
	t.Parallel()
	do := commands{ctx: context.Background(), backend: newFake(), record: newRecord(nil), follow: &follower{}, ears: &ears{}, rerun: &rerun{}}
	m, cmd := press(newModel(do, theme.Options{Profile: termenv.Ascii}, pictures()["normal"], noon), "q", "uick")
	m = m.resized(tea.WindowSizeMsg{Width: 80, Height: 24})
	if cmd != nil || !strings.Contains(m.View(), "› quick") {
		t.Errorf("what was typed before the first frame is gone:\n%s", m.View())
	}
}

func TestAnOrderThatFailsIsToldAndGoesAway(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 80, 24)
	next, _ := m.Update(doneMsg{failed: notDone("brain", " was restarted"), err: errors.New("no supervisor")})
	m = next.(model)
	if !strings.Contains(m.View(), "brain was not restarted: no supervisor") {
		t.Errorf("not told:\n%s", m.View())
	}
	next, cmd := m.Update(tickMsg(noon.Add(flashFor)))
	if strings.Contains(next.View(), "not restarted") || cmd == nil {
		t.Errorf("still told after %v, or the clock stopped:\n%s", flashFor, next.View())
	}
}

func TestANoticeIsShownForAWhile(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 80, 24).happened(eventsMsg{[]state.Event{state.Notice{Text: "reload 8 done in 1.9 s"}}, noon})
	if !strings.Contains(m.View(), "reload 8 done") {
		t.Errorf("not shown:\n%s", m.View())
	}
	if m = m.happened(eventsMsg{nil, noon.Add(flashFor)}); strings.Contains(m.View(), "reload 8 done") {
		t.Errorf("still shown:\n%s", m.View())
	}
}

func TestALostAppIsTold(t *testing.T) {
	t.Parallel()
	next, _ := screenOf(pictures()["normal"], 80, 24).Update(lostMsg{})
	if !strings.Contains(next.View(), "what you see is") {
		t.Errorf("got\n%s", next.View())
	}
}

func TestAMessageGoesOutAndComesBackAsATurn(t *testing.T) {
	t.Parallel()
	f := newFake()
	m := screenOf(f.snap, 80, 24)
	m.do.backend = f
	m, cmd := press(m, "hello", "enter")
	next, _ := m.Update(cmd())
	m = next.(model).happened(eventsMsg{<-f.events, noon})
	f.stream("1", 0, "You said ")
	f.stream("1", 9, "hello")
	m = m.happened(eventsMsg{<-f.events, noon}).happened(eventsMsg{<-f.events, noon})
	if view := m.View(); !strings.Contains(view, "You said hello▌") {
		t.Errorf("the answer does not stream:\n%s", view)
	}
	f.end("1", event.StatusOK, "You said hello", "")
	if view := m.happened(eventsMsg{<-f.events, noon}).View(); strings.Count(view, "You said hello") != 1 || strings.Contains(view, "▌") {
		t.Errorf("the answer should stand there once:\n%s", view)
	}
}

func TestTheLookFollowsTheBackground(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 80, 24)
	m.look.Profile = termenv.ANSI256
	dark := m.dressed(backgroundMsg{light: true}).dressed(backgroundMsg{light: false})
	light := dark.dressed(backgroundMsg{light: true})
	if dark.View() == light.View() {
		t.Error("light and dark look the same")
	}
	if d := cmp.Diff(page(dark.View()), page(light.View())); d != "" {
		t.Errorf("the words differ:\n%s", d)
	}
}

func TestWithoutColoursNothingIsColoured(t *testing.T) {
	t.Parallel()
	for _, look := range []theme.Options{{Profile: termenv.Ascii}, {Profile: termenv.Ascii, ASCII: true, Plain: true}} {
		m := screenOf(pictures()["everything-wrong"], 80, 24)
		m.theme = theme.New(look)
		m.fleet, m.panes = m.fleet.WithTheme(m.theme), m.panes.withTheme(m.theme)
		m = m.arrange()
		rest := strings.NewReplacer("\x1b[7m", "", "\x1b[27m", "").Replace(m.View())
		if look.Plain {
			rest = m.View()
		}
		if strings.Contains(rest, "\x1b") {
			t.Errorf("%+v: escape sequences in %q", look, rest)
		}
		for _, r := range rest {
			if look.ASCII && r > 0x7e {
				t.Errorf("%+v: %q on an ASCII terminal:\n%s", look, r, rest)
				break
			}
		}
	}
}

// TestAFloodCostsAFewUpdates: ten thousand events a second arrive as thirty batches whose size does not grow with
// the number of heartbeats and chunks, and the last word of each is on the screen.
func TestAFloodCostsAFewUpdates(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 80, 24)
	offset, sent := len("Tomorrow it is dry until"), 0
	for range 30 {
		var b batch
		for i := range 333 {
			load := event.Health{InFlight: i % 10, Max: 10, SuccessRate: 1}
			piece := event.Chunk{Stream: "2/brain/1", Offset: offset, Text: "."}
			b.add([]state.Event{
				state.Heartbeat{Name: "brain", Instance: "brain-k3q9", At: noon, Health: load},
				state.TurnChunk{Turn: "2", Chunk: piece},
			})
			offset++
			sent += 2
		}
		events := b.take()
		if len(events) > 2 {
			t.Fatalf("a batch of %d events for one instance and one turn", len(events))
		}
		m = m.happened(eventsMsg{events, noon})
	}
	if got := m.state.Turns[1].Streamed; got != offset {
		t.Errorf("%d of %d streamed bytes arrived after %d events", got, offset, sent)
	}
	if got := m.state.Components[0].InFlight; got != 332%10 {
		t.Errorf("the last heartbeat is not the one shown: %d in flight", got)
	}
}

func BenchmarkView50(b *testing.B) {
	s := pictures()["normal"]
	for i := range 50 {
		s.Components = append(s.Components, component(fmt.Sprintf("component%02d", i), "llm", 42000+i, state.Ready))
	}
	m := screenOf(s, 120, 60)
	m.theme = theme.New(theme.Options{Profile: termenv.ANSI256})
	for b.Loop() {
		_ = m.View()
	}
}

func BenchmarkUpdateFlood(b *testing.B) {
	s := pictures()["normal"]
	var events []state.Event
	for i := range 333 {
		events = append(events, state.TurnStarted{Turn: turn(fmt.Sprint(i), "a question", "an answer")})
	}
	m := screenOf(s, 120, 60)
	for b.Loop() {
		m = m.happened(eventsMsg{events, noon})
	}
}

// TestKeysThatComeTogetherAreKeys: a script, or a slow line, brings several letters in one read.
func TestKeysThatComeTogetherAreKeys(t *testing.T) {
	t.Parallel()
	m, _ := press(screenOf(pictures()["normal"], 120, 40), "esc")
	m, _ = press(m, "4/rea")
	if m.tab != order.Logs || !strings.Contains(m.View(), "/rea") {
		t.Errorf("after 4/rea:\n%s", m.View())
	}
	if m, _ = press(m, "esc", "1hello"); !strings.Contains(m.View(), "› hello") {
		t.Errorf("after 1hello:\n%s", m.View())
	}
}

func TestThePaletteDoesWhatIsChosen(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 120, 40)
	open := func(m model, typed string) (model, tea.Cmd) {
		next, _ := m.Update(tea.KeyMsg{Type: tea.KeyCtrlP})
		return press(next.(model), typed, "enter")
	}
	if m, _ = open(m, "chains"); m.tab != order.Chains || m.over.palette != nil {
		t.Errorf("go to chains:\n%s", m.View())
	}
	if m, _ = open(m, "logs brain"); m.tab != order.Logs || !strings.Contains(m.View(), "brain ─╯") {
		t.Errorf("logs of brain:\n%s", m.View())
	}
	m, cmd := open(m, "restart brain")
	if got, ok := cmd().(doneMsg); !ok || got.well != "brain was restarted" {
		t.Errorf("restart brain: %+v", got)
	}
	if m, _ = press(m, "esc"); m.focused() != fleetPane {
		t.Errorf("esc does not step back:\n%s", m.View())
	}
	if _, cmd = open(m, "quit"); !quits(cmd) {
		t.Error("quit does not quit")
	}
}

func TestEveryTabFillsTheScreen(t *testing.T) {
	t.Parallel()
	for name, s := range pictures() {
		for _, size := range [][2]int{{40, 10}, {40, 13}, {60, 15}, {80, 24}, {120, 40}, {200, 60}} {
			for tab := range order.Panes {
				m := screenOf(s, size[0], size[1])
				next, _ := m.show(order.Show{Pane: tab})
				m = next.(model).breakersRead(breakersMsg{rows: routes()})
				wiring, _ := m.do.wiring()().(wiringMsg)
				m = m.wired(wiring)
				m.panes.events = m.panes.events.With([]events.Event{
					{Message: event.Message{Header: event.Header{Type: event.EventReady, Source: "in"}, Body: []byte(`{"name":"in"}`)}, At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local)},
					{Message: event.Message{Header: event.Header{Type: event.EventError, Source: "brain", Turn: "1", Session: "s-7f2a"}, Body: []byte(`{"error":"connection refused"}`)}, At: time.Date(2026, 3, 1, 12, 0, 1, 0, time.Local)},
				})
				m.panes.logs = m.panes.logs.With(logs.TailOf(logbuf.Line{Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local), Component: "brain", Text: "ERROR: it broke"}))
				golden.Equal(t, fmt.Sprintf("tui/app/%dx%d-%s-tab-%s", size[0], size[1], name, tabName(tab)), page(m.View()))
				for _, l := range strings.Split(m.View(), "\n") {
					if n := ansi.StringWidth(l); n != size[0] {
						t.Fatalf("%s %v %s: line %q has %d columns", name, size, tabName(tab), l, n)
					}
				}
			}
		}
	}
}

func routes() []state.Breaker {
	window := []bool{false, false, true, true, true, true, true}
	return []state.Breaker{
		{Caller: "brain", Target: "weather", Type: "process_request", State: "open", Reason: "5 failures in a row: connection refused", Failures: 5, Window: window, ReopenAt: noon.Add(42 * time.Second), Calls: 31, Refused: 7},
		{Caller: "brain", Target: "model", Type: "chat", State: "closed", Window: window[:2], Calls: 58},
		{Caller: "in", Target: "brain", State: "forced closed", By: "ada", Reason: "a test"},
	}
}

// fromPalette opens the palette, types and chooses.
func fromPalette(m model, typed string) (model, tea.Cmd) {
	next, _ := m.Update(tea.KeyMsg{Type: tea.KeyCtrlP})
	return press(next.(model), typed, "enter")
}

func TestPracticeFaultsOfOneWayAreOrderedFromTheScreen(t *testing.T) {
	t.Parallel()
	f := newFake()
	m := screenOf(f.snap, 120, 40)
	m.do.backend = f
	wiring, _ := m.do.wiring()().(wiringMsg)
	m = m.wired(wiring)
	m, cmd := fromPalette(m, "slow in sends brain")
	if cmd == nil {
		t.Fatalf("nothing was ordered:\n%s", m.View())
	}
	cmd()
	if got := <-f.restarts; got != "slow in to brain" {
		t.Errorf("ordered: %s", got)
	}
	m, _ = press(m, "esc", "F")
	if view := m.View(); !strings.Contains(view, "practice fault: hang brain for 30 s") || strings.Contains(view, "hang out for") {
		t.Errorf("F on brain offers\n%s", view)
	}
	_, cmd = press(m, "kill", "enter")
	cmd()
	if got := <-f.restarts; got != "kill brain" {
		t.Errorf("ordered: %s", got)
	}
}

func TestSessionsAreSwitchedAndBegun(t *testing.T) {
	t.Parallel()
	f := newFake()
	m := screenOf(f.snap, 120, 40)
	m.do.backend = f
	next, cmd := m.Update(tea.KeyMsg{Type: tea.KeyCtrlS})
	next, _ = next.Update(cmd())
	m = next.(model)
	if view := m.View(); !strings.Contains(view, "s-7f2a · 2 turns") || !strings.Contains(view, "here") || !strings.Contains(view, "and yesterday?") {
		t.Fatalf("ctrl+s offers\n%s", view)
	}
	_, cmd = press(m, "s-old1", "enter")
	cmd()
	if m = m.happened(eventsMsg{<-f.events, noon}); m.state.Session != "s-old1" {
		t.Errorf("the chat talks in %s", m.state.Session)
	}
	next, cmd = screenOf(f.snap, 120, 40).Update(tea.KeyMsg{Type: tea.KeyCtrlN})
	m = next.(model)
	m.do.backend = f
	if cmd == nil {
		t.Fatal("ctrl+n asks for nothing")
	}
}

func TestASheetCoversThePanesUntilItIsClosed(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 80, 24)
	next, _ := m.Update(pageMsg{title: "messages of turn 1", text: strings.Repeat("a line\n", 60)})
	m = next.(model)
	if view := m.View(); !strings.Contains(view, "messages of turn 1") || !strings.Contains(view, "1 to 19 of 60") {
		t.Errorf("not shown:\n%s", view)
	}
	next, _ = m.Update(tea.KeyMsg{Type: tea.KeyPgDown})
	m = next.(model).resized(tea.WindowSizeMsg{Width: 60, Height: 15})
	for _, l := range strings.Split(m.View(), "\n") {
		if n := ansi.StringWidth(l); n != 60 {
			t.Errorf("line %q has %d columns", l, n)
		}
	}
	if m, _ = press(m, "q"); m.over.sheet != nil {
		t.Error("q does not close it")
	}
	next, _ = m.Update(pageMsg{title: "messages", err: errors.New("no such turn")})
	if view := next.View(); !strings.Contains(view, "no such turn") {
		t.Errorf("what went wrong is not told:\n%s", view)
	}
}

func TestThePaletteHasEveryActionOfAComponent(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["everything-wrong"], 120, 40)
	m = m.breakersRead(breakersMsg{rows: routes()})
	var texts []string
	for _, it := range m.actions() {
		texts = append(texts, it.Text)
	}
	all := "\n" + strings.Join(texts, "\n") + "\n"
	for _, want := range []string{
		"go to chat", "go to config", "session: begin a new one", "session: go on with another one", "logs of all components", "logs of brain",
		"restart brain", "stop brain", "start in", "start notes", "messages of turn 3", "recording of turn 3", "chain of turn 3",
		"replay this session, all from its recording", "trip the breakers of calls to weather/process_request", "practice faults: end all",
		"practice fault: kill brain now", "reload: read the files of the app again", "plain lines instead of the screen", "quit: stop the app",
	} {
		if !strings.Contains(all, "\n"+want+"\n") {
			t.Errorf("not in the palette: %s", want)
		}
	}
}

func TestTheFilterOfTheFleetTakesLetters(t *testing.T) {
	t.Parallel()
	m, cmd := press(screenOf(pictures()["normal"], 120, 40), "esc", "/", "q", "u")
	if quits(cmd) || m.over != (overlay{}) || !strings.Contains(m.View(), "nothing fits the filter") {
		t.Errorf("letters did something else than being typed:\n%s", m.View())
	}
	m, _ = press(m, "esc", "/outr")
	if !strings.Contains(m.View(), "/outr") {
		t.Errorf("letters that came together were not typed:\n%s", m.View())
	}
}

// TestCallsOfATurnFromElsewhereWaitForIt: events of calls are faster than the file that tells of the turn.
func TestCallsOfATurnFromElsewhereWaitForIt(t *testing.T) {
	t.Parallel()
	call := state.TurnCalled{Turn: "t-9", Call: state.Call{ID: "1", From: "brain", To: "weather", StartedAt: noon}}
	m := screenOf(pictures()["normal"], 120, 40).happened(eventsMsg{[]state.Event{call}, noon})
	found := state.TurnsFound{Turns: []state.Turn{{ID: "t-9", Session: "s-else", Text: "hi", StartedAt: noon}}}
	m = m.happened(eventsMsg{[]state.Event{found}, noon})
	if last := m.state.Turns[len(m.state.Turns)-1]; last.ID != "t-9" || len(last.Calls) != 1 || len(m.early) != 0 {
		t.Errorf("the turn is %+v, %d calls still wait", last, len(m.early))
	}
	for range 3 * mostEarly {
		m = m.happened(eventsMsg{[]state.Event{state.TurnCalled{Turn: "nobody"}}, noon})
	}
	if len(m.early) > mostEarly {
		t.Errorf("%d calls wait for ever", len(m.early))
	}
}

func TestAPaneTakesTheWholeScreenAndGivesItBack(t *testing.T) {
	t.Parallel()
	before := screenOf(pictures()["normal"], 120, 40)
	m, _ := press(before, "esc", "z")
	for _, want := range []string{"time", "lately", "memory", "cpu", "breakers", "oldest", "gen"} {
		if !strings.Contains(m.View(), want) {
			t.Errorf("the fleet has the whole screen, and no column %q:\n%s", want, m.View())
		}
	}
	m, _ = press(m, "2")
	if view := m.View(); strings.Contains(view, "restarts") || !strings.Contains(view, "waited") && !strings.Contains(view, "turn 2") {
		t.Errorf("after 2:\n%s", view)
	}
	for _, l := range strings.Split(m.View(), "\n") {
		if n := ansi.StringWidth(l); n != 120 {
			t.Fatalf("line %q has %d columns", l, n)
		}
	}
	m, _ = press(m, "1")
	next, _ := m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("z"), Alt: true})
	if next.(model).zoom || next.View() != before.View() {
		t.Errorf("alt+z while typing:\n%s", next.View())
	}
}

func TestWhatCoversThePanesIsSeenOnTheSmallestScreens(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{20, 5}, {40, 10}, {50, 15}, {120, 11}} {
		m := screenOf(pictures()["everything-wrong"], size[0], size[1])
		sheet, _ := m.Update(pageMsg{title: "messages", text: "one\ntwo"})
		palette, _ := m.Update(tea.KeyMsg{Type: tea.KeyCtrlP})
		for what, view := range map[string]string{"messages": sheet.View(), "go to chat": palette.View()} {
			if size[0] > 20 && !strings.Contains(view, what) {
				t.Errorf("%v: no %q:\n%s", size, what, view)
			}
			lines := strings.Split(view, "\n")
			if len(lines) != size[1] {
				t.Errorf("%v %s: %d lines:\n%s", size, what, len(lines), view)
			}
			for _, l := range lines {
				if n := ansi.StringWidth(l); n != size[0] {
					t.Errorf("%v %s: line %q has %d columns", size, what, l, n)
				}
			}
		}
	}
}

// A reload may connect the app another way: the graph is read again, and what is not promised any more is said.
func TestAReloadThatChangesTheModeIsSeen(t *testing.T) {
	t.Parallel()
	m := screenOf(pictures()["normal"], 120, 40)
	const note = "brain goes by way of task_master"
	next, cmd := m.Update(eventsMsg{events: []state.Event{state.ModeChanged{Mode: "mixed", Note: note}, state.Reloaded{Generation: 8}}})
	if cmd == nil {
		t.Fatal("nothing is read again")
	}
	m = next.(model)
	if view := m.View(); !strings.Contains(view, note) || !strings.Contains(view, "mixed  gen 8") {
		t.Errorf("it is not said:\n%s", view)
	}
	next, _ = m.Update(eventsMsg{events: []state.Event{state.ModeChanged{Mode: "distributed"}}})
	if view := next.(model).View(); strings.Contains(view, note) || strings.Contains(view, "mixed") {
		t.Errorf("it is still said:\n%s", view)
	}
}
