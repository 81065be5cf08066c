// Package breakers shows the circuit breakers of every route: which are open, why, and when they try again; and takes the
// orders to trip, reset or hold one, each confirmed by a second key.
package breakers

import (
	"fmt"
	"slices"
	"strings"
	"time"

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
	stateWidth = 15
	probeWidth = 9
	countWidth = 7
	sinceWidth = 9
	maxWindow  = 20
)

func (m Model) height() int {
	_, h := kit.Inner(m.at.W, m.at.H)
	return max(1, h-4)
}

// View draws the pane as it is at now.
func (m Model) View(now time.Time) string {
	w, h := kit.Inner(m.at.W, m.at.H)
	if w <= 0 || h <= 0 {
		return kit.Frame{}.Render(m.theme, nil, m.at.W, m.at.H)
	}
	frame := kit.Frame{Title: m.at.Title, Focused: m.at.Focused}
	if len(m.rows) == 0 {
		return frame.Render(m.theme, kit.WrapAll(m.nothing(), w), m.at.W, m.at.H)
	}
	c := m.columns(w)
	lines := []string{m.theme.Dim.Paint(kit.Fit(c.heading(), w))}
	from, to := m.list.Range(len(m.rows), m.height())
	for i := from; i < to; i++ {
		lines = append(lines, m.row(m.rows[i], i == m.list.Selected && m.at.Focused, now, c))
	}
	lines = append(lines, "")
	lines = append(lines, m.why(w)...)
	if to-from < len(m.rows) {
		frame.Foot = fmt.Sprintf("%d to %d of %d", from+1, to, len(m.rows))
	}
	return frame.Render(m.theme, lines, m.at.W, m.at.H)
}

func (m Model) nothing() string {
	switch {
	case m.problem != "":
		return "the breakers cannot be read: " + m.problem
	case !m.loaded:
		return "asking the components" + m.theme.Marks.Ellipsis
	}
	return "No component has called another one yet. A route appears with its first call."
}

// columns are the widths at a width: what does not fit goes, the least important first.
type columns struct {
	route, window, counts int
	probe, since          bool
}

func (m Model) columns(w int) columns {
	c := columns{route: 10}
	for _, b := range m.rows {
		c.route = max(c.route, kit.Width(kit.CleanLine(b.Caller+" → "+route(b))))
	}
	c.route = min(c.route, max(10, w/3))
	left := w - 2 - c.route - 1 - stateWidth
	if left >= probeWidth+1 {
		c.probe, left = true, left-probeWidth-1
	}
	if left >= 2*(countWidth+1) {
		c.counts, left = 2, left-2*(countWidth+1)
	}
	if left >= sinceWidth+1+maxWindow {
		c.since, left = true, left-sinceWidth-1
	}
	if left >= 6 {
		c.window = min(maxWindow, left-1)
	}
	return c
}

func (c columns) heading() string {
	s := "  " + kit.Fit("route", c.route) + " " + kit.Fit("state", stateWidth)
	if c.window > 0 {
		last := "last calls"
		if c.window < len(last) {
			last = "last"
		}
		s += " " + kit.Fit(last, c.window)
	}
	if c.probe {
		s += " " + kit.FitRight("next try", probeWidth)
	}
	if c.since {
		s += " " + kit.FitRight("since", sinceWidth)
	}
	if c.counts > 0 {
		s += " " + kit.FitRight("calls", countWidth) + " " + kit.FitRight("refused", countWidth)
	}
	return s
}

func (m Model) row(b state.Breaker, selected bool, now time.Time, c columns) string {
	t := m.theme
	sign, ink := m.sign(b)
	name := kit.FitTail(t.Text(kit.CleanLine(b.Caller+" "+t.Marks.Arrow+" "+route(b))), c.route, t.Marks.Ellipsis)
	mark := " "
	if selected {
		mark, name = t.Accent.Paint(t.Marks.Select), t.Strong.Paint(name)
	}
	s := ink.Paint(sign) + mark + name + " " + ink.Paint(kit.Fit(b.State, stateWidth))
	if c.window > 0 {
		s += " " + m.window(b.Window, c.window)
	}
	if c.probe {
		s += " " + kit.FitRight(probe(b, now), probeWidth)
	}
	if c.since {
		s += " " + kit.FitRight(since(b, now), sinceWidth)
	}
	if c.counts > 0 {
		s += " " + kit.FitRight(fmt.Sprint(b.Calls), countWidth) + " " + kit.FitRight(fmt.Sprint(b.Refused), countWidth)
	}
	return s
}

func (m Model) sign(b state.Breaker) (string, theme.Ink) {
	switch b.State {
	case "closed":
		return m.theme.Glyph(state.Ready)
	case "open", "forced open":
		return m.theme.Marks.Open, m.theme.Bad
	}
	return m.theme.Marks.Open, m.theme.Warn
}

// window shows the last calls, the newest on the right.
func (m Model) window(calls []bool, w int) string {
	if len(calls) > w {
		calls = calls[len(calls)-w:]
	}
	var b strings.Builder
	for _, failed := range calls {
		if failed {
			b.WriteString(m.theme.Bad.Paint(m.theme.Marks.No))
		} else {
			b.WriteString(m.theme.Dim.Paint(m.theme.Marks.Yes))
		}
	}
	return b.String() + strings.Repeat(" ", w-len(calls))
}

// probe is when the next call has a chance.
func probe(b state.Breaker, now time.Time) string {
	if b.Closed() || b.ReopenAt.IsZero() {
		return "-"
	}
	d := b.ReopenAt.Sub(now)
	if d <= 0 {
		return "now"
	}
	return "in " + kit.Age(d+time.Second-1)
}

// since is how long a way has been in its state.
func since(b state.Breaker, now time.Time) string {
	if b.Since.IsZero() {
		return "-"
	}
	return kit.Age(now.Sub(b.Since)) + " ago"
}

// why explains the selected route, or asks for the second key.
func (m Model) why(w int) []string {
	b, _ := m.current()
	name := kit.CleanLine(b.Caller + " " + m.theme.Marks.Arrow + " " + route(b))
	if m.pending != "" {
		what := map[string]string{
			"trip":  "Let no call of " + name + " through?",
			"reset": "End the order on " + name + " and close it?",
			"hold":  "Let every call of " + name + " through for 10 minutes, whatever fails?",
		}[m.pending]
		return []string{m.theme.Warn.Paint(kit.FitTail(what+" y: yes, n: no", w, m.theme.Marks.Ellipsis))}
	}
	text := "why: " + kit.CleanLine(b.Reason)
	switch {
	case b.By != "":
		text += " (by " + kit.CleanLine(b.By) + ")"
	case b.Reason == "" && b.Closed():
		text = "calls go through; it opens after 5 failures in a row, or when half of the last 20 fail"
	case b.Reason == "":
		text = "why: no reason was given"
	}
	var lines []string
	for _, l := range kit.Wrap(text, w) {
		lines = append(lines, m.theme.Dim.Paint(l))
	}
	return lines
}
