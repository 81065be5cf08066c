package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// status is the last line: what went wrong, what was just said, or what can be pressed.
func (m model) status(w int) string {
	keys := m.active()
	right := kit.Hints(m.theme, keys.always(), w-2)
	room := max(0, w-kit.Width(right)-3)
	left := m.message(room)
	if left == "" {
		left = kit.Hints(m.theme, m.hints(keys), room)
	}
	return kit.Fit(" "+kit.Fit(left, room)+" "+right, w)
}

// hints are the keys of the pane with the focus and the way to the other one.
func (m model) hints(keys keyMap) []key.Binding {
	if m.over.palette != nil {
		return m.over.palette.Keys()
	}
	if m.over.sheet != nil {
		return m.over.sheet.Keys()
	}
	if m.over.help {
		scroll := keys.helpDown
		scroll.SetHelp("↑↓", "scroll")
		scroll.SetEnabled(len(m.helpLines(m.screen.W)) > m.inside(m.screen.bodyHeight()))
		return []key.Binding{keys.close, scroll}
	}
	if m.focused() == rightPane {
		return append(m.panes.keys(m.tab), keys.nextPane)
	}
	keys.nextPane.SetHelp(keys.nextPane.Help().Key, tabName(m.tab))
	return append(m.fleet.Keys(), keys.nextPane)
}

// message is the sentence for the status line, if there is one.
func (m model) message(w int) string {
	if w < 10 { // a beginning of a sentence says less than the keys beside it
		return ""
	}
	t := m.theme
	fit := func(s string) string { return kit.FitTail(s, min(w, kit.Width(s)), t.Marks.Ellipsis) }
	switch {
	case m.lost:
		return t.Bad.Paint(fit(lostText))
	case m.flash.text != "" && m.now.Before(m.flash.until):
		text := fit(kit.CleanLine(kit.Near(m.flash.text, m.root())))
		if m.flash.bad {
			return t.Bad.Paint(text)
		}
		return text
	case len(m.state.Diagnostics) > 0:
		return m.broken(w)
	case m.setback != "":
		return m.failed(w)
	}
	return ""
}

// broken is one line about a broken save, with the key that shows it as long as there is room.
func (m model) broken(w int) string {
	t := m.theme
	text, ink := problems(m.state, m.root()), t.Bad
	if !m.state.Diagnostics.HasErrors() { // what was saved runs all the same
		text, ink = "warning: "+text, t.Warn
	} else if more := fmt.Sprintf("; version %d keeps running", m.state.Generation); kit.Width(text+more) <= w {
		text += more
	}
	return m.shownByConfig(text, ink, w)
}

// failed is one line about a save that does not run: as many of its clauses as have room.
func (m model) failed(w int) string {
	text := m.theme.Marks.No + " " + m.setback
	for kit.Width(text) > w {
		i := strings.LastIndex(text, "; ")
		if i < 0 {
			break
		}
		text = text[:i]
	}
	return m.shownByConfig(text, m.theme.Bad, w)
}

// shownByConfig is a line with the key that shows more of it, as long as there is room.
func (m model) shownByConfig(text string, ink theme.Ink, w int) string {
	look := m.active().tabs[order.Config]
	look.SetHelp(look.Help().Key, "shows it")
	hint := "  " + kit.Hints(m.theme, []key.Binding{look}, max(0, w-2-kit.Width(text)))
	return ink.Paint(kit.FitTail(text, min(w, kit.Width(text)), m.theme.Marks.Ellipsis)) + hint
}

// problems says where a broken save is wrong.
func problems(s state.State, root string) string {
	d, n := s.Diagnostics[0], 0
	for _, p := range s.Diagnostics {
		if p.Severity == diag.Error {
			n++
		}
	}
	more := ""
	if n > 1 {
		more = fmt.Sprintf(" and %d more", n-1)
	}
	return fmt.Sprintf("%s:%d: %s%s", kit.CleanLine(kit.Near(d.Span.File, root)), d.Span.Start.Line, kit.CleanLine(d.Summary), more)
}
