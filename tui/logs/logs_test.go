package logs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

func TestMain(m *testing.M) { golden.Main(m, "tui/logs") }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local)

func lines(texts ...string) []logbuf.Line {
	out := make([]logbuf.Line, len(texts))
	for i, s := range texts {
		out[i] = logbuf.Line{Time: noon.Add(time.Duration(i) * time.Second), Component: "brain", Stream: "stdout", Text: s}
	}
	return out
}

func pane(w, h int, texts ...string) Model {
	m := New(theme.New(theme.Options{Profile: termenv.Ascii}), keymap.Map{}).In(kit.Place{Title: "4 logs", W: w, H: h, Focused: true}).WithSession("s-1")
	return m.With(TailOf(lines(texts...)...))
}

func press(m Model, keys ...string) (Model, order.Order) {
	var do order.Order
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		for _, typ := range []tea.KeyType{tea.KeyUp, tea.KeyDown, tea.KeyEnter, tea.KeyEsc, tea.KeyPgUp, tea.KeyBackspace} {
			if (tea.KeyMsg{Type: typ}).String() == k {
				msg = tea.KeyMsg{Type: typ}
			}
		}
		m, do = m.Update(msg)
	}
	return m, do
}

func page(view string) string {
	rows := strings.Split(ansi.Strip(view), "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return strings.Join(rows, "\n") + "\n"
}

func TestWhatIsTypedIsSearchedOnEverythingOnDisk(t *testing.T) {
	t.Parallel()
	m, do := press(pane(60, 12, "one", "two"), "/", "t", "w")
	q, ok := do.(order.Lines)
	if !ok || q.Query.Grep.String() != "(?i)tw" {
		t.Fatalf("it asks for %+v", do)
	}
	if m, do = press(m, "T"); do.(order.Lines).Query.Grep.String() != "twT" {
		t.Errorf("a capital letter means itself: %v", do)
	}
	if m, do = press(m, "("); do != nil || !strings.Contains(m.View(noon), "not a regular expression yet") {
		t.Errorf("a pattern that is not whole asks for %v:\n%s", do, m.View(noon))
	}
	m, _ = press(m, "backspace", "enter")
	if m.Typing() {
		t.Error("enter does not leave the field")
	}
	if _, do = press(m, "esc"); do.(order.Lines).Query.Grep != nil {
		t.Error("esc does not end the search")
	}
}

func TestTheReaderIsLeftInPeaceWhileLinesCome(t *testing.T) {
	t.Parallel()
	var texts []string
	for i := range 40 {
		texts = append(texts, fmt.Sprintf("line %d", i))
	}
	m, _ := press(pane(60, 12, texts...), "up", "up")
	before := page(m.View(noon))
	m = m.With(TailOf(lines("new one", "new two", "new three")...))
	after := page(m.View(noon))
	if !strings.Contains(after, "3 new lines") || strings.Contains(after, "new one") {
		t.Errorf("the screen moved or does not tell:\n%s", after)
	}
	if strings.Split(before, "\n")[3] != strings.Split(after, "\n")[3] {
		t.Errorf("the lines moved:\n%s\n%s", before, after)
	}
	if m, _ = press(m, "f"); !strings.Contains(m.View(noon), "new three") || !strings.Contains(m.View(noon), "following") {
		t.Errorf("f does not follow:\n%s", m.View(noon))
	}
}

func TestALongLogIsBounded(t *testing.T) {
	t.Parallel()
	m := pane(60, 12)
	for i := range 20 {
		var texts []string
		for j := range 1000 {
			texts = append(texts, fmt.Sprintf("line %d", i*1000+j))
		}
		m = m.With(TailOf(lines(texts...)...))
	}
	if m.lines.Len() != MaxLines || m.lines.Skipped() != 15000 || !strings.Contains(m.View(noon), "line 19999") {
		t.Errorf("%d lines are held, %d are not:\n%s", m.lines.Len(), m.lines.Skipped(), m.View(noon))
	}
}

func TestLinesThatCameTooFastAreCounted(t *testing.T) {
	t.Parallel()
	m := pane(60, 12, "one", "two", "three", "four")
	m, _ = press(m, "k")
	m = m.With(Tail{skipped: 1001}.Add(lines("a thousand and six")[0], 0))
	if m.unseen != 1002 || m.lines.Skipped() != 4+1001 {
		t.Errorf("unseen %d, dropped %d", m.unseen, m.lines.Skipped())
	}
	if got := m.View(noon); !strings.Contains(got, "a thousand and six") || strings.Contains(got, "four") {
		t.Errorf("lines with a gap between them stand together:\n%s", got)
	}
}

func TestWhatIsCopiedHasNoBordersAndNoWraps(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 40)
	m, _ := press(pane(40, 12, "one", long, "\x1b[31mred\x1b[0m"), "w")
	_, do := press(m, "y")
	if got := do.(order.Copy).Text; got != "one\n"+long+"\nred\n" {
		t.Errorf("copied %q", got)
	}
	m, _ = press(pane(40, 12, "one", "two"), "m")
	m = m.With(TailOf(lines("three", "four")...))
	if _, do = press(m, "y"); do.(order.Copy).Text != "three\nfour\n" {
		t.Errorf("from the mark on: %q", do.(order.Copy).Text)
	}
}

func TestView(t *testing.T) {
	t.Parallel()
	texts := []string{"plain", "level=warn msg=\"a warning\"", "ERROR: it broke", `{"level":"info","n":1}`, strings.Repeat("long ", 30)}
	var b strings.Builder
	for _, size := range [][2]int{{40, 10}, {60, 14}, {100, 20}} {
		for _, keys := range [][]string{nil, {"w", "p"}, {"/", "l", "o"}, {"t", "m", "up"}} {
			m, _ := press(pane(size[0], size[1], texts...), keys...)
			if keys != nil && keys[0] == "/" {
				m = m.With(TailOf(lines(texts[4])...))
			}
			fmt.Fprintf(&b, "%d×%d %s\n%s", size[0], size[1], strings.Join(keys, " "), page(m.View(noon)))
		}
	}
	fmt.Fprintf(&b, "nothing\n%s", page(pane(40, 6).View(noon)))
	golden.Equal(t, "tui/logs/view", b.String())
}

func TestMarksAndFiltersOutliveAnotherQuery(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	lines := []logbuf.Line{{Time: at, Component: "a", Text: "one"}, {Time: at, Component: "a", Text: "two"}, {Time: at.Add(1), Component: "b", Text: "three"}}
	m := New(theme.New(theme.Options{Profile: termenv.Ascii}), keymap.Map{}).In(kit.Place{Title: "logs", W: 30, H: 12, Focused: true})
	m, _ = m.Of("a")
	m, _ = m.And("b")
	m = m.With(TailOf(lines[:2]...))
	m, _ = m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("m")})
	m, do := m.Ask()
	if q := do.(order.Lines).Query; !slices.Equal(q.Components, []string{"a", "b"}) {
		t.Errorf("the components are forgotten: %+v", q)
	}
	m = m.With(TailOf(lines...))
	if got := m.copied().(order.Copy).Text; got != "three\n" {
		t.Errorf("from the mark on: %q", got)
	}
	view := m.View(at)
	if !strings.Contains(view, "a, b") || !strings.Contains(view, "│ ──────────") {
		t.Errorf("the mark, or what is shown, is not to be seen:\n%s", view)
	}
	m, do = m.About("a", "t-1")
	if q := do.(order.Lines).Query; q.Turn != "t-1" || !slices.Equal(q.Components, []string{"a"}) {
		t.Errorf("about a turn: %+v", q)
	}
	if view = m.View(at); !strings.Contains(view, "turn t-1") {
		t.Errorf("the turn is not named:\n%s", view)
	}
	m, _ = m.Of("a")
	if _, do = m.And("a"); len(do.(order.Lines).Query.Components) != 0 {
		t.Errorf("the last component taken away: %+v", do)
	}
}
