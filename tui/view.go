package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"

	"github.com/woodwork-lang/ww/tui/fleet"
	"github.com/woodwork-lang/ww/tui/kit"
)

// View draws the screen. It depends on nothing but the model.
func (m model) View() string {
	s := m.screen
	if s.W <= 0 || s.H <= 0 {
		return ""
	}
	if m.plain.on {
		return m.plainView()
	}
	var parts []string
	if s.Header.shown() {
		parts = append(parts, m.header(s.Header.W))
	}
	if s.Tabs.shown() {
		parts = append(parts, kit.Fit(m.tabRow(s.Tabs.W).text, s.Tabs.W))
	}
	if body := m.body(); body != "" {
		parts = append(parts, body)
	}
	view := strings.Join(append(parts, m.status(s.Status.W)), "\n")
	if m.drag.moved() {
		return m.drag.paint(view, m.theme.Reverse)
	}
	return view
}

// body is everything between the header and the status line.
func (m model) body() string {
	s := m.screen
	if m.over.palette != nil {
		return m.over.palette.View(s.W, max(s.Fleet.H, s.Right.H))
	}
	if m.over.sheet != nil {
		return m.over.sheet.View()
	}
	if m.over.help {
		area := rect{W: s.W, H: s.Fleet.H}
		if s.Right.shown() {
			area.H = s.Right.H
		}
		return m.helpScreen(area.W, area.H)
	}
	card := m.focused() == fleetPane && m.fleet.Open()
	switch {
	case card && !s.Right.shown():
		return m.fleet.Card(m.now, s.Fleet.W, s.Fleet.H)
	case !s.Right.shown():
		return m.fleet.View(m.now)
	case !s.Fleet.shown():
		return m.panes.view(m.tab, m.now)
	case card:
		return beside(m.fleet.View(m.now), m.fleet.Card(m.now, s.Right.W, s.Right.H))
	}
	return beside(m.fleet.View(m.now), m.panes.view(m.tab, m.now))
}

// beside puts two blocks of the same height next to each other.
func beside(left, right string) string {
	l, r := strings.Split(left, "\n"), strings.Split(right, "\n")
	for i := range l {
		if i < len(r) {
			l[i] += r[i]
		}
	}
	return strings.Join(l, "\n")
}

// header says whether it is well: the app on the left, the counts on the right. What does not fit goes, the least
// important first.
func (m model) header(w int) string {
	t, s := m.theme, m.state
	app := kit.CleanLine(appName(s))
	app = kit.FitTail(app, min(kit.Width(app), max(w/3, 8)), t.Marks.Ellipsis)
	name := " " + t.Strong.Paint("ww") + " " + t.Dim.Paint(t.Marks.Dot) + " " + t.Strong.Paint(app)
	facts, up := "", ""
	if s.Generation > 0 {
		facts = "   " + t.Dim.Paint(fmt.Sprintf("gen %d", s.Generation))
		if s.Mode != "" && s.Mode != "distributed" {
			facts = "   " + t.Warn.Paint(s.Mode) + t.Dim.Paint(fmt.Sprintf("  gen %d", s.Generation))
		}
	}
	if !s.StartedAt.IsZero() {
		up = "  " + t.Dim.Paint("up "+kit.Uptime(m.now.Sub(s.StartedAt)))
	}
	counts := m.counts()
	tries := [][2]string{{name + facts, counts + up}, {name, counts + up}, {name, counts}, {" " + t.Strong.Paint(app), counts}}
	if long, short := m.banner(); long != "" {
		tries = [][2]string{{name, long + "  " + counts + up}, {name, long + "  " + counts}, {" " + long, counts}, {" " + short, counts}}
	}
	for _, try := range tries {
		if gap := w - kit.Width(try[0]) - kit.Width(try[1]) - 1; gap >= 1 {
			return try[0] + strings.Repeat(" ", gap) + try[1] + " "
		}
	}
	if _, short := m.banner(); short != "" {
		counts = short + " " + counts
	}
	return kit.FitTail(" "+counts, w, t.Marks.Ellipsis)
}

// banner is what goes on beside the app's own work, in many words and in few: practice faults, a replay. Mostly nothing does.
func (m model) banner() (long, short string) {
	n, s := len(m.state.Faults), m.replaying
	loud := func(s string) string { return m.theme.Warn.Paint(m.theme.Reverse(s)) }
	switch ends := m.keys.unplay.Help().Key + " ends it"; {
	case n == 0 && s.session == "":
		return "", ""
	case n == 0:
		return loud(fmt.Sprintf("replaying %s, %s: %s", kit.CleanLine(s.session), kit.Uptime(m.now.Sub(s.since)), ends)), loud("replaying: " + ends)
	}
	f := m.state.Faults[0]
	text := "practice fault: " + m.theme.Arrows(kit.CleanLine(f.String())) + ", " + f.Left(m.now)
	if n > 1 {
		text += fmt.Sprintf(" and %d more", n-1)
	}
	return loud(text), loud("practice fault")
}

// counts is how many components are well, behind what is unusual about the app as a whole.
func (m model) counts() string {
	counts := fleet.Summary(m.theme, m.state.Components)
	switch {
	case m.state.Stopping:
		return m.theme.Warn.Paint("stopping") + "  " + counts
	case m.state.Ready && !m.state.Supervisor:
		return m.theme.Warn.Paint("no supervisor") + "  " + counts
	}
	return counts
}

// helpScreen lists every key that works now, as the key maps have it.
func (m model) helpScreen(w, h int) string {
	lines := m.helpLines(w)
	shown := kit.Pager{Top: m.over.scroll}.Of(lines, m.inside(h))
	if !m.screen.Framed {
		return strings.Join(kit.Block(shown, w, h), "\n")
	}
	frame := kit.Frame{Title: "help", Foot: "esc close", Focused: true}
	if len(shown) < len(lines) {
		frame.Foot += m.theme.Text(" " + m.theme.Marks.Dot + " ↑↓ scroll")
	}
	return frame.Render(m.theme, shown, w, h)
}

// helpColumn is the width of one of the columns that the help has where there is room.
const helpColumn = 34

// helpLines are the lines of the help at a width: what the pane with the focus takes, then what works everywhere.
func (m model) helpLines(w int) []string {
	columns := max(1, (w-4)/helpColumn)
	var lines []string
	section := func(title string, bindings []key.Binding) {
		var rows []string
		for _, b := range bindings {
			if b.Enabled() && b.Help().Desc != "" {
				rows = append(rows, kit.Fit("  "+kit.Fit(m.theme.Text(b.Help().Key), 12)+b.Help().Desc, helpColumn))
			}
		}
		lines = append(lines, m.theme.Strong.Paint(title))
		high := (len(rows) + columns - 1) / columns
		for i := range high {
			line := ""
			for at := i; at < len(rows); at += high {
				line += rows[at]
			}
			lines = append(lines, strings.TrimRight(line, " "))
		}
		lines = append(lines, "")
	}
	if m.focused() == rightPane {
		section(tabName(m.tab), m.panes.keys(m.tab))
	} else {
		section("fleet", m.fleet.Keys())
	}
	section("everywhere", m.active().all())
	if m.wrong != "" {
		for _, l := range kit.Wrap(m.wrong, max(1, w-4)) {
			lines = append(lines, m.theme.Bad.Paint(l))
		}
	}
	return lines
}
