package tui

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
)

// plain is the screen as plain lines in the scroll-back of the terminal, where its own search and selection work: what
// happened, once and in order, above one line that says how to get back. Going there and back loses nothing: the turns that
// came while the screen was there are printed first, and the screen shows those that came meanwhile.
type plain struct {
	on       bool
	leaving  bool            // the line below them is taken away, and then the screen comes back
	told     map[string]told // how far each turn is printed
	waiting  []string        // lines that are to be printed after those that are on their way
	printing bool
}

// told is what of a turn is printed.
type told struct{ asked, ended bool }

// toPlain leaves the screen for plain lines.
func (m model) toPlain() (tea.Model, tea.Cmd) {
	m.plain.on = true
	m.over = overlay{}
	now := m.now
	for i := range m.state.Turns { // when they were, not when they are told
		t := &m.state.Turns[i]
		if m.now = now; !t.EndedAt.IsZero() {
			m.now = t.EndedAt
		}
		m = m.tellTurn(t)
	}
	m.now = now
	m, print := m.print()
	return m, tea.Sequence(tea.ExitAltScreen, tea.DisableMouse, print)
}

// fromPlain goes back to the screen. First its one line is taken away, or it would stand there when the screen has ended.
func (m model) fromPlain() (tea.Model, tea.Cmd) {
	m.plain.leaving = true
	return m, m.do.leftPlain()
}

// leftPlain is the way back once the line is gone.
func (m model) leftPlain() (tea.Model, tea.Cmd) {
	m.plain.on, m.plain.leaving = false, false
	if m.do.mouse {
		return m.arrange(), tea.Sequence(tea.EnterAltScreen, tea.EnableMouseCellMotion)
	}
	return m.arrange(), tea.EnterAltScreen
}

// plainKey takes a key while plain lines are shown.
func (m model) plainKey(k tea.KeyMsg) (tea.Model, tea.Cmd) {
	switch keys := m.keys; {
	case key.Matches(k, keys.kill), key.Matches(k, keys.quit):
		m.leave++
		return m, tea.Quit
	case key.Matches(k, keys.suspend):
		return m, m.do.suspend()
	case m.plain.leaving:
	case key.Matches(k, keys.plain), key.Matches(k, keys.close):
		return m.fromPlain()
	}
	return m, nil
}

// tell adds what an event says to the lines; the picture is the one before it.
func (m model) tell(e state.Event) model {
	switch e := e.(type) {
	case state.ComponentChanged:
		return m.tellComponent(e.Component)
	case state.TurnCalled:
		if e.Call.Done && (e.Call.Type == "" || e.Call.Type == event.TypeProcess) {
			return m.line(e.Call.From, called(m, e.Call))
		}
	case state.Notice:
		return m.line("ww", e.Text)
	case state.ModeChanged:
		return m.line("ww", e.String())
	case state.Stopping:
		return m.line("ww", "stopping")
	}
	return m
}

func called(m model, c state.Call) string {
	if c.Error != "" {
		return "asked " + c.To + " " + m.theme.Marks.No + " " + c.Error
	}
	return "asked " + c.To + " " + m.theme.Marks.Yes + " " + kit.Took(c.Took)
}

func (m model) tellComponent(c state.Component) model {
	for _, old := range m.state.Components {
		if old.Name == c.Name && old.Ordinal == c.Ordinal && old.Reason == c.Reason && words(old.State) == words(c.State) {
			return m
		}
	}
	text := "is " + string(words(c.State))
	if c.Reason != "" {
		text += ": " + c.Reason
	}
	return m.line(c.Name, text)
}

// words counts one that works as ready: it comes and goes with every turn.
func words(w state.Word) state.Word {
	if w == state.Active {
		return state.Ready
	}
	return w
}

// tellTurn adds what is new of a turn.
func (m model) tellTurn(t *state.Turn) model {
	was := m.plain.told[t.ID]
	if was.ended || was.asked && t.End == nil {
		return m
	}
	if !was.asked {
		m = m.line("you", t.Text)
	}
	if e := t.End; e != nil {
		who := "app"
		if n := len(e.Hops); n > 0 {
			who = e.Hops[n-1].Component
		}
		switch {
		case e.Status == event.StatusOK:
			m = m.line(who, e.Answer)
		default:
			m = m.line(who, fmt.Sprintf("%s %s: %s", m.theme.Marks.No, e.Status, e.Error))
		}
		for _, o := range e.Outputs {
			m = m.line(o.Component, o.Text)
		}
	}
	all := maps.Clone(m.plain.told)
	if all == nil {
		all = map[string]told{}
	}
	all[t.ID] = told{asked: true, ended: t.End != nil}
	m.plain.told = all
	return m
}

// say1 adds what somebody said, on as many lines as it takes.
func (m model) line(who, text string) model {
	head := m.now.Format(time.TimeOnly) + " " + kit.FitName(kit.CleanLine(who), plainName, m.theme.Marks.Ellipsis) + " " + m.theme.Box.Down + " "
	m.plain.waiting = m.plain.waiting[:len(m.plain.waiting):len(m.plain.waiting)]
	for i, l := range kit.WrapAll(strings.TrimRight(kit.Clean(text), "\n"), max(10, m.screen.W-kit.Width(head))) {
		if i > 0 {
			head = strings.Repeat(" ", kit.Width(head)-2) + m.theme.Box.Down + " "
		}
		m.plain.waiting = append(m.plain.waiting, head+l)
	}
	return m
}

// plainName is the column of names.
const plainName = 10

// print hands the waiting lines to the terminal, unless others are on their way: two commands may come in any order.
func (m model) print() (model, tea.Cmd) {
	if !m.plain.on || m.plain.printing || len(m.plain.waiting) == 0 {
		return m, nil
	}
	text := strings.Join(m.plain.waiting, "\n")
	m.plain.waiting, m.plain.printing = nil, true
	return m, tea.Sequence(tea.Println(text), func() tea.Msg { return printedMsg{} })
}

// printed goes on with what came meanwhile.
func (m model) printed() (tea.Model, tea.Cmd) {
	m.plain.printing = false
	return m.print()
}

// plainView is the one line below the plain lines.
func (m model) plainView() string {
	if m.plain.leaving {
		return ""
	}
	back := m.keys.plain.Help().Key + " or " + m.keys.close.Help().Key + ": back to the screen"
	return kit.FitTail(" "+m.theme.Dim.Paint(back+" "+m.theme.Marks.Dot+" "+m.keys.kill.Help().Key+" "+m.keys.kill.Help().Desc), m.screen.W, m.theme.Marks.Ellipsis)
}
