package tui

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/tui/breakers"
	"github.com/woodwork-lang/ww/tui/chains"
	"github.com/woodwork-lang/ww/tui/chat"
	"github.com/woodwork-lang/ww/tui/config"
	"github.com/woodwork-lang/ww/tui/events"
	"github.com/woodwork-lang/ww/tui/graph"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/logs"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// panes are the tabs on the right. They are concrete values; this file alone knows which one has which number.
type panes struct {
	chat     chat.Model
	chains   chains.Model
	breakers breakers.Model
	logs     logs.Model
	events   events.Model
	graph    graph.Model
	config   config.Model
}

func newPanes(t *theme.Theme, keys keymap.Map) panes {
	return panes{
		chat: chat.New(t, keys), chains: chains.New(t, keys), breakers: breakers.New(t, keys), logs: logs.New(t, keys),
		events: events.New(t, keys), graph: graph.New(t, keys), config: config.New(t, keys),
	}
}

// tabName is what a tab is called.
func tabName(p order.Pane) string {
	return [...]string{order.Chat: "chat", order.Chains: "chains", order.Breakers: "breakers", order.Logs: "logs", order.Events: "events", order.Graph: "graph", order.Config: "config"}[p]
}

func (p panes) withTheme(t *theme.Theme) panes {
	p.chat, p.chains = p.chat.WithTheme(t), p.chains.WithTheme(t)
	p.breakers, p.logs = p.breakers.WithTheme(t), p.logs.WithTheme(t)
	p.events, p.graph, p.config = p.events.WithTheme(t), p.graph.WithTheme(t), p.config.WithTheme(t)
	return p
}

// place gives every tab the same room, and the focus to the one that is shown.
func (p panes) place(tab order.Pane, title string, w, h int, focused bool) panes {
	at := func(t order.Pane) kit.Place { return kit.Place{Title: title, W: w, H: h, Focused: focused && t == tab} }
	p.chat = p.chat.In(at(order.Chat))
	p.chains = p.chains.In(at(order.Chains))
	p.breakers = p.breakers.In(at(order.Breakers))
	p.logs = p.logs.In(at(order.Logs))
	p.events = p.events.In(at(order.Events))
	p.graph = p.graph.In(at(order.Graph))
	p.config = p.config.In(at(order.Config))
	return p
}

func (p panes) update(tab order.Pane, k tea.KeyMsg) (_ panes, do order.Order) {
	switch tab {
	case order.Chains:
		p.chains, do = p.chains.Update(k)
	case order.Breakers:
		p.breakers, do = p.breakers.Update(k)
	case order.Logs:
		p.logs, do = p.logs.Update(k)
	case order.Events:
		p.events, do = p.events.Update(k)
	case order.Graph:
		p.graph, do = p.graph.Update(k)
	case order.Config:
		p.config, do = p.config.Update(k)
	default:
		p.chat, do = p.chat.Update(k)
	}
	return p, do
}

func (p panes) view(tab order.Pane, now time.Time) string {
	switch tab {
	case order.Chains:
		return p.chains.View(now)
	case order.Breakers:
		return p.breakers.View(now)
	case order.Logs:
		return p.logs.View(now)
	case order.Events:
		return p.events.View(now)
	case order.Graph:
		return p.graph.View(now)
	case order.Config:
		return p.config.View(now)
	}
	return p.chat.View(now)
}

func (p panes) keys(tab order.Pane) []key.Binding {
	switch tab {
	case order.Chains:
		return p.chains.Keys()
	case order.Breakers:
		return p.breakers.Keys()
	case order.Logs:
		return p.logs.Keys()
	case order.Events:
		return p.events.Keys()
	case order.Graph:
		return p.graph.Keys()
	case order.Config:
		return p.config.Keys()
	}
	return p.chat.Keys()
}

// typing says that letters go into a text field.
func (p panes) typing(tab order.Pane) bool {
	return tab == order.Chat || tab == order.Logs && p.logs.Typing() || tab == order.Events && p.events.Typing()
}

// scroll turns the wheel over a tab, upwards when up is positive. A text moves further than a selection.
func (p panes) scroll(tab order.Pane, up int) panes {
	switch tab {
	case order.Chains:
		p.chains = p.chains.Scroll(up)
	case order.Breakers:
		p.breakers = p.breakers.Scroll(up)
	case order.Logs:
		p.logs = p.logs.Scroll(up * wheelLines)
	case order.Events:
		p.events = p.events.Scroll(up)
	case order.Graph:
		p.graph = p.graph.Scroll(up * wheelLines)
	case order.Config:
		p.config = p.config.Scroll(up * wheelLines)
	default:
		p.chat = p.chat.Scroll(up * wheelLines)
	}
	return p
}

// click selects what stands in a row of a tab's inside.
func (p panes) click(tab order.Pane, row int) panes {
	switch tab {
	case order.Chains:
		p.chains = p.chains.Click(row)
	case order.Breakers:
		p.breakers = p.breakers.Click(row)
	case order.Events:
		p.events = p.events.Click(row)
	}
	return p
}
