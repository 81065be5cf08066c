package tui

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
)

// actions are everything that can be done now, for the palette.
func (m model) actions() []order.Item {
	var items []order.Item
	for p := range order.Panes {
		items = append(items, order.Item{Text: "go to " + tabName(p), Key: shown(m.keys.tabs[p]), Do: order.Show{Pane: p}})
	}
	items = append(items,
		order.Item{Text: "session: begin a new one", Key: shown(m.panes.chat.NewSession()), Do: order.Talk{}},
		order.Item{Text: "session: go on with another one", Key: shown(m.panes.chat.Sessions()), Do: order.Talks{}},
	)
	items = append(items, m.panes.chat.Items()...)
	items = append(append(append(items, m.lives()...), m.turns()...), m.routes()...)
	if m.replaying.session != "" {
		items = append(items, order.Item{Text: "replay: end it", Key: shown(m.keys.unplay), Do: order.Unplay{}})
	}
	return append(append(items, m.faults()...),
		order.Item{Text: "reload: read the files of the app again", Do: order.Reload{}},
		order.Item{Text: "the whole screen for one pane, and back", Key: shown(m.keys.zoom), Do: order.Zoom{}},
		order.Item{Text: "plain lines instead of the screen", Key: shown(m.keys.plain), Do: order.Plain{}},
		order.Item{Text: "help: the keys that work now", Key: shown(m.keys.help), Do: order.Help{}},
		order.Item{Text: "quit: stop the app", Key: shown(m.keys.kill), Do: order.Quit{}})
}

func shown(b key.Binding) string { return b.Help().Key }

// names are the components, each once.
func (m model) names() []state.Component {
	return slices.CompactFunc(slices.Clone(m.state.Components), func(a, b state.Component) bool { return a.Name == b.Name })
}

// lives are what can be done to a component.
func (m model) lives() []order.Item {
	items := []order.Item{{Text: "logs of all components", Do: order.Show{Pane: order.Logs, All: true}}}
	for _, c := range m.names() {
		items = append(items,
			order.Item{Text: "logs of " + c.Name, Do: order.Show{Pane: order.Logs, Component: c.Name}},
			order.Item{Text: "logs of " + c.Name + ", beside those that are shown", Do: order.Show{Pane: order.Logs, Component: c.Name, Also: true}},
			order.Item{Text: "restart " + c.Name, Do: order.Life{Do: order.Restart, Component: c.Name}})
		if c.State == state.Stopped || c.State == state.Failed {
			items = append(items, order.Item{Text: "start " + c.Name, Do: order.Life{Do: order.Start, Component: c.Name}})
		} else {
			items = append(items, order.Item{Text: "stop " + c.Name, Do: order.Life{Do: order.Stop, Component: c.Name}})
		}
	}
	return items
}

// shownTurns bounds how many turns the palette names.
const shownTurns = 10

// turns are what can be done about the newest turns.
func (m model) turns() []order.Item {
	var items []order.Item
	for i := len(m.state.Turns) - 1; i >= 0 && len(items) < 3*shownTurns; i-- {
		t := &m.state.Turns[i]
		if t.End == nil {
			items = append(items, order.Item{Text: "cancel turn " + t.ID, Do: order.Cancel{Turn: t.ID, Session: t.Session}})
			continue
		}
		items = append(items,
			order.Item{Text: "messages of turn " + t.ID, Do: order.Read{What: order.Messages, Session: t.Session, Turn: t.ID}},
			order.Item{Text: "recording of turn " + t.ID, Do: order.Read{What: order.Recording, Session: t.Session, Turn: t.ID}},
			order.Item{Text: "chain of turn " + t.ID, Do: order.Show{Pane: order.Chains, Turn: t.ID}})
	}
	if s := m.state.Session; s != "" && len(m.state.Turns) > 0 {
		items = append(items,
			order.Item{Text: "replay this session, all from its recording", Do: order.Replay{How: "all", Session: s}},
			order.Item{Text: "replay this session, models from its recording, tools run", Do: order.Replay{How: "llm", Session: s}})
	}
	return items
}

// routes are the orders to breakers that their callers tell of.
func (m model) routes() []order.Item {
	var items []order.Item
	seen := map[string]bool{}
	for _, b := range m.panes.breakers.Routes() {
		name := kit.CleanLine(b.Target)
		if b.Type != "" {
			name += "/" + kit.CleanLine(b.Type)
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		for _, do := range []string{"trip", "reset", "hold"} {
			items = append(items, order.Item{
				Text: do + " the breakers of calls to " + name,
				Do: order.Pick{Items: []order.Item{
					{Text: "yes: " + do + " the breakers of calls to " + name, Do: order.Route{Do: do, Target: b.Target, Type: b.Type}},
					{Text: "no, leave them as they are"},
				}},
			})
		}
	}
	return items
}

// faults are the practice faults that can be ordered, and the end of those that are on.
func (m model) faults() []order.Item {
	var items []order.Item
	if len(m.state.Faults) > 0 {
		items = append(items, order.Item{Text: "practice faults: end all", Do: order.Fault{Do: "stop"}})
	}
	what := []struct{ do, text string }{
		{"kill", "kill %s now"}, {"hang", "hang %s for 30 s"}, {"slow", "slow %s down for 30 s"}, {"drop", "drop what comes to %s for 30 s"},
	}
	for _, c := range m.names() {
		if c.PIDs.Runner == 0 {
			continue
		}
		for _, w := range what {
			items = append(items, order.Item{Text: "practice fault: " + fmt.Sprintf(w.text, c.Name), Do: order.Fault{Do: w.do, Component: c.Name}})
		}
	}
	return append(items, m.edgeFaults()...)
}

// edgeFaults are those of one connection.
func (m model) edgeFaults() []order.Item {
	var items []order.Item
	what := []struct{ do, text string }{
		{"hang", "hang"}, {"slow", "slow down"}, {"drop", "drop"},
	}
	for _, e := range m.wiring.Edges {
		for _, w := range what {
			text := fmt.Sprintf("practice fault: %s what %s sends to %s for 30 s", w.text, kit.CleanLine(e.From), kit.CleanLine(e.To))
			items = append(items, order.Item{Text: text, Do: order.Fault{Do: w.do, Component: e.To, From: e.From}})
		}
	}
	return items
}

// talksRead lets the person choose a session.
func (m model) talksRead(msg talksMsg) model {
	if msg.err != nil {
		return m.say(notOverheard+": "+msg.err.Error(), true)
	}
	items := []order.Item{{Text: "begin a new session", Do: order.Talk{}}}
	for _, t := range msg.talks {
		text := fmt.Sprintf("%s %s %d turns %s %s ago", t.ID, m.theme.Marks.Dot, t.Turns, m.theme.Marks.Dot, kit.Age(m.now.Sub(t.Used)))
		if t.ID == m.state.Session {
			text += " " + m.theme.Marks.Dot + " here"
		}
		if t.Last != "" {
			text += " " + m.theme.Marks.Dot + " " + kit.CleanLine(t.Last)
		}
		items = append(items, order.Item{Text: text, Do: order.Talk{Session: t.ID}})
	}
	return m.choose(items, "")
}
