// Package chains shows the turns of the app, and of the selected one every hop: how long it waited and worked, which
// instance and generation did it, at which attempt, and what went wrong.
package chains

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Model is the pane. It is a value: every method that changes something returns another one.
type Model struct {
	theme  *theme.Theme
	keys   keyMap
	at     kit.Place
	turns  []state.Turn // newest first
	list   kit.Window
	follow bool // the selection stays on the newest
	inside bool // the hops have the keys
	many   bool // the turns are of several sessions
	hop    int
}

type keyMap struct{ up, down, newest, open, back, logs, messages, recording, chat, cancel, replay, yank, leave key.Binding }

// New returns an empty pane.
func New(t *theme.Theme, keys keymap.Map) Model {
	bind := keys.In("chains").Bind
	return Model{theme: t, follow: true, keys: keyMap{
		up:     bind("up", "↑", "", "up", "k"),
		down:   bind("down", "↑↓", "select", "down", "j"),
		newest: bind("newest", "g", "newest", "g", "home"),
		open:   bind("open", "enter", "hops", "enter", "right"),
		back:   bind("back", "esc", "turns", "esc", "left"),
		logs:   bind("logs", "l", "logs", "l"),
		cancel: bind("cancel", "x", "cancel turn", "x"),
		replay: bind("replay", "R", "replay", "R"),
		yank:   bind("yank", "y", "copy as JSON", "y"),
		leave:  bind("leave", "esc", "fleet", "esc"),

		messages:  bind("messages", "m", "messages", "m"),
		recording: bind("recording", "c", "recording", "c"),
		chat:      bind("chat", "s", "go on in its session", "s"),
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

// With takes over the turns of all sessions, oldest first. The selection stays on its turn, or on the newest.
func (m Model) With(turns []state.Turn) Model {
	was, had := m.current()
	m.turns = slices.Clone(turns)
	slices.Reverse(m.turns)
	m.many = slices.ContainsFunc(turns, func(t state.Turn) bool { return t.Session != turns[0].Session })
	at := 0
	if had && !m.follow {
		at = max(0, slices.IndexFunc(m.turns, func(t state.Turn) bool { return t.ID == was.ID }))
	}
	return m.place(at)
}

// Of selects a turn.
func (m Model) Of(turn string) Model {
	i := slices.IndexFunc(m.turns, func(t state.Turn) bool { return t.ID == turn })
	if i < 0 {
		return m
	}
	m.follow = i == 0
	return m.place(i)
}

func (m Model) place(at int) Model {
	m.list = m.list.To(at, len(m.turns), m.listHeight())
	t, _ := m.current()
	m.hop = max(0, min(m.hop, hops(t)-1))
	if hops(t) == 0 {
		m.inside = false
	}
	return m
}

func (m Model) current() (state.Turn, bool) {
	if m.list.Selected < len(m.turns) {
		return m.turns[m.list.Selected], true
	}
	return state.Turn{}, false
}

func hops(t state.Turn) int {
	if t.End == nil {
		return 0
	}
	if len(t.Calls) == 0 {
		return len(t.End.Hops)
	}
	return len(barsOf(t))
}

// Keys are what can be pressed here now, the most useful first.
func (m Model) Keys() []key.Binding {
	k := m.keys
	t, any := m.current()
	for _, b := range []*key.Binding{&k.down, &k.up, &k.yank} {
		b.SetEnabled(any)
	}
	k.newest.SetEnabled(any && !m.inside && !m.follow)
	k.open.SetEnabled(hops(t) > 0 && !m.inside)
	k.back.SetEnabled(m.inside)
	k.leave.SetEnabled(!m.inside)
	k.replay.SetEnabled(any && t.End != nil && t.Session != "")
	for _, b := range []*key.Binding{&k.logs, &k.messages, &k.recording, &k.chat} {
		b.SetEnabled(any)
	}
	k.cancel.SetEnabled(any && t.End == nil)
	return []key.Binding{k.back, k.leave, k.down, k.up, k.open, k.logs, k.messages, k.replay, k.cancel, k.recording, k.yank, k.newest, k.chat}
}

// Update takes a key press.
func (m Model) Update(k tea.KeyMsg) (Model, order.Order) {
	t, ok := m.current()
	switch {
	case key.Matches(k, m.keys.back) && m.inside:
		m.inside = false
	case key.Matches(k, m.keys.leave):
		return m, order.Leave{}
	case !ok:
	case key.Matches(k, m.keys.up):
		return m.move(-1), nil
	case key.Matches(k, m.keys.down):
		return m.move(1), nil
	case key.Matches(k, m.keys.newest):
		m.follow, m.inside = true, false
		return m.place(0), nil
	case key.Matches(k, m.keys.open) && hops(t) > 0:
		m.inside = true
	default:
		return m, m.about(k, t)
	}
	return m, nil
}

// about takes the keys that lead from a turn to something else.
func (m Model) about(k tea.KeyMsg, t state.Turn) order.Order {
	switch {
	case key.Matches(k, m.keys.logs) && m.inside:
		return order.Show{Pane: order.Logs, Component: barsOf(t)[m.hop].hop.Component, Turn: t.ID}
	case key.Matches(k, m.keys.logs):
		return order.Show{Pane: order.Logs, Turn: t.ID}
	case key.Matches(k, m.keys.messages):
		return order.Read{What: order.Messages, Session: t.Session, Turn: t.ID}
	case key.Matches(k, m.keys.recording):
		return order.Read{What: order.Recording, Session: t.Session, Turn: t.ID}
	case key.Matches(k, m.keys.chat):
		return order.Talk{Session: t.Session}
	case key.Matches(k, m.keys.cancel) && t.End == nil:
		return order.Cancel{Turn: t.ID, Session: t.Session}
	case key.Matches(k, m.keys.replay) && t.End != nil && t.Session != "":
		return m.replays(t)
	case key.Matches(k, m.keys.yank):
		return copied(t)
	}
	return nil
}

// replays are the ways to ask the session of a turn again.
func (m Model) replays(t state.Turn) order.Order {
	session := kit.CleanLine(t.Session)
	items := []order.Item{
		{Text: "replay session " + session + ", all from its recording", Do: order.Replay{How: "all", Session: t.Session}},
		{Text: "replay session " + session + ", models from its recording, tools run", Do: order.Replay{How: "llm", Session: t.Session}},
	}
	var from []order.Item
	for i, b := range barsOf(t) {
		if b.call {
			continue // its hop runs, and makes it
		}
		it := order.Item{
			Text: fmt.Sprintf("replay it from %s of this turn on: that and what follows runs", kit.CleanLine(b.hop.Component)),
			Do:   order.Replay{How: "from", Session: t.Session, Turn: t.ID, Component: b.hop.Component, Nth: b.nth},
		}
		if m.inside && i == m.hop {
			items = append([]order.Item{it}, items...)
			continue
		}
		from = append(from, it)
	}
	command := "ww replay " + session
	return order.Pick{Items: append(append(items, from...), order.Item{Text: "copy the command: " + command, Do: order.Copy{Text: command, What: command}})}
}

// Scroll moves the selection: the wheel does.
func (m Model) Scroll(n int) Model { return m.move(-n) }

// Click selects the turn in a row of the inside, or the hop.
func (m Model) Click(row int) Model {
	from, to := m.list.Range(len(m.turns), m.listHeight())
	t, ok := m.current()
	switch hop := row - (to - from) - aboveHops; {
	case ok && row >= 0 && row < to-from:
		m.inside = false
		m = m.place(from + row)
		m.follow = m.list.Selected == 0
	case ok && hop >= 0 && hop < hops(t):
		m.inside, m.hop = true, hop
	}
	return m
}

// aboveHops is how many lines stand between the list of turns and the hops.
const aboveHops = 3

func (m Model) move(by int) Model {
	if m.inside {
		t, _ := m.current()
		m.hop = max(0, min(m.hop+by, hops(t)-1))
		return m
	}
	m = m.place(m.list.Selected + by)
	m.follow = m.list.Selected == 0
	return m
}

// copied is the turn as ww chat --json has it, as far as the picture knows it.
func copied(t state.Turn) order.Order {
	v := map[string]any{"id": t.ID, "session": t.Session, "text": t.Text}
	if t.End != nil {
		v["status"], v["answer"], v["error"], v["took_ms"], v["hops"] = t.End.Status, t.End.Answer, t.End.Error, t.End.TookMS, t.End.Hops
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil // plain data always marshals
	}
	return order.Copy{Text: string(b) + "\n", What: "the turn"}
}

// listHeight is how many turns are listed above the waterfall.
func (m Model) listHeight() int {
	_, h := kit.Inner(m.at.W, m.at.H)
	return max(1, min(len(m.turns), h/3))
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(kit.Clean(s), "\n")
	return s
}
