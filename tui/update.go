package tui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
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
		before := m.state.Generation
		m, cmd := m.happened(msg).print()
		if m.state.Generation != before { // how it is connected may be another way now
			cmd = tea.Batch(cmd, m.do.wiring())
		}
		return m, cmd
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
	case replayedMsg:
		return m.replayed(msg)
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
		if n, ok := e.(state.Notice); ok {
			m = m.heed(n.Text)
		}
	}
	m = m.caughtUp()
	if m.plain.on {
		for i := range m.state.Turns {
			m = m.tellTurn(&m.state.Turns[i])
		}
	}
	// What needs a person is not hidden by a notice, but by one that it is over.
	problem := m.flash.bad && m.now.Before(m.flash.until) && !strings.HasPrefix(m.flash.text, setbackSign)
	if m.state.Notice != notice && m.state.Notice != "" && !problem {
		m = m.say(m.state.Notice, strings.HasPrefix(m.state.Notice, setbackSign))
	}
	return m.refill()
}

// setbackSign begins a notice that what was saved does not run. It stays on the screen until something that was saved does.
const setbackSign = "✗ "

// heed takes from a notice whether what was saved last runs.
func (m model) heed(notice string) model {
	switch text, wrong := strings.CutPrefix(notice, setbackSign); {
	case wrong:
		m.setback = kit.CleanLine(kit.Near(text, m.root()))
	case strings.HasPrefix(notice, "reload ") || strings.HasPrefix(notice, "what was saved"):
		m.setback = ""
	}
	return m
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

func (m model) goTo(p pane) model {
	m.focus = p
	return m.arrange()
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
