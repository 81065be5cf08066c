package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// tabCell is one name in a bar of tabs: what it leads to, and the columns that it has.
type tabCell struct {
	fleet    bool
	tab      order.Pane
	text     string
	shown    bool
	from, to int
}

// tabBar is the names of what can be shown, the one that is shown between brackets: colour alone does not tell.
type tabBar struct {
	text  string // with its ink
	wide  int
	cells []tabCell
}

// at is the name at a column.
func (b tabBar) at(x int) (tabCell, bool) {
	for _, c := range b.cells {
		if x >= c.from && x < c.to {
			return c, true
		}
	}
	return tabCell{}, false
}

// tabStyle is how close the names stand.
type tabStyle struct {
	between string
	marked  bool // a mark before the name that is shown, because brackets have no room
}

// tabCells are the tabs, behind the fleet where that shares the room with them.
func (m model) tabCells(fleet bool) []tabCell {
	var cells []tabCell
	covered := m.focused() == fleetPane && (fleet || m.fleet.Open()) // a card stands where the tabs do
	if fleet {
		cells = append(cells, tabCell{fleet: true, text: "fleet", shown: covered && fleet})
	}
	for p := range order.Panes {
		cells = append(cells, tabCell{tab: p, text: fmt.Sprintf("%d %s", p+1, tabName(p)), shown: p == m.tab && !covered})
	}
	return cells
}

// drawTabs puts the names beside each other, from a column on.
func drawTabs(t *theme.Theme, cells []tabCell, s tabStyle, from int) tabBar {
	var b strings.Builder
	bar := tabBar{wide: from, cells: cells}
	put := func(text string, ink theme.Ink) {
		b.WriteString(ink.Paint(text))
		bar.wide += kit.Width(text)
	}
	for i := range bar.cells {
		c := &bar.cells[i]
		switch {
		case s.marked && c.shown:
			put(t.Marks.Select, t.Accent)
		case s.marked:
			put(" ", theme.Ink{})
		case i > 0:
			put(s.between, t.Dim)
		}
		text, ink := c.text, t.Dim
		if c.shown {
			ink = t.Strong
			if !s.marked {
				text = "[" + text + "]"
			}
		}
		c.from = bar.wide
		put(text, ink)
		c.to = bar.wide
	}
	bar.text = b.String()
	return bar
}

// widest is the first of the styles in which the names fit into w columns; none says that they do not.
func widest(t *theme.Theme, cells []tabCell, from, w int, styles ...tabStyle) (bar tabBar, fits bool) {
	for _, s := range styles {
		if bar = drawTabs(t, cells, s, from); bar.wide <= w {
			return bar, true
		}
	}
	return bar, false
}

// title is what the frame of the right part says: the tabs, or the name of the one that is shown when they have a row of
// their own.
func (m model) title(w int) string {
	if m.screen.Tabs.shown() {
		return tabName(m.tab)
	}
	return m.tabTitle(w).text
}

// tabTitle is the tabs in the title of a frame of w columns.
func (m model) tabTitle(w int) tabBar {
	from := 2
	if m.focused() == rightPane {
		from += kit.Width(m.theme.Marks.Focus) + 1
	}
	bar, _ := widest(m.theme, m.tabCells(false), from, w-4, tabStyle{between: " " + m.theme.Box.Across + " "}, tabStyle{between: " "})
	return bar
}

// tabRow is the tabs in a row of their own, with the fleet where one pane has the whole screen. Where not all names have
// room, it says how many there are.
func (m model) tabRow(w int) tabBar {
	alone := !m.screen.Fleet.shown() || !m.screen.Right.shown()
	cells := m.tabCells(alone)
	bar, fits := widest(m.theme, cells, 1, w, tabStyle{between: "   "}, tabStyle{between: "  "}, tabStyle{between: " "})
	if fits {
		bar.text = " " + bar.text
		return bar
	}
	for _, cells := range [][]tabCell{cells, cells[len(cells)-int(order.Panes):]} {
		if bar, fits = widest(m.theme, cells, 0, w, tabStyle{marked: true}); fits {
			return bar
		}
	}
	few := []tabCell{cells[0], cells[1+int(m.tab)]}
	bar = drawTabs(m.theme, few, tabStyle{between: "  "}, 1)
	rest := fmt.Sprintf(" of %d", order.Panes)
	hint := kit.Hints(m.theme, m.tabHints(), max(0, w-bar.wide-len(rest)-2))
	if hint != "" {
		hint = "  " + hint
	}
	bar.text = " " + bar.text + m.theme.Dim.Paint(rest) + hint
	return bar
}

// tabbed goes where a name leads.
func (m model) tabbed(c tabCell, ok bool) (tea.Model, tea.Cmd) {
	switch {
	case !ok:
		return m, nil
	case c.fleet:
		return m.goTo(fleetPane), nil
	}
	return m.show(order.Show{Pane: c.tab})
}
