// Package breakers shows the circuit breakers of every route: which are open, why, and when they try again; and takes the
// orders to trip, reset or hold one, each confirmed by a second key.
package breakers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Model is the pane. It is a value: every method that changes something returns another one.
type Model struct {
	theme   *theme.Theme
	keys    keyMap
	at      kit.Place
	rows    []state.Breaker
	list    kit.Window
	pending string // an order that waits for its second key: trip, reset or hold
	problem string
	loaded  bool
}

type keyMap struct{ up, down, trip, reset, hold, yes, no, leave, yank key.Binding }

// New returns an empty pane.
func New(t *theme.Theme, keys keymap.Map) Model {
	bind := keys.In("breakers").Bind
	return Model{theme: t, keys: keyMap{
		up:    bind("up", "↑", "", "up", "k"),
		down:  bind("down", "↑↓", "select", "down", "j"),
		trip:  bind("trip", "t", "trip", "t"),
		reset: bind("reset", "x", "reset", "x"),
		hold:  bind("hold", "h", "hold closed", "h"),
		yes:   bind("yes", "y", "yes", "y", "enter"),
		no:    bind("no", "n", "no", "n", "esc"),
		yank:  bind("yank", "c", "copy", "c"),
		leave: bind("leave", "esc", "fleet", "esc"),
	}}
}

// WithTheme changes the look.
func (m Model) WithTheme(t *theme.Theme) Model {
	m.theme = t
	return m
}

// In says where the pane stands.
func (m Model) In(at kit.Place) Model {
	m.at = at
	return m
}

// With takes the breakers of all callers; the selection stays on its route.
func (m Model) With(rows []state.Breaker) Model {
	was, had := m.current()
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b state.Breaker) int {
		return strings.Compare(a.Caller+"\x00"+a.Target+"\x00"+a.Type, b.Caller+"\x00"+b.Target+"\x00"+b.Type)
	})
	m.rows, m.loaded, m.problem = rows, true, ""
	at := m.list.Selected
	if had {
		if i := slices.IndexFunc(rows, func(b state.Breaker) bool { return same(b, was) }); i >= 0 {
			at = i
		}
	}
	m.list = m.list.To(at, len(rows), m.height())
	return m
}

func same(a, b state.Breaker) bool {
	return a.Caller == b.Caller && a.Target == b.Target && a.Type == b.Type
}

// Routes are the breakers that it has heard of.
func (m Model) Routes() []state.Breaker { return m.rows }

// Failed says why there is nothing new to show.
func (m Model) Failed(err error) Model {
	m.problem = err.Error()
	return m
}

func (m Model) current() (state.Breaker, bool) {
	if m.list.Selected < len(m.rows) {
		return m.rows[m.list.Selected], true
	}
	return state.Breaker{}, false
}

// Keys are what can be pressed here now, the most useful first.
func (m Model) Keys() []key.Binding {
	k := m.keys
	asking := m.pending != ""
	k.yes.SetEnabled(asking)
	k.no.SetEnabled(asking)
	for _, b := range []*key.Binding{&k.down, &k.up, &k.trip, &k.reset, &k.hold, &k.yank} {
		b.SetEnabled(!asking && len(m.rows) > 0)
	}
	k.leave.SetEnabled(!asking)
	return []key.Binding{k.yes, k.no, k.down, k.up, k.trip, k.reset, k.hold, k.yank, k.leave}
}

// Update takes a key press.
func (m Model) Update(k tea.KeyMsg) (Model, order.Order) {
	b, ok := m.current()
	switch {
	case m.pending != "":
		return m.confirmed(k, b)
	case key.Matches(k, m.keys.leave):
		return m, order.Leave{}
	case !ok:
		return m, nil
	case key.Matches(k, m.keys.up):
		m.list = m.list.Move(-1, len(m.rows), m.height())
	case key.Matches(k, m.keys.down):
		m.list = m.list.Move(1, len(m.rows), m.height())
	case key.Matches(k, m.keys.trip):
		m.pending = "trip"
	case key.Matches(k, m.keys.reset):
		m.pending = "reset"
	case key.Matches(k, m.keys.hold):
		m.pending = "hold"
	case key.Matches(k, m.keys.yank):
		return m, order.Copy{Text: plain(b) + "\n", What: "the route"}
	}
	return m, nil
}

// Scroll moves the selection: the wheel does.
func (m Model) Scroll(n int) Model {
	m.list = m.list.Move(-n, len(m.rows), m.height())
	return m
}

// Click selects the route in a row of the inside.
func (m Model) Click(row int) Model {
	from, to := m.list.Range(len(m.rows), m.height())
	if i := from + row - 1; row > 0 && i < to && m.pending == "" {
		m.list = m.list.To(i, len(m.rows), m.height())
	}
	return m
}

func (m Model) confirmed(k tea.KeyMsg, b state.Breaker) (Model, order.Order) {
	do := m.pending
	switch {
	case key.Matches(k, m.keys.yes):
		m.pending = ""
		return m, order.Route{Do: do, Target: b.Target, Type: b.Type}
	case key.Matches(k, m.keys.no):
		m.pending = ""
	}
	return m, nil
}

func plain(b state.Breaker) string {
	return fmt.Sprintf("%s → %s %s %s", b.Caller, route(b), b.State, b.Reason)
}

func route(b state.Breaker) string {
	if b.Type == "" || b.Type == "process_request" {
		return b.Target
	}
	return b.Target + "/" + b.Type
}

// Widths of the columns.
const (
	stateWidth = 13
	shortState = 9
	probeWidth = 9
	countWidth = 7
	sinceWidth = 9
	maxWindow  = 20
	roomy      = 60
)

func (m Model) height() int {
	_, h := kit.Inner(m.at.W, m.at.H)
	return max(1, h-4)
}
