package chat

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

func TestMain(m *testing.M) { golden.Main(m, "tui/chat") }

var now = time.Date(2026, 3, 1, 14, 2, 11, 0, time.UTC)

var kinds = map[string]string{"in": "input", "brain": "agent", "out": "output"}

func ask(id, text string) state.Turn {
	return state.Turn{ID: id, Session: "s-7f2a", Text: text, StartedAt: now.Add(-2 * time.Second)}
}

func streaming(t state.Turn, partial string) state.Turn {
	t.Stream, t.Partial = t.ID+"/brain/1", partial
	return t
}

func answered(t state.Turn, answer string) state.Turn {
	return ended(t, event.End{Status: event.StatusOK, Answer: answer})
}

func ended(t state.Turn, e event.End) state.Turn {
	e.Turn, e.Session = t.ID, t.Session
	if e.Hops == nil {
		e.Hops = []event.Hop{{Component: "in"}, {Component: "brain"}, {Component: "out"}}
	}
	t.End, t.EndedAt = &e, t.StartedAt.Add(1900*time.Millisecond)
	return t
}

const written = `# Paris

It is **raining** until four, so yes: take one. I could not look at your notes just now.

1. an umbrella, because rain in spring comes from the side as well as from above
2. shoes
   - dry ones

` + "```go\nfunc main() {\n\tfmt.Println(\"a line of code that is rather long, so that it must be broken somewhere\")\n}\n```" + `
Bye.`

func cases() map[string][]state.Turn {
	failed := func(id, text string, status event.Status, problem string) state.Turn {
		return ended(ask(id, text), event.End{Status: status, Error: problem, Hops: []event.Hop{{Component: "in"}, {Component: "brain", Error: problem}}})
	}
	return map[string][]state.Turn{
		"empty": nil,
		"normal": {
			answered(ask("1", "what is the weather in Paris, and should I take an umbrella?"), written),
			streaming(ask("2", "and tomorrow?"), "Tomorrow it is dry until noon, then"),
			ask("3", "and the day after?"),
		},
		"everything-wrong": {
			failed("1", "one", event.StatusFailed, "connection refused by model"),
			failed("2", "two", event.StatusTimeout, "no word for 30 s"),
			failed("3", "three", event.StatusDead, "it crashed brain twice"),
			failed("4", "four", event.StatusCanceled, "asked by the user"),
			failed("5", "five", event.StatusPending, "brain is restarting"),
			ended(ask("6", "six"), event.End{Status: event.StatusFailed, Answer: "half an answer", Hops: []event.Hop{}}),
			answered(ask("7", "seven"), ""),
		},
		"long-names": {
			ended(ask("1", strings.Repeat("long", 80)), event.End{
				Status: event.StatusOK, Answer: strings.Repeat("answer", 60),
				Hops:    []event.Hop{{Component: "a_component_whose_name_never_ends"}},
				Outputs: []event.Output{{Component: "another_output_with_a_name", Text: "the same to another door"}},
			}),
		},
		"wide-runes": {
			answered(ask("1", "パリの天気はどうですか、傘は必要ですか? 👍🏽"), "四時まで雨です。\n- 傘 👨\u200d👩\u200d👧\n\x1b[2J\x1b[31mnot red\u202e\a"),
		},
	}
}

// calling is a turn whose agent has called tools in every way that there is.
func calling() state.Turn {
	t := ask("1", "what is the weather in Paris, and should I take an umbrella?")
	t.Stream, t.Partial = "1/brain/1", "It is raining until four"
	t.Calls = []state.Call{
		{ID: "m", From: "brain", To: "model", Type: "chat", Data: "{}", Done: true},
		{ID: "a", From: "brain", To: "weather", Type: event.TypeProcess, Data: `{"action":"forecast","inputs":{"city":"Paris","days":2}}`, Result: `{"rain":true,"until":"16:00"}`, Took: 212 * time.Millisecond, Done: true},
		{ID: "b", From: "brain", To: "notes", Type: event.TypeProcess, Data: `umbrella`, Error: "component is restarting", Done: true},
		{ID: "c", From: "brain", To: "prices", Type: event.TypeProcess, Data: `{"amount":"12 €"}`, Result: strings.Repeat("a line\n", 30), Fallback: "static", Took: 3 * time.Millisecond, Done: true},
		{ID: "d", From: "helper", To: "日本語", Type: event.TypeProcess, Data: `{"action":"` + strings.Repeat("long", 40) + `","inputs":{}}`},
	}
	return t
}

func TestCallsStandInTheChatAndUnfold(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, size := range [][2]int{{40, 40}, {80, 40}} {
		m := pane([]state.Turn{calling()}, size[0], size[1])
		fmt.Fprintf(&b, "%d×%d\n%s", size[0], size[1], page(m.View(now)))
		m, _ = m.Update(tea.KeyMsg{Type: tea.KeyCtrlT})
		fmt.Fprintf(&b, "%d×%d unfolded\n%s", size[0], size[1], page(m.View(now)))
		back, _ := m.Update(tea.KeyMsg{Type: tea.KeyCtrlT})
		if page(back.View(now)) != page(pane([]state.Turn{calling()}, size[0], size[1]).View(now)) {
			t.Error("folding again does not bring back what was there")
		}
	}
	golden.Equal(t, "tui/chat/calls", b.String())
}

func TestACallThatEndsIsShownAsEnded(t *testing.T) {
	t.Parallel()
	turn := calling()
	m := pane([]state.Turn{turn}, 80, 24)
	turn.Calls = slices.Clone(turn.Calls)
	turn.Calls[4].Done, turn.Calls[4].Took = true, time.Second
	if view := m.With("s-7f2a", []state.Turn{turn}, kinds).View(now); strings.Contains(view, "running") || !strings.Contains(view, "✓ 1.0 s") {
		t.Errorf("got\n%s", view)
	}
}

func plain() *theme.Theme { return theme.New(theme.Options{Profile: termenv.Ascii}) }

func pane(turns []state.Turn, w, h int) Model {
	return New(plain(), keymap.Map{}).WithHello(Hello("support-bot", true, nil)).In(kit.Place{Title: "chat", W: w, H: h, Focused: true}).With("s-7f2a", turns, kinds)
}

// page is a view as a person reads it: without colours, without spaces at the ends of lines.
func page(view string) string {
	lines := strings.Split(ansi.Strip(view), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func press(m Model, keys ...string) (Model, order.Order) {
	var out order.Order
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		for _, typ := range []tea.KeyType{tea.KeyUp, tea.KeyDown, tea.KeyEnter, tea.KeyEsc, tea.KeyPgUp, tea.KeyPgDown, tea.KeyCtrlJ, tea.KeyCtrlU} {
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
	for name, turns := range cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			for _, size := range [][2]int{{40, 10}, {80, 24}, {120, 40}, {200, 60}} {
				m := pane(turns, size[0], size[1])
				m, _ = press(m, "a second line ", "ctrl+j", "of text 日本")
				fmt.Fprintf(&b, "%d×%d\n%s", size[0], size[1], page(m.View(now)))
			}
			golden.Equal(t, "tui/chat/"+name, b.String())
		})
	}
}

// TestViewFillsItsPlace: at no size a line is longer or shorter than the pane, whatever is said.
func TestViewFillsItsPlace(t *testing.T) {
	t.Parallel()
	for name, turns := range cases() {
		for w := 1; w < 80; w += 3 {
			for h := 1; h < 16; h++ {
				m, _ := press(pane(turns, w, h), "text", "enter", "a\nb\nc\nd 日本語", "pgup")
				lines := strings.Split(m.View(now), "\n")
				if len(lines) != h {
					t.Fatalf("%s %d×%d: %d lines", name, w, h, len(lines))
				}
				for _, l := range lines {
					if n := ansi.StringWidth(l); n != w {
						t.Fatalf("%s %d×%d: line %q has %d columns", name, w, h, l, n)
					}
				}
			}
		}
	}
}

// TestStreamingIsDrawingWhole: an answer that arrives in any pieces looks like one that arrived at once.
func TestStreamingIsDrawingWhole(t *testing.T) {
	t.Parallel()
	for _, step := range []int{1, 2, 3, 7, 50} {
		m := pane(nil, 50, 40)
		for n := step; n < len(written); n += step {
			m = m.With("s-7f2a", []state.Turn{streaming(ask("1", "q"), written[:n])}, kinds)
		}
		whole := []state.Turn{streaming(ask("1", "q"), written)}
		if d := cmp.Diff(pane(whole, 50, 40).View(now), m.With("s-7f2a", whole, kinds).View(now)); d != "" {
			t.Errorf("in pieces of %d bytes (-whole +pieces):\n%s", step, d)
		}
	}
}

func TestANewStreamReplacesTheOldOne(t *testing.T) {
	t.Parallel()
	first := streaming(ask("1", "q"), "the first attempt")
	second := first
	second.Stream, second.Partial = "1/brain/2", "the second"
	view := pane([]state.Turn{first}, 60, 12).With("s-7f2a", []state.Turn{second}, kinds).View(now)
	if strings.Contains(view, "first") || !strings.Contains(view, "the second") {
		t.Errorf("got\n%s", view)
	}
}

func TestOtherSessionsAreNotThisConversation(t *testing.T) {
	t.Parallel()
	other := ask("9", "not mine")
	other.Session = "s-else"
	if view := pane([]state.Turn{other, ask("1", "mine")}, 60, 12).View(now); strings.Contains(view, "not mine") || !strings.Contains(view, "mine") {
		t.Errorf("got\n%s", view)
	}
}

func TestMessagesGoOutOneAfterTheOther(t *testing.T) {
	t.Parallel()
	m, out := press(pane(nil, 60, 20), "first", "enter")
	if d := cmp.Diff(order.Order(order.Send{Text: "first"}), out); d != "" {
		t.Fatalf("enter (-want +got):\n%s", d)
	}
	if m, out = press(m, "second", "enter"); out != nil {
		t.Fatalf("the second message was sent beside the first: %+v", out)
	}
	if view := m.View(now); strings.Count(view, "sending") != 2 {
		t.Errorf("both messages should show as being sent:\n%s", view)
	}
	m, out = m.Sent("1", nil)
	if d := cmp.Diff(order.Order(order.Send{Text: "second"}), out); d != "" {
		t.Errorf("after the first was accepted (-want +got):\n%s", d)
	}
	m = m.With("s-7f2a", []state.Turn{ask("1", "first")}, kinds)
	if m, out = m.Sent("2", nil); out != nil {
		t.Errorf("something more is sent: %+v", out)
	}
	m = m.With("s-7f2a", []state.Turn{ask("1", "first"), ask("2", "second")}, kinds)
	if view := m.View(now); strings.Contains(view, "sending") || strings.Count(view, "second") != 1 {
		t.Errorf("each message should show once, as a turn:\n%s", view)
	}
}

func TestAMessageShowsOnceWhenItsTurnIsFasterThanItsReceipt(t *testing.T) {
	t.Parallel()
	m, _ := press(pane([]state.Turn{answered(ask("1", "again"), "a")}, 60, 20), "again", "enter")
	if view := m.View(now); strings.Count(view, "again") != 2 {
		t.Errorf("the same words a second time should show twice:\n%s", view)
	}
	m = m.With("s-7f2a", []state.Turn{answered(ask("1", "again"), "a"), ask("2", "again")}, kinds)
	if view := m.View(now); strings.Count(view, "again") != 2 || strings.Contains(view, "sending") {
		t.Errorf("the message shows beside its turn:\n%s", view)
	}
	m, _ = m.Sent("2", nil)
	if view := m.View(now); strings.Count(view, "again") != 2 {
		t.Errorf("after the receipt:\n%s", view)
	}
}

func TestWhatIsTypedAnswersTheQuestionOfATurn(t *testing.T) {
	t.Parallel()
	asked := state.Turn{ID: "1", Session: "s-7f2a", Text: "paint it", Asked: []state.Exchange{
		{Question: event.UserQuestion{ID: "q1", Component: "ag", Text: "Which colour?"}, Answer: &event.UserAnswer{ID: "q1", Text: "red"}},
		{Question: event.UserQuestion{ID: "q2", Component: "ag", Text: "Which red?"}},
	}}
	m := pane([]state.Turn{asked}, 60, 16)
	view := page(m.View(now))
	for _, want := range []string{"Which colour?", "you      red", "Which red?", "write the answer"} {
		if !strings.Contains(view, want) {
			t.Errorf("%q is not in\n%s", want, view)
		}
	}
	m, do := press(m, "dark", "enter")
	if do != (order.Say{Session: "s-7f2a", Question: "q2", Text: "dark"}) || len(m.showing()) > 0 {
		t.Errorf("got %#v", do)
	}
	asked.Asked[1].Answer = &event.UserAnswer{ID: "q2", None: event.NoUser}
	m = m.With("s-7f2a", []state.Turn{asked}, nil)
	if _, do = press(m, "more", "enter"); do != (order.Send{Text: "more"}) {
		t.Errorf("got %#v", do)
	}
}

func TestARefusedMessageComesBack(t *testing.T) {
	t.Parallel()
	m, _ := press(pane(nil, 60, 20), "first", "enter", "second", "enter", "third")
	m, out := m.Sent("", errors.New("in is draining"))
	if out != nil {
		t.Errorf("something is sent behind a refusal: %+v", out)
	}
	if got, want := m.input.Value(), "first\nsecond\nthird"; got != want {
		t.Errorf("the text field has %q, want %q", got, want)
	}
	view := m.View(now)
	if !strings.Contains(view, "not sent: in is draining") {
		t.Errorf("no reason is shown:\n%s", view)
	}
	if m, out = press(m, "enter"); out != order.Order(order.Send{Text: "first\nsecond\nthird"}) || strings.Contains(m.View(now), "not sent") {
		t.Errorf("it could not be sent again: %+v\n%s", out, m.View(now))
	}
}

func TestNothingIsSentWithoutText(t *testing.T) {
	t.Parallel()
	if _, out := press(pane(nil, 60, 20), "enter", " ", "enter", "ctrl+j", "enter"); out != nil {
		t.Errorf("got %+v", out)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	m := pane([]state.Turn{ask("1", "one"), ask("2", "two"), ask("3", "one")}, 60, 20)
	m, _ = press(m, "draft")
	var got []string
	for _, k := range []string{"up", "up", "up", "down", "down", "down"} {
		m, _ = press(m, k)
		got = append(got, m.input.Value())
	}
	if d := cmp.Diff([]string{"one", "two", "two", "one", "draft", "draft"}, got); d != "" {
		t.Errorf("up up up down down down (-want +got):\n%s", d)
	}
}

func TestScrolling(t *testing.T) {
	t.Parallel()
	var turns []state.Turn
	for i := range 20 {
		turns = append(turns, answered(ask(fmt.Sprint(i), fmt.Sprintf("question %02d", i)), fmt.Sprintf("answer %02d", i)))
	}
	talk := func(m Model) string { // what is shown, without frame and foot
		lines := strings.Split(page(m.View(now)), "\n")
		return strings.Join(lines[1:m.talkHeight()+1], "\n")
	}
	m, _ := press(pane(turns[:18], 60, 16), "pgup")
	before := talk(m)
	m = m.With("s-7f2a", turns, kinds)
	if d := cmp.Diff(before, talk(m)); d != "" {
		t.Errorf("what the reader looked at moved (-before +after):\n%s", d)
	}
	if view := m.View(now); !strings.Contains(view, "6 new lines") {
		t.Errorf("new lines are not told:\n%s", view)
	}
	m, out := press(m, "esc")
	if view := m.View(now); !strings.Contains(view, "answer 19") || strings.Contains(view, "new lines") || out != nil {
		t.Errorf("esc should go to the newest line, and nowhere else (%+v):\n%s", out, view)
	}
	if m, _ = press(m, "pgup", "pgup", "pgup", "pgup", "pgup", "pgup", "pgup"); !strings.Contains(talk(m), "question 00") {
		t.Errorf("the beginning cannot be reached:\n%s", talk(m))
	}
	if _, out := press(pane(nil, 60, 16), "esc"); out != order.Order(order.Leave{}) {
		t.Error("esc at the end of the talk does not step back")
	}
}

func TestTheWaitIsCounted(t *testing.T) {
	t.Parallel()
	m := pane([]state.Turn{ask("1", "q")}, 60, 16)
	for after, want := range map[time.Duration]string{0: "2s", 70 * time.Second: "1m12s", -time.Minute: "0s"} {
		if view := m.View(now.Add(after)); !strings.Contains(view, "· "+want) {
			t.Errorf("after %v, want %s:\n%s", after, want, view)
		}
	}
}

func BenchmarkView(b *testing.B) {
	var turns []state.Turn
	for i := range state.MaxTurns {
		turns = append(turns, answered(ask(fmt.Sprint(i), "question"), written))
	}
	m := pane(turns, 80, 40)
	for b.Loop() {
		m.View(now)
	}
}

func BenchmarkStream(b *testing.B) {
	partial := strings.Repeat("a line of an answer that is not very long\n", 5000)
	m := pane([]state.Turn{streaming(ask("1", "q"), partial)}, 80, 40)
	for b.Loop() {
		partial += "word "
		m = m.With("s-7f2a", []state.Turn{streaming(ask("1", "q"), partial)}, kinds)
		m.View(now)
	}
}

// TestAFailureIsToldInTheWordsOfTheScreen: what a command line does has a key here, and the word for programs is left out where
// there is little room.
func TestAFailureIsToldInTheWordsOfTheScreen(t *testing.T) {
	t.Parallel()
	problem := "brain: notes: NO_TARGET: it has failed: exit status 3; to try again: ww start notes"
	turn := ended(ask("1", "q"), event.End{Status: event.StatusFailed, Error: problem, Hops: []event.Hop{{Component: "brain", Error: problem}}})
	turn.Calls = []state.Call{{ID: "a", From: "brain", To: "notes", Type: event.TypeProcess, Data: "x", Error: "notes: NO_TARGET: it has failed: exit status 3", Done: true}}
	view := strings.Join(strings.Fields(page(pane([]state.Turn{turn}, 120, 20).View(now))), " ")
	for _, want := range []string{"✗ it has failed: exit status 3", "failed at brain: notes: NO_TARGET", "to try again: s on notes in the list"} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
	}
	if strings.Contains(view, "ww start") {
		t.Errorf("a command line is named:\n%s", view)
	}
}
