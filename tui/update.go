package tui

import (
	"slices"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/palette"
	"github.com/woodwork-lang/ww/tui/sheet"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Update routes what the terminal says to the one method that knows it.
func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return m.resized(msg), nil
	case tea.KeyMsg:
		return m.keyed(msg)
	case tea.MouseMsg:
		return m.moused(msg)
	case tea.ResumeMsg:
		return m, m.do.resume()
	case tickMsg:
		return m.ticked(msg)
	case backgroundMsg:
		return m.dressed(msg), nil
	case printedMsg:
		return m.printed()
	case leftPlainMsg:
		return m.leftPlain()
	}
	return m.heard(msg)
}

// heard routes what the app says, and what became of what was asked of it.
func (m model) heard(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case eventsMsg:
		return m.happened(msg).print()
	case sentMsg:
		return m.sent(msg)
	case doneMsg:
		return m.done(msg)
	case breakersMsg:
		return m.breakersRead(msg), nil
	case whyMsg:
		m.fleet = m.fleet.Explained(msg.of, msg.entries, msg.err)
	case linesMsg:
		return m.logged(msg)
	case heardMsg:
		m.panes.events = m.panes.events.With(msg.events)
		return m, m.do.hear()
	case wiringMsg:
		return m.wired(msg), nil
	case pageMsg:
		return m.read(msg)
	case talksMsg:
		return m.talksRead(msg), nil
	case composeMsg:
		return m, m.do.edit(msg.path)
	case composedMsg:
		return m.composed(msg)
	case lostMsg:
		m.lost = true
	}
	return m, nil
}

func (m model) resized(msg tea.WindowSizeMsg) model {
	m.screen.W, m.screen.H = msg.Width, msg.Height
	return m.arrange()
}

// happened folds a batch of events into the picture and shows it once.
func (m model) happened(msg eventsMsg) model {
	if msg.at.After(m.now) {
		m.now = msg.at
	}
	notice := m.state.Notice
	for _, e := range msg.events {
		if m.plain.on {
			m = m.tell(e)
		}
		if c, ok := e.(state.TurnCalled); ok && !m.state.Knows(c.Turn) {
			m.early = append(m.early, c)
			continue
		}
		m.state.Apply(e)
	}
	m = m.caughtUp()
	if m.plain.on {
		for i := range m.state.Turns {
			m = m.tellTurn(&m.state.Turns[i])
		}
	}
	problem := m.flash.bad && m.now.Before(m.flash.until) // that needs a person: a notice does not hide it
	if m.state.Notice != notice && m.state.Notice != "" && !problem {
		m = m.say(m.state.Notice, false)
	}
	return m.refill()
}

// mostEarly bounds the calls that wait for their turn to be known.
const mostEarly = 256

// caughtUp applies the calls whose turns have become known.
func (m model) caughtUp() model {
	if len(m.early) == 0 {
		return m
	}
	var still []state.TurnCalled
	for _, c := range m.early[max(0, len(m.early)-mostEarly):] {
		if m.state.Knows(c.Turn) {
			m.state.Apply(c)
			continue
		}
		still = append(still, c)
	}
	m.early = still
	return m
}

func (m model) say(text string, bad bool) model {
	m.flash = flash{text: text, bad: bad, until: m.now.Add(flashFor)}
	return m
}

// complainFor is how long a line stays that nothing that is seen repeats.
const complainFor = 20 * time.Second

// complain tells what is wrong with what a person has set, now and in the help.
func (m model) complain(wrong string) model {
	if wrong == "" {
		return m
	}
	m.wrong = wrong
	m.flash = flash{text: m.wrong, bad: true, until: m.now.Add(complainFor)}
	return m
}

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

// read opens a page on what was asked for.
func (m model) read(msg pageMsg) (tea.Model, tea.Cmd) {
	if msg.err != nil {
		return m.say(msg.title+": "+msg.err.Error(), true), nil
	}
	p := sheet.New(m.theme, m.do.keys, msg.title, msg.text, m.screen.W, m.screen.bodyHeight())
	m.over.sheet = &p
	return m, nil
}

func (m model) goTo(p pane) model {
	m.focus = p
	return m.arrange()
}

func (m model) sent(msg sentMsg) (tea.Model, tea.Cmd) {
	var do order.Order
	m.panes.chat, do = m.panes.chat.Sent(msg.turn, msg.err)
	return m.obey(do)
}

// done tells how an order ended, when that is worth a line.
func (m model) done(msg doneMsg) (tea.Model, tea.Cmd) {
	switch {
	case msg.err != nil:
		m = m.say(msg.failed+": "+msg.err.Error(), true)
	case msg.well != "":
		m = m.say(msg.well, false)
	}
	if m.tab == order.Breakers {
		return m, m.do.breakers()
	}
	return m, nil
}

// composed takes what the user's editor gave back, and the terminal.
func (m model) composed(msg composedMsg) (tea.Model, tea.Cmd) {
	if msg.err != nil {
		return m.say(notComposed+": "+msg.err.Error(), true), m.do.resume()
	}
	m.panes.chat = m.panes.chat.Composed(msg.text)
	return m, m.do.resume()
}

// ticked moves the clock, and asks again for what the shown pane cannot hear of.
func (m model) ticked(msg tickMsg) (tea.Model, tea.Cmd) {
	m.now = time.Time(msg)
	again := tea.Batch(m.do.tick(), m.do.size(m.screen.W, m.screen.H))
	if ask := m.refresh(); ask != nil {
		return m, tea.Batch(again, ask)
	}
	var do order.Order
	if m.focused() == fleetPane {
		m.fleet, do = m.fleet.Ask(m.now)
	}
	next, cmd := m.obey(do)
	return next, tea.Batch(again, cmd)
}

// refresh asks for what the shown pane cannot hear of.
func (m model) refresh() tea.Cmd {
	switch {
	case !m.screen.Right.shown():
		return nil
	case m.tab == order.Breakers:
		return m.do.breakers()
	case m.tab == order.Chains || m.tab == order.Graph:
		return m.do.overhear()
	}
	return nil
}

func (m model) breakersRead(msg breakersMsg) model {
	if msg.err != nil {
		m.panes.breakers = m.panes.breakers.Failed(msg.err)
		return m
	}
	m.panes.breakers = m.panes.breakers.With(msg.rows)
	return m
}

// wired takes over how the app is connected and configured.
func (m model) wired(msg wiringMsg) model {
	if msg.err != nil {
		return m.say("the configuration cannot be read: "+msg.err.Error(), true)
	}
	m.wiring = msg.graph
	m.panes.config = m.panes.config.Resolved(msg.config)
	return m.refill()
}

// logged takes lines of the query that is wanted now, and asks for the next ones.
func (m model) logged(msg linesMsg) (tea.Model, tea.Cmd) {
	if !m.do.wanted(msg.query) {
		return m, nil
	}
	m.panes.logs = m.panes.logs.With(msg.lines, msg.skipped)
	if msg.err != nil {
		m = m.say("the logs cannot be read: "+msg.err.Error(), true)
	}
	return m, m.do.more(msg.query)
}

// dressed changes the look once the terminal has said what its background is.
func (m model) dressed(msg backgroundMsg) model {
	if m.look.Light == msg.light {
		return m
	}
	m.look.Light = msg.light
	m.theme = theme.New(m.look)
	m.fleet, m.panes = m.fleet.WithTheme(m.theme), m.panes.withTheme(m.theme)
	return m.arrange()
}
