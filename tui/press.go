package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/palette"
)

// keyed takes keys. What was typed faster than it was read comes as one message: outside of text fields each of its
// letters is a key of its own.
func (m model) keyed(k tea.KeyMsg) (tea.Model, tea.Cmd) {
	if k.Type != tea.KeyRunes || k.Paste || len(k.Runes) < 2 {
		return m.pressed(k)
	}
	var cmds []tea.Cmd
	for i, r := range k.Runes {
		if m.typing() && m.over == (overlay{}) {
			next, cmd := m.pressed(tea.KeyMsg{Type: tea.KeyRunes, Runes: k.Runes[i:], Alt: k.Alt})
			return next, tea.Batch(append(cmds, cmd)...)
		}
		next, cmd := m.pressed(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: k.Alt})
		m, cmds = next.(model), append(cmds, cmd)
	}
	return m, tea.Batch(cmds...)
}

// pressed gives a key to what covers the panes, to what works everywhere, or to the pane with the focus.
func (m model) pressed(k tea.KeyMsg) (tea.Model, tea.Cmd) {
	if m.plain.on {
		return m.plainKey(k)
	}
	keys := m.active()
	switch {
	case key.Matches(k, keys.kill):
		m.leave++
		return m, tea.Quit
	case key.Matches(k, keys.suspend):
		return m, m.do.suspend()
	case key.Matches(k, keys.unplay):
		return m.obey(order.Unplay{})
	case m.over.palette != nil:
		return m.chosen(k)
	case m.over.sheet != nil:
		return m.turned(k)
	case m.over.help:
		return m.helped(k, keys), nil
	case key.Matches(k, keys.help):
		return m.obey(order.Help{})
	case key.Matches(k, keys.plain):
		return m.obey(order.Plain{})
	case key.Matches(k, keys.quit):
		return m.obey(order.Quit{})
	case key.Matches(k, keys.palette):
		return m.choose(m.actions(), ""), nil
	}
	return m.moved(k, keys)
}

// moved takes the keys that go somewhere else, and gives the others to the pane.
func (m model) moved(k tea.KeyMsg, keys keyMap) (tea.Model, tea.Cmd) {
	switch {
	case key.Matches(k, keys.nextPane):
		return m.goTo((m.focus + 1) % paneCount), nil
	case key.Matches(k, keys.prevPane):
		return m.goTo((m.focus + paneCount - 1) % paneCount), nil
	case key.Matches(k, keys.zoom):
		return m.obey(order.Zoom{})
	case key.Matches(k, keys.nextTab):
		return m.show(order.Show{Pane: (m.tab + 1) % order.Panes})
	case key.Matches(k, keys.prevTab):
		return m.show(order.Show{Pane: (m.tab + order.Panes - 1) % order.Panes})
	}
	if i := slices.IndexFunc(keys.tabs[:], func(b key.Binding) bool { return key.Matches(k, b) }); i >= 0 && m.hasPanes() {
		return m.show(order.Show{Pane: order.Pane(i)})
	}
	var do order.Order
	if m.focused() == rightPane {
		m.panes, do = m.panes.update(m.tab, k)
	} else {
		m.fleet, do = m.fleet.Update(k)
		if do == nil {
			m.fleet, do = m.fleet.Ask(m.now)
		}
	}
	return m.obey(do)
}

// chosen gives a key to the palette.
func (m model) chosen(k tea.KeyMsg) (tea.Model, tea.Cmd) {
	p, do, closed := m.over.palette.Update(k)
	m.over.palette = &p
	if closed {
		m.over.palette = nil
	}
	return m.obey(do)
}

// helped gives a key to the help: it scrolls, or closes.
func (m model) helped(k tea.KeyMsg, keys keyMap) model {
	page := max(1, m.screen.bodyHeight()-3)
	switch {
	case key.Matches(k, keys.close):
		m.over.help, m.over.scroll = false, 0
		return m
	case key.Matches(k, m.keys.helpUp) && (k.Type == tea.KeyPgUp):
		m.over.scroll -= page
	case key.Matches(k, m.keys.helpUp):
		m.over.scroll--
	case key.Matches(k, m.keys.helpDown) && (k.Type == tea.KeyPgDown || k.Type == tea.KeySpace):
		m.over.scroll += page
	case key.Matches(k, m.keys.helpDown):
		m.over.scroll++
	}
	w, h := m.screen.W, m.screen.bodyHeight()
	m.over.scroll = kit.Pager{Top: m.over.scroll}.Move(0, len(m.helpLines(w)), m.inside(h)).Top
	return m
}

// inside is how many lines a frame of that height has.
func (m model) inside(h int) int {
	if !m.screen.Framed {
		return h
	}
	_, h = kit.Inner(0, h)
	return h
}

// choose opens the palette on these items.
func (m model) choose(items []order.Item, typed string) model {
	p := palette.New(m.theme, m.do.keys, items).Typed(typed)
	m.over.palette = &p
	return m
}

// turned gives a key to the page.
func (m model) turned(k tea.KeyMsg) (tea.Model, tea.Cmd) {
	p, do, closed := m.over.sheet.Update(k)
	m.over.sheet = &p
	if closed {
		m.over.sheet = nil
	}
	return m.obey(do)
}
