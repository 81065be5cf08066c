package tui

import (
	"fmt"
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
)

// wheelLines is how far one notch of the wheel moves a text; a selection moves by one.
const wheelLines = 3

// point is a place on the screen.
type point struct{ X, Y int }

// drag is what the mouse holds: from where it was pressed to where it is, within one part of the screen.
type drag struct {
	on       bool
	from, to point
	in       rect
}

func (d drag) moved() bool { return d.on && d.from != d.to }

// moused takes what the mouse does: a click goes where it points, the wheel turns what is under it, and what is dragged
// over is copied.
func (m model) moused(e tea.MouseMsg) (tea.Model, tea.Cmd) {
	at := point{e.X, e.Y}
	switch {
	case m.plain.on: // the terminal has it
		return m, nil
	case e.Button == tea.MouseButtonWheelUp && e.Action == tea.MouseActionPress:
		return m.wheeled(at, 1), nil
	case e.Button == tea.MouseButtonWheelDown && e.Action == tea.MouseActionPress:
		return m.wheeled(at, -1), nil
	case e.Button == tea.MouseButtonLeft && e.Action == tea.MouseActionPress:
		m.drag = drag{on: true, from: at, to: at, in: m.textAt(at)}
		return m, nil
	case e.Action == tea.MouseActionMotion && m.drag.on:
		m.drag.to = m.drag.in.clamp(at)
		return m, nil
	case e.Action == tea.MouseActionRelease && m.drag.on:
		return m.released(at)
	}
	return m, nil
}

// released ends a drag by copying, or was a click.
func (m model) released(at point) (tea.Model, tea.Cmd) {
	d := m.drag
	d.to = d.in.clamp(at)
	m.drag = drag{}
	if !d.moved() {
		return m.clicked(at)
	}
	text := d.text(m.View())
	if strings.TrimSpace(text) == "" {
		return m, nil
	}
	return m.obey(order.Copy{Text: text, What: fmt.Sprintf("%d characters", utf8.RuneCountInString(text))})
}

// places are the parts of the screen as they are shown now: a pane or the card that covers it.
func (m model) places() []rect {
	s := m.screen
	if m.over.help || m.over.palette != nil || m.over.sheet != nil {
		h := max(s.Fleet.H, s.Right.H)
		return []rect{{s.Fleet.X, max(s.Fleet.Y, s.Right.Y), s.W, h}}
	}
	return []rect{s.Fleet, s.Right}
}

// textAt is the inside of the part of the screen at a place, or the line that it is on when that is a frame or none.
func (m model) textAt(at point) rect {
	for _, r := range m.places() {
		if !r.has(at) {
			continue
		}
		inside := r
		if m.screen.Framed {
			w, h := kit.Inner(r.W, r.H)
			inside = rect{r.X + 2, r.Y + 1, w, h}
		}
		if inside.has(at) {
			return inside
		}
	}
	return rect{0, at.Y, m.screen.W, 1}
}

func (r rect) has(p point) bool { return p.X >= r.X && p.X < r.X+r.W && p.Y >= r.Y && p.Y < r.Y+r.H }

func (r rect) clamp(p point) point {
	return point{max(r.X, min(p.X, r.X+r.W-1)), max(r.Y, min(p.Y, r.Y+r.H-1))}
}

// wheeled scrolls what is under the mouse, wherever the focus is.
func (m model) wheeled(at point, up int) model {
	s := m.screen
	switch {
	case m.over.palette != nil:
		p := m.over.palette.Scroll(up)
		m.over.palette = &p
	case m.over.sheet != nil:
		p := m.over.sheet.Scroll(up * wheelLines)
		m.over.sheet = &p
	case m.over.help:
	case s.Fleet.has(at):
		m.fleet = m.fleet.Scroll(up)
	case s.Right.has(at):
		m.panes = m.panes.scroll(m.tab, up)
	}
	return m
}

// clicked goes to what is under the mouse.
func (m model) clicked(at point) (tea.Model, tea.Cmd) {
	s := m.screen
	switch {
	case m.over.help:
		m.over.help = false
		return m, nil
	case m.over.palette != nil:
		return m.pointed(at)
	case m.over.sheet != nil:
		return m, nil
	case s.Tabs.has(at):
		return m.tabbed(m.tabRow(s.Tabs.W).at(at.X))
	case s.Fleet.has(at):
		m = m.goTo(fleetPane)
		m.fleet = m.fleet.Click(at.Y - s.Fleet.Y)
		var do order.Order
		m.fleet, do = m.fleet.Ask(m.now)
		return m.obey(do)
	case !s.Right.has(at):
		return m, nil
	case m.focused() == fleetPane && m.fleet.Open() && s.Fleet.shown():
		return m, nil // the card is no pane
	case at.Y == s.Right.Y && !s.Tabs.shown():
		if c, ok := m.tabTitle(s.Right.W).at(at.X - s.Right.X); ok {
			return m.tabbed(c, ok)
		}
	}
	m = m.goTo(rightPane)
	m.panes = m.panes.click(m.tab, at.Y-s.Right.Y-1)
	return m, nil
}

// pointed chooses from the palette, or closes it when the click is beside its rows.
func (m model) pointed(at point) (tea.Model, tea.Cmd) {
	top := max(m.screen.Fleet.Y, m.screen.Right.Y)
	p, do, closed := m.over.palette.Click(at.Y-top-1, max(m.screen.Fleet.H, m.screen.Right.H))
	m.over.palette = &p
	if closed {
		m.over.palette = nil
	}
	return m.obey(do)
}

// text is what stands on the screen where the mouse went, without frames and without the spaces at the ends of lines.
func (d drag) text(view string) string {
	lines := strings.Split(view, "\n")
	var b strings.Builder
	for i, s := range d.rows(len(lines)) {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimRight(ansi.Strip(ansi.Cut(lines[s.y], s.from, s.to)), " "))
	}
	return b.String()
}

// span is a part of one line.
type span struct{ y, from, to int }

// rows are the lines between the ends of a drag, with the columns of each.
func (d drag) rows(height int) []span {
	first, last := d.from, d.to
	if last.Y < first.Y || last.Y == first.Y && last.X < first.X {
		first, last = last, first
	}
	var all []span
	for y := max(0, first.Y); y <= last.Y && y < height; y++ {
		s := span{y, d.in.X, d.in.X + d.in.W}
		if y == first.Y {
			s.from = first.X
		}
		if y == last.Y {
			s.to = last.X + 1
		}
		all = append(all, s)
	}
	return all
}

// paint shows what is dragged over.
func (d drag) paint(view string, mark func(string) string) string {
	lines := strings.Split(view, "\n")
	for _, s := range d.rows(len(lines)) {
		l := lines[s.y]
		lines[s.y] = ansi.Cut(l, 0, s.from) + mark(ansi.Strip(ansi.Cut(l, s.from, s.to))) + ansi.Cut(l, s.to, ansi.StringWidth(l))
	}
	return strings.Join(lines, "\n")
}
