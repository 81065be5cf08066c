package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/palette"
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
		return m.say(fmt.Sprintf("%sing %s", o.Do, o.Component), false), m.do.restart(o.Component)
	case order.Fault:
		return m, m.do.fault(o)
	case order.Explain:
		return m, m.do.why(o)
	case order.Route:
		return m, m.do.route(o)
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
	m.tab, m.focus = o.Pane, rightPane
	m = m.arrange()
	var do order.Order
	switch o.Pane {
	case order.Logs:
		m.panes.logs, do = m.panes.logs.Of(o.Component)
	case order.Breakers:
		return m, m.do.breakers()
	case order.Events:
		return m, m.do.listen()
	case order.Graph, order.Config:
		return m, m.do.wiring()
	case order.Chains:
		if o.Turn != "" {
			m.panes.chains = m.panes.chains.Of(o.Turn)
		}
	}
	return m.obey(do)
}

// faults are the practice faults that can be ordered, and the end of those that are on.
func (m model) faults() []palette.Item {
	var items []palette.Item
	if len(m.state.Faults) > 0 {
		items = append(items, palette.Item{Text: "practice faults: end all", Do: order.Fault{Do: "stop"}})
	}
	what := []struct{ do, text string }{
		{"kill", "kill %s now"}, {"hang", "hang %s for 30 s"}, {"slow", "slow %s down for 30 s"}, {"drop", "drop what comes to %s for 30 s"},
	}
	for i, c := range m.state.Components {
		if c.PIDs.Runner == 0 || i > 0 && m.state.Components[i-1].Name == c.Name {
			continue
		}
		for _, w := range what {
			items = append(items, palette.Item{Text: "practice fault: " + fmt.Sprintf(w.text, c.Name), Do: order.Fault{Do: w.do, Component: c.Name}})
		}
	}
	return items
}

// actions are everything that can be done now, for the palette.
func (m model) actions() []palette.Item {
	var items []palette.Item
	for p := range order.Panes {
		items = append(items, palette.Item{Text: "go to " + tabName(p), Key: fmt.Sprint(p + 1), Do: order.Show{Pane: p}})
	}
	for _, c := range m.state.Components {
		items = append(items,
			palette.Item{Text: "logs of " + c.Name, Do: order.Show{Pane: order.Logs, Component: c.Name}},
			palette.Item{Text: "restart " + c.Name, Do: order.Life{Do: order.Restart, Component: c.Name}})
	}
	for i := len(m.state.Turns) - 1; i >= 0; i-- {
		if t := m.state.Turns[i]; t.End == nil {
			items = append(items, palette.Item{Text: "cancel turn " + t.ID, Do: order.Cancel{Turn: t.ID, Session: t.Session}})
		}
	}
	return append(append(items, m.faults()...),
		palette.Item{Text: "plain lines instead of the screen", Key: m.keys.plain.Help().Key, Do: order.Plain{}},
		palette.Item{Text: "help: the keys that work now", Key: "?", Do: order.Help{}},
		palette.Item{Text: "quit: stop the app", Key: "ctrl+c", Do: order.Quit{}})
}
