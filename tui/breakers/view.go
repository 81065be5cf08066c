package breakers

import (
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

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
	route, state, window, counts int
	probe, since                 bool
}

func (m Model) columns(w int) columns {
	c := columns{route: 10}
	for _, b := range m.rows {
		c.route = max(c.route, kit.Width(kit.CleanLine(b.Caller+" → "+route(b))))
	}
	longest := c.route
	c.route, c.state = min(c.route, max(10, w/3)), stateWidth
	if w < roomy { // the longest of the states is a rare one: the names need the room more
		c.state = shortState
		for _, b := range m.rows {
			c.state = max(c.state, kit.Width(b.State))
		}
		c.route = min(longest, max(10, w-2-2-c.state-probeWidth))
	}
	left := w - 2 - c.route - 1 - c.state
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
	s := "  " + kit.Fit("route", c.route) + " " + kit.Fit("state", c.state)
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
	name := m.way(b, c.route)
	mark := " "
	if selected {
		mark, name = t.Accent.Paint(t.Marks.Select), t.Strong.Paint(name)
	}
	s := ink.Paint(sign) + mark + name + " " + ink.Paint(kit.Fit(b.State, c.state))
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

// way is a route in w columns: both its ends have a part of them.
func (m Model) way(b state.Breaker, w int) string {
	t := m.theme
	from, to, arrow := kit.CleanLine(b.Caller), kit.CleanLine(route(b)), " "+t.Marks.Arrow+" "
	room := w - kit.Width(arrow)
	if over := kit.Width(from) + kit.Width(to) - room; over > 0 && room >= 12 {
		a := max(room-kit.Width(to), min(kit.Width(from), room/2))
		from, to = kit.FitName(from, a, t.Marks.Ellipsis), kit.FitName(to, room-a, t.Marks.Ellipsis)
	}
	return kit.FitTail(t.Text(from+arrow+to), w, t.Marks.Ellipsis)
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
		// The keys come first: of a long list and long names the end has no room.
		what := map[string]string{
			"trip":  "trip? y: yes, n: no. It lets no call of " + name + " through.",
			"reset": "reset? y: yes, n: no. It ends the order on " + name + " and closes it.",
			"hold":  "hold closed? y: yes, n: no. It lets every call of " + name + " through for 10 minutes, whatever fails.",
		}[m.pending]
		var lines []string
		for _, l := range kit.Wrap(what, w) {
			lines = append(lines, m.theme.Warn.Paint(l))
		}
		return lines
	}
	if kit.Width(name) > m.columns(w).route { // the row has only its beginning
		name += ": "
	} else {
		name = ""
	}
	text := name + "why: " + kit.CleanLine(b.Reason)
	switch {
	case b.By != "":
		text += " (by " + kit.CleanLine(b.By) + ")"
	case b.Reason == "" && b.Closed():
		text = name + "calls go through; it opens " + opens(b.Threshold)
	case b.Reason == "":
		text = name + "why: no reason was given"
	}
	var lines []string
	for _, l := range kit.Wrap(text, w) {
		lines = append(lines, m.theme.Dim.Paint(l))
	}
	return lines
}

// opens says what opens a breaker that so many failures in a row open; 0: as many as is usual.
func opens(threshold int) string {
	switch {
	case threshold == 0:
		return opens(5)
	case threshold == 1:
		return "after one failure"
	case threshold > 20: // half of 20 is no reason for whoever allows that many
		return fmt.Sprintf("after %d failures in a row", threshold)
	}
	return fmt.Sprintf("after %d failures in a row, or when half of the last 20 fail", threshold)
}
