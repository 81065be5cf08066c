// Package events shows what the components tell of themselves as it happens: one line an event, the payload of the
// selected one below. An event is a hint to look; what counts is in the other tabs.
package events

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// maxKept is how many events the pane holds; they are nowhere else.
const maxKept = 2000

// Model is the pane. It is a value: every method that changes something returns another one.
type Model struct {
	theme  *theme.Theme
	keys   keyMap
	at     kit.Place
	kept   []Event // oldest first
	lost   int     // dropped before they came here
	filter string  // a part of the name, the component or the turn
	typing bool
	field  kit.Editor
	list   kit.Window // over shown, newest first
	still  bool       // the selection does not follow the newest
}

// Event is one event and when it came.
type Event struct {
	event.Message
	At time.Time
}

type keyMap struct{ up, down, newest, search, accept, clear, yank, turn, whole, leave key.Binding }

// New returns an empty pane.
func New(t *theme.Theme, keys keymap.Map) Model {
	bind := keys.In("events").Bind
	return Model{theme: t, keys: keyMap{
		up:     bind("up", "↑", "", "up", "k"),
		down:   bind("down", "↑↓", "select", "down", "j"),
		newest: bind("newest", "f", "newest", "f", "g", "home"),
		search: bind("search", "/", "filter", "/"),
		accept: bind("accept", "enter", "keep", "enter"),
		clear:  bind("clear", "esc", "clear filter", "esc"),
		yank:   bind("yank", "y", "copy", "y"),
		turn:   bind("turn", "enter", "its turn", "enter"),
		whole:  bind("payload", "p", "whole payload", "p"),
		leave:  bind("leave", "esc", "fleet", "esc"),
	}}
}

// WithTheme changes the look.
func (m Model) WithTheme(t *theme.Theme) Model {
	m.theme = t
	return m
}

// In says where the pane stands.
func (m Model) In(at kit.Place) Model {
	m.at = at
	return m
}

// Typing says that letters go into the filter field.
func (m Model) Typing() bool { return m.typing }

// With takes events as they come.
func (m Model) With(more []Event) Model {
	before := len(m.shown())
	m.kept = append(m.kept[:len(m.kept):len(m.kept)], more...)
	if over := len(m.kept) - maxKept; over > 0 {
		m.kept = append([]Event(nil), m.kept[over:]...)
	}
	for i := range more {
		m.lost += more[i].Dropped
	}
	shown := m.shown()
	at := 0
	if m.still {
		at = m.list.Selected + len(shown) - before
	}
	m.list = m.list.To(at, len(shown), m.height())
	return m
}

// shown is what the filter leaves, newest first.
func (m Model) shown() []Event {
	var out []Event
	want := strings.ToLower(m.filter)
	for i := len(m.kept) - 1; i >= 0; i-- {
		e := &m.kept[i]
		if want == "" || strings.Contains(strings.ToLower(e.Source+" "+e.Type+" "+e.Turn+" "+e.Session), want) {
			out = append(out, *e)
		}
	}
	return out
}

// Keys are what can be pressed here now, the most useful first.
func (m Model) Keys() []key.Binding {
	k := m.keys
	if m.typing {
		k.clear.SetHelp("esc", "cancel")
		return []key.Binding{k.accept, k.clear}
	}
	shown := m.shown()
	for _, b := range []*key.Binding{&k.up, &k.down, &k.yank, &k.whole} {
		b.SetEnabled(len(shown) > 0)
	}
	k.turn.SetEnabled(m.list.Selected < len(shown) && shown[m.list.Selected].Turn != "")
	k.newest.SetEnabled(m.still)
	k.clear.SetEnabled(m.filter != "")
	k.leave.SetEnabled(m.filter == "")
	return []key.Binding{k.search, k.clear, k.leave, k.down, k.up, k.turn, k.whole, k.newest, k.yank}
}

// Update takes a key press.
func (m Model) Update(k tea.KeyMsg) (Model, order.Order) {
	if m.typing {
		return m.typed(k), nil
	}
	shown := m.shown()
	switch {
	case key.Matches(k, m.keys.search):
		m.typing = true
	case key.Matches(k, m.keys.up):
		return m.Scroll(1), nil
	case key.Matches(k, m.keys.down):
		return m.Scroll(-1), nil
	case key.Matches(k, m.keys.newest):
		m.still, m.list = false, kit.Window{}
	case key.Matches(k, m.keys.clear) && m.filter != "":
		return m.filtered(""), nil
	case key.Matches(k, m.keys.leave):
		return m, order.Leave{}
	case m.list.Selected >= len(shown):
	case key.Matches(k, m.keys.turn) && shown[m.list.Selected].Turn != "":
		return m, order.Show{Pane: order.Chains, Turn: shown[m.list.Selected].Turn}
	case key.Matches(k, m.keys.whole):
		e := shown[m.list.Selected]
		return m, order.Text{Title: e.Source + " " + e.Type, Text: indented(e.Body)}
	case key.Matches(k, m.keys.yank):
		e := shown[m.list.Selected]
		return m, order.Copy{Text: fmt.Sprintf("%s %s %s\n", e.Source, e.Type, e.Body), What: "the event"}
	}
	return m, nil
}

// Scroll moves the selection: the wheel does.
func (m Model) Scroll(n int) Model {
	m.list = m.list.Move(-n, len(m.shown()), m.height())
	m.still = m.list.Selected > 0
	return m
}

// Click selects the event in a row of the inside.
func (m Model) Click(row int) Model {
	shown := len(m.shown())
	from, to := m.list.Range(shown, m.height())
	if i := from + row; row >= 0 && i < to {
		m.list = m.list.To(i, shown, m.height())
		m.still = i > 0
	}
	return m
}

func (m Model) typed(k tea.KeyMsg) Model {
	switch {
	case key.Matches(k, m.keys.accept):
		m.typing = false
		return m
	case key.Matches(k, m.keys.clear):
		m.typing = false
		return m.filtered("")
	}
	field, took := m.field.Update(k)
	if !took || strings.Contains(field.Value(), "\n") {
		return m
	}
	next := m.filtered(field.Value())
	next.field = field
	return next
}

func (m Model) filtered(by string) Model {
	m.filter, m.still, m.list = by, false, kit.Window{}
	if by == "" {
		m.field = kit.Editor{}
	}
	return m
}
