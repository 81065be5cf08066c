package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/sheet"
)

// read opens a page on what was asked for.
func (m model) read(msg pageMsg) (tea.Model, tea.Cmd) {
	if msg.err != nil {
		return m.say(msg.title+": "+msg.err.Error(), true), nil
	}
	p := sheet.New(m.theme, m.do.keys, msg.title, msg.text, m.screen.W, m.screen.bodyHeight())
	m.over.sheet = &p
	return m, nil
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
	m.panes.logs = m.panes.logs.With(msg.found)
	if msg.err != nil {
		m = m.say("the logs cannot be read: "+msg.err.Error(), true)
	}
	return m, m.do.more(msg.query)
}

// replaying is a session that is being asked again beside the app.
type replaying struct {
	session string // empty: none is
	since   time.Time
}

// replay asks a session again, one at a time.
func (m model) replay(o order.Replay) (tea.Model, tea.Cmd) {
	if m.replaying.session != "" {
		return m.say("session "+m.replaying.session+" is being replayed; "+m.keys.unplay.Help().Key+" ends that", true), nil
	}
	m.replaying = replaying{session: o.Session, since: m.now}
	return m, m.do.replay(o)
}

// replayed shows how it went, unless it was ended.
func (m model) replayed(msg replayedMsg) (tea.Model, tea.Cmd) {
	m.replaying = replaying{}
	if msg.ended {
		return m.say("the replay was ended; nothing of it stays", false), nil
	}
	return m.read(msg.pageMsg)
}
