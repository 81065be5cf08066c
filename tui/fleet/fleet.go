// Package fleet shows every instance of the app: its state, its process, its last sign of life and its load.
//
// A row keeps its place and the selection keeps its component, whatever changes around them; what has failed stays
// on the list, with the reason. Sorted by something that moves, the list is put in order again only while nobody has it
// in hand.
package fleet

import (
	"slices"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// row is one instance, cleaned for the screen.
type row struct {
	state.Component

	changed time.Time // when its state became another one; zero when that was before the pane saw it
}

// Model is the pane. It is a value: every method that changes something returns another one.
type Model struct {
	theme    *theme.Theme
	keys     keyMap
	w, h     int
	focused  bool
	framed   bool
	all      []row // in the order of the app
	rows     []row // those that are shown, as they are shown
	order    ordering
	longest  int // width of the longest name
	selected int
	held     [2]string // the component and instance that was chosen, shown or not
	chosen   bool      // a person chose it; before that it is the first that needs one
	open     bool      // the card of the selected component is asked for
	down     int       // how far the card is scrolled
	there    string    // the key that leads here from another pane
	logs     string
	mode     string // what is not promised in the mode of the app
	told     told
}

// New returns an empty pane.
func New(t *theme.Theme, keys keymap.Map) Model {
	return Model{theme: t, keys: newKeys(keys), framed: true}.enable()
}

// WithTheme changes the look.
func (m Model) WithTheme(t *theme.Theme) Model {
	m.theme = t
	return m
}

// WithSize says how much room there is, and whether a frame shall be drawn.
func (m Model) WithSize(w, h int, framed bool) Model {
	m.w, m.h, m.framed = w, h, framed
	return m
}

// WithFocus says whether the keys go here.
func (m Model) WithFocus(focused bool) Model {
	m.focused = focused
	return m
}

// WithWay names the key that leads here from another pane.
func (m Model) WithWay(key string) Model {
	m.there = key
	return m
}

// WithMode takes over what is not promised in the mode of the app; empty when everything is.
func (m Model) WithMode(note string) Model {
	m.mode = kit.CleanLine(note)
	return m
}

// WithLogs names the directory of the log files, for the card.
func (m Model) WithLogs(dir string) Model {
	m.logs = kit.CleanLine(dir)
	return m
}

// With takes over the components. The selection stays on the same instance, or on the one that took its place.
func (m Model) With(components []state.Component, now time.Time) Model {
	rows := make([]row, len(components))
	for i, c := range components {
		rows[i] = row{Component: clean(c)}
		if old, ok := find(m.all, rows[i].Name, rows[i].Instance); ok {
			rows[i].changed = m.all[old].changed
			if m.all[old].State != rows[i].State {
				rows[i].changed = now
			}
		}
	}
	m.all, m.longest = rows, 0
	for _, r := range rows {
		m.longest = max(m.longest, kit.Width(r.Name))
	}
	m = m.arrange(!m.focused)
	if !m.chosen && !m.focused {
		m = m.pick(max(0, slices.IndexFunc(m.rows, row.needy)))
		m.chosen = false
	}
	return m.enable()
}

func find(rows []row, name, instance string) (int, bool) {
	i := slices.IndexFunc(rows, func(r row) bool { return r.Name == name && r.Instance == instance })
	return i, i >= 0
}

// clean makes everything that a component could have chosen safe to draw.
func clean(c state.Component) state.Component {
	c.Name, c.Instance = kit.CleanLine(c.Name), kit.CleanLine(c.Instance)
	c.Kind, c.Type = kit.CleanLine(c.Kind), kit.CleanLine(c.Type)
	c.Reason = kit.CleanLine(c.Reason)
	lines := make([]string, len(c.LastLines))
	for i, l := range c.LastLines {
		lines[i] = kit.CleanLine(l)
	}
	c.LastLines = lines
	return c
}

func (m Model) current() (row, bool) {
	if m.selected < len(m.rows) {
		return m.rows[m.selected], true
	}
	return row{}, false
}

// Open says that the card of the selected component is to be shown.
func (m Model) Open() bool { return m.open && len(m.rows) > 0 }

// Scroll moves the selection: the wheel does.
func (m Model) Scroll(n int) Model {
	return m.pick(m.selected - n)
}

// Update takes a key press.
func (m Model) Update(msg tea.Msg) (Model, order.Order) {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return m, nil
	}
	if m.order.typing {
		return m.typed(k).enable(), nil
	}
	switch {
	case key.Matches(k, m.keys.up):
		m = m.pick(m.selected - 1)
	case key.Matches(k, m.keys.down):
		m = m.pick(m.selected + 1)
	case key.Matches(k, m.keys.first):
		m = m.pick(0)
	case key.Matches(k, m.keys.last):
		m = m.pick(len(m.rows) - 1)
	case key.Matches(k, m.keys.open):
		m.open, m.down = true, 0
	case key.Matches(k, m.keys.later) && m.open:
		m.down = min(m.down+cardPage, cardMost)
	case key.Matches(k, m.keys.earlier) && m.open:
		m.down = max(0, m.down-cardPage)
	case key.Matches(k, m.keys.close) && m.open:
		m.open = false
	case key.Matches(k, m.keys.sort):
		m = m.sorted()
	case key.Matches(k, m.keys.search):
		m.order.typing = true
	case key.Matches(k, m.keys.clear):
		m = m.filtered(kit.Editor{})
	default:
		return m.ordered(k)
	}
	return m.enable(), nil
}

// ordered takes the keys that ask for something outside of the list.
func (m Model) ordered(k tea.KeyMsg) (Model, order.Order) {
	c, any := m.current()
	switch {
	case !any:
	case key.Matches(k, m.keys.lines):
		return m, order.Show{Pane: order.Logs, Component: c.Name}
	case key.Matches(k, m.keys.restart):
		return m, order.Life{Do: order.Restart, Component: c.Name}
	case key.Matches(k, m.keys.faults):
		return m, order.Faults{Component: c.Name}
	case key.Matches(k, m.keys.stop) && (c.State == state.Stopped || c.State == state.Failed):
		return m, order.Life{Do: order.Start, Component: c.Name}
	case key.Matches(k, m.keys.stop):
		return m, order.Life{Do: order.Stop, Component: c.Name}
	}
	return m.enable(), nil
}
