package tui

import (
	"fmt"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/tui/chat"
	"github.com/woodwork-lang/ww/tui/fleet"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Update routes a message to the one method that knows it.
func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return m.resized(msg), nil
	case eventsMsg:
		return m.happened(msg), nil
	case tickMsg:
		m.now = time.Time(msg)
		return m, m.do.tick()
	case tea.KeyMsg:
		return m.pressed(msg)
	case sentMsg:
		return m.sent(msg)
	case restartedMsg:
		return m.restarted(msg), nil
	case backgroundMsg:
		return m.dressed(msg), nil
	case tea.ResumeMsg:
		return m, m.do.resume()
	case lostMsg:
		m.lost = true
		return m, nil
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
		m.state.Apply(e)
	}
	if m.state.Notice != notice && m.state.Notice != "" {
		m = m.say(m.state.Notice, false)
	}
	return m.refill()
}

func (m model) say(text string, bad bool) model {
	m.flash = flash{text: text, bad: bad, until: m.now.Add(flashFor)}
	return m
}

// pressed gives a key to the help screen, to what works everywhere, or to the pane with the focus.
func (m model) pressed(k tea.KeyMsg) (tea.Model, tea.Cmd) {
	keys := m.active()
	switch {
	case key.Matches(k, keys.kill):
		m.leave++
		return m, tea.Quit
	case key.Matches(k, keys.suspend):
		return m, m.do.suspend()
	case m.help:
		m.help = !key.Matches(k, keys.close)
		return m, nil
	case key.Matches(k, keys.help):
		m.help = true
		return m, nil
	case key.Matches(k, keys.quit):
		m.leave++
		return m, tea.Quit
	case key.Matches(k, keys.nextPane):
		return m.goTo((m.focus + 1) % paneCount), nil
	case key.Matches(k, keys.prevPane):
		return m.goTo((m.focus + paneCount - 1) % paneCount), nil
	case key.Matches(k, keys.chat):
		return m.goTo(chatPane), nil
	case m.focused() == chatPane:
		return m.chatted(m.chat.Update(k))
	}
	return m.fleeted(m.fleet.Update(k))
}

func (m model) goTo(p pane) model {
	m.focus = p
	return m.arrange()
}

func (m model) chatted(c chat.Model, out chat.Outcome) (tea.Model, tea.Cmd) {
	m.chat = c
	switch {
	case out.Send != "":
		return m, m.do.send(m.state.Session, out.Send)
	case out.Leave:
		return m.goTo(fleetPane), nil
	}
	return m, nil
}

func (m model) fleeted(f fleet.Model, out fleet.Outcome) (tea.Model, tea.Cmd) {
	m.fleet = f
	if out.Restart == "" {
		return m, nil
	}
	return m.say(fmt.Sprintf("restarting %s", out.Restart), false), m.do.restart(out.Restart)
}

func (m model) sent(msg sentMsg) (tea.Model, tea.Cmd) {
	return m.chatted(m.chat.Sent(msg.turn, msg.err))
}

func (m model) restarted(msg restartedMsg) model {
	if msg.err != nil {
		return m.say(notRestarted(msg.name, msg.err), true)
	}
	return m.say(fmt.Sprintf("%s was restarted", msg.name), false)
}

// dressed changes the look once the terminal has said what its background is.
func (m model) dressed(msg backgroundMsg) model {
	if m.look.Light == msg.light {
		return m
	}
	m.look.Light = msg.light
	m.theme = theme.New(m.look)
	m.fleet, m.chat = m.fleet.WithTheme(m.theme), m.chat.WithTheme(m.theme)
	return m
}
