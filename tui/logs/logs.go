// Package logs shows what the components wrote, all together in the order of time: following, or held still while the
// reader looks; searched on everything that is on disk.
//
// The pane holds a bounded end of what its query found. The files are the truth: a new query reads them again.
package logs

import (
	"regexp"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// MaxLines is how many lines the pane holds. Older ones are on disk.
const MaxLines = 5000

// Model is the pane. It is a value: every method that changes something returns another one.
type Model struct {
	theme *theme.Theme
	keys  keyMap
	at    kit.Place

	only    []string // components; empty: all
	turn    string   // a turn: only lines about it; empty: all
	talk    string   // the session that the chat talks in
	session bool     // only lines about it
	level   logbuf.Level
	grep    *regexp.Regexp
	typing  bool // the search field has the keys
	field   kit.Editor
	problem string // with the regular expression

	lines  Tail // of what the query found
	seq    int  // of the query that lines belong to
	hold   int  // lines after the last one that is shown; 0: following
	unseen int  // that came while the reader held still
	marks  map[mark]bool
	wrap   bool
	times  bool
	pretty bool
}

// New returns an empty pane.
func New(t *theme.Theme, keys keymap.Map) Model {
	return Model{theme: t, keys: newKeys(keys), times: true, wrap: true, marks: map[mark]bool{}}
}

// WithTheme changes the look.
func (m Model) WithTheme(t *theme.Theme) Model {
	m.theme = t
	return m
}

// In says where the pane stands.
func (m Model) In(at kit.Place) Model {
	m.at = at
	m.hold = min(m.hold, m.maxHold())
	return m
}

// WithSession names the session that the chat talks in.
func (m Model) WithSession(id string) Model {
	m.talk = id
	return m
}

// Typing says that letters go into the search field.
func (m Model) Typing() bool { return m.typing }

// Of shows the lines of one component, or of all when the name is empty.
func (m Model) Of(component string) (Model, order.Order) { return m.About(component, "") }

// About shows the lines about a turn, of one component or of all.
func (m Model) About(component, turn string) (Model, order.Order) {
	m.only, m.turn = nil, turn
	if component != "" {
		m.only = []string{component}
	}
	return m.ask()
}

// And shows the lines of a component beside those that are shown, or no longer when they are.
func (m Model) And(component string) (Model, order.Order) {
	only := slices.DeleteFunc(slices.Clone(m.only), func(n string) bool { return n == component })
	if len(only) == len(m.only) && component != "" {
		only = append(only, component)
	}
	m.only = only
	return m.ask()
}

// Ask begins to read: the pane has come onto the screen.
func (m Model) Ask() (Model, order.Order) { return m.ask() }

// ask forgets what was found and asks again.
func (m Model) ask() (Model, order.Order) {
	m.seq++
	m.lines, m.hold, m.unseen = Tail{}, 0, 0
	q := order.LogQuery{Components: m.only, Grep: m.grep, Level: m.level, Tail: MaxLines}
	if m.session {
		q.Session = m.talk
	}
	if m.turn != "" {
		q.Session, q.Turn = "", m.turn
	}
	return m, order.Lines{Query: q}
}

// With takes lines that the last query found. Those before them may have come too fast to be held.
func (m Model) With(found Tail) Model {
	m.lines = m.lines.Join(found, MaxLines)
	if n := found.Len() + found.Skipped(); m.hold > 0 {
		m.hold = min(m.hold+n, m.maxHold())
		m.unseen += n
	}
	return m
}

func (m Model) following() bool { return m.hold == 0 }

func (m Model) height() int {
	_, h := kit.Inner(m.at.W, m.at.H)
	if m.typing || m.grep != nil || m.problem != "" {
		h--
	}
	return max(1, h)
}

func (m Model) maxHold() int { return max(0, m.lines.Len()-1) }

// Update takes a key press.
func (m Model) Update(k tea.KeyMsg) (Model, order.Order) {
	if m.typing {
		return m.typed(k)
	}
	switch {
	case key.Matches(k, m.keys.up):
		return m.scroll(1), nil
	case key.Matches(k, m.keys.down):
		return m.scroll(-1), nil
	case key.Matches(k, m.keys.pageUp):
		return m.scroll(m.height() - 1), nil
	case key.Matches(k, m.keys.pageDown):
		return m.scroll(1 - m.height()), nil
	case key.Matches(k, m.keys.first):
		return m.scroll(m.lines.Len()), nil
	case key.Matches(k, m.keys.follow):
		m.hold, m.unseen = 0, 0
		return m, nil
	case key.Matches(k, m.keys.search):
		m.typing = true
		return m, nil
	}
	return m.switched(k)
}

// Scroll moves by so many lines, upwards when n is positive: the wheel does.
func (m Model) Scroll(n int) Model { return m.scroll(n) }

func (m Model) scroll(n int) Model {
	m.hold = max(0, min(m.hold+n, m.maxHold()))
	if m.hold == 0 {
		m.unseen = 0
	}
	return m
}

// switched takes the keys that change how or what is shown.
func (m Model) switched(k tea.KeyMsg) (Model, order.Order) {
	switch {
	case key.Matches(k, m.keys.wrap):
		m.wrap = !m.wrap
	case key.Matches(k, m.keys.times):
		m.times = !m.times
	case key.Matches(k, m.keys.pretty):
		m.pretty = !m.pretty
	case key.Matches(k, m.keys.mark):
		return m.marked(), nil
	case key.Matches(k, m.keys.yank):
		return m, m.copied()
	case key.Matches(k, m.keys.level):
		m.level = nextLevel(m.level)
		return m.ask()
	case key.Matches(k, m.keys.all):
		return m.Of("")
	case key.Matches(k, m.keys.session) && m.talk != "":
		m.session = !m.session
		return m.ask()
	case key.Matches(k, m.keys.next):
		return m.scroll(-1), nil // every line is a match
	case key.Matches(k, m.keys.previous):
		return m.scroll(1), nil
	case key.Matches(k, m.keys.clear) && m.grep != nil:
		m.grep, m.field = nil, kit.Editor{}
		return m.ask()
	case key.Matches(k, m.keys.leave):
		return m, order.Leave{}
	}
	return m, nil
}

func nextLevel(l logbuf.Level) logbuf.Level {
	switch l {
	case logbuf.Unknown:
		return logbuf.Warn
	case logbuf.Warn:
		return logbuf.Error
	}
	return logbuf.Unknown
}
