package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/tui/order"
)

// obey fulfils what a pane asks for.
func (m model) obey(o order.Order) (tea.Model, tea.Cmd) {
	switch o := o.(type) {
	case nil:
		return m, nil
	case order.Send:
		return m, m.do.send(m.state.Session, o.Text)
	case order.Say:
		return m, m.do.say(o)
	case order.Cancel:
		return m.say("asked to end the turn", false), m.do.cancel(o.Session, o.Turn)
	case order.Life:
		return m.say(o.Do.Doing()+" "+o.Component, false), m.do.life(o)
	case order.Reload:
		return m.say("reading the files again", false), m.do.reload()
	case order.Faults:
		return m.choose(m.faults(), o.Component+" "), nil
	case order.Pick:
		return m.choose(o.Items, ""), nil
	case order.Talks:
		return m, m.do.talks()
	case order.Talk:
		return m, m.do.talk(o.Session)
	case order.Read:
		return m, m.do.text(o)
	case order.Text:
		return m.read(pageMsg{title: o.Title, text: o.Text})
	case order.Replay:
		return m.replay(o)
	case order.Unplay:
		m.do.unplay()
		return m.say("ending the replay", false), nil
	case order.Fault:
		return m, m.do.fault(o)
	case order.Explain:
		return m, m.do.why(o)
	case order.Route:
		return m, m.do.route(o)
	case order.Overhear:
		return m, m.do.overhear()
	case order.Lines:
		return m, m.do.lines(o.Query)
	case order.Copy:
		return m.say("copied "+o.What, false), m.do.copy(o.Text)
	case order.Compose:
		return m, m.do.compose(o.Text)
	case order.Show:
		return m.show(o)
	case order.Leave:
		return m.goTo(fleetPane), nil
	case order.Plain:
		return m.toPlain()
	case order.Zoom:
		m.zoom = !m.zoom
		return m.arrange(), nil
	case order.Help:
		m.over.help = true
		return m, nil
	case order.Quit:
		m.leave++
		return m, tea.Quit
	}
	return m, nil
}

// show goes to a tab, and makes it look at what is asked for.
func (m model) show(o order.Show) (tea.Model, tea.Cmd) {
	if m.tab == order.Logs {
		m.do.unread()
	}
	m.tab, m.focus = o.Pane, rightPane
	m = m.arrange()
	var do order.Order
	switch o.Pane {
	case order.Logs:
		switch {
		case o.Also:
			m.panes.logs, do = m.panes.logs.And(o.Component)
		case o.Component == "" && o.Turn == "" && !o.All:
			m.panes.logs, do = m.panes.logs.Ask()
		default:
			m.panes.logs, do = m.panes.logs.About(o.Component, o.Turn)
		}
	case order.Breakers:
		return m, m.do.breakers()
	case order.Events:
		return m, m.do.listen()
	case order.Graph:
		return m, tea.Batch(m.do.wiring(), m.do.overhear())
	case order.Config:
		return m, m.do.wiring()
	case order.Chains:
		do = order.Overhear{}
		if o.Turn != "" {
			m.panes.chains = m.panes.chains.Of(o.Turn)
		}
	}
	return m.obey(do)
}
