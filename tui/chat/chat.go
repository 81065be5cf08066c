// Package chat is the conversation: the turns of a session, answers while they are being written, and the field
// where the next message is typed.
package chat

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/charmbracelet/bubbles/key"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Model is the pane. It is a value: every method that changes something returns another one.
type Model struct {
	theme    *theme.Theme
	keys     keyMap
	at       kit.Place
	talk     talk
	input    kit.Editor
	outbox   outbox
	history  history
	scroll   int  // lines between the end of the conversation and what is shown
	unfolded bool // calls are shown with what was asked and answered
	unseen   int  // lines that came while the reader had scrolled up
	copied   int  // how many code blocks, from the newest on, were copied one after the other
}

// talk is the conversation as the picture has it.
type talk struct {
	session string
	hello   string // what an empty conversation says
	blocks  []block
}

// New returns an empty pane.
func New(t *theme.Theme, keys keymap.Map) Model { return Model{theme: t, keys: newKeys(keys)} }

// WithTheme changes the look.
func (m Model) WithTheme(t *theme.Theme) Model {
	m.theme = t
	return m.redraw()
}

// In says where the pane stands.
func (m Model) In(at kit.Place) Model {
	m.at = at
	return m.redraw()
}

// WithHello says what stands in an empty conversation.
func (m Model) WithHello(s string) Model {
	m.talk.hello = s
	return m
}

// With takes over the turns of session; those of other sessions are not this conversation. kinds tells which
// components are inputs and outputs: an answer is said by neither.
func (m Model) With(session string, turns []state.Turn, kinds map[string]string) Model {
	was := m.lines()
	blocks := make([]block, 0, len(turns))
	old, w := m.talk.blocks, m.textWidth()
	for _, t := range turns {
		if session != "" && t.Session != session {
			continue
		}
		var before block
		// Turns keep their order, so the block that showed this one is at the front of what is left.
		for len(old) > 0 && before.turn.ID != t.ID {
			before, old = old[0], old[1:]
		}
		if before.turn.ID != t.ID {
			before = block{}
		}
		blocks = append(blocks, draw(before, t, w, m.theme, speaker(t, kinds), m.unfolded))
	}
	m.talk.session, m.talk.blocks = session, blocks
	m.outbox = m.outbox.known(blocks)
	return m.keepPlace(was)
}

// speaker is who says the answer: the component that streams it, else the last hop that is not a door of the app.
func speaker(t state.Turn, kinds map[string]string) string {
	if _, rest, ok := strings.Cut(t.Stream, "/"); ok {
		hop, _, _ := strings.Cut(rest, "/")
		return kit.CleanLine(hop)
	}
	name := "app"
	if t.End != nil {
		for _, h := range t.End.Hops {
			if k := kinds[h.Component]; k != "input" && k != "output" {
				name = h.Component
			}
		}
	}
	return kit.CleanLine(name)
}

// redraw draws every turn again, for another width or look.
func (m Model) redraw() Model {
	blocks := make([]block, len(m.talk.blocks))
	for i, b := range m.talk.blocks {
		blocks[i] = draw(b, b.turn, m.textWidth(), m.theme, b.who, m.unfolded)
	}
	m.talk.blocks = blocks
	m.scroll = min(m.scroll, m.maxScroll())
	return m
}

// keepPlace holds what the reader looks at still when the conversation grows below it.
func (m Model) keepPlace(was int) Model {
	if m.scroll == 0 {
		return m
	}
	grown := m.lines() - was
	m.scroll = max(0, min(m.scroll+grown, m.maxScroll()))
	m.unseen = max(0, m.unseen+grown)
	return m
}

func (m Model) lines() int {
	n := 0
	for _, b := range m.talk.blocks {
		n += len(b.lines)
	}
	return n
}

// Update takes a key press.
func (m Model) Update(msg tea.Msg) (Model, order.Order) {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return m, nil
	}
	if !key.Matches(k, m.keys.code) {
		m.copied = 0
	}
	switch {
	case key.Matches(k, m.keys.send):
		return m.submit()
	case key.Matches(k, m.keys.pageUp):
		m.scroll = min(m.scroll+m.page(), m.maxScroll())
	case key.Matches(k, m.keys.pageDown):
		m.scroll = max(0, m.scroll-m.page())
	case key.Matches(k, m.keys.back):
		return m.back()
	case key.Matches(k, m.keys.compose):
		return m, order.Compose{Text: m.input.Value()}
	case key.Matches(k, m.keys.cancel):
		return m, m.cancel()
	case key.Matches(k, m.keys.fold):
		was := m.lines()
		m.unfolded = !m.unfolded
		return m.redraw().keepPlace(was), nil
	case key.Matches(k, m.keys.yank):
		return m, m.lastAnswer()
	case key.Matches(k, m.keys.newline):
		m.input, _ = m.input.Update(tea.KeyMsg{Type: tea.KeyCtrlJ})
	default:
		return m.other(k)
	}
	if m.scroll == 0 {
		m.unseen = 0
	}
	return m, nil
}

// other takes the keys of what is done less often, and gives the rest to the text field.
func (m Model) other(k tea.KeyMsg) (Model, order.Order) {
	switch {
	case key.Matches(k, m.keys.code):
		return m.code()
	case key.Matches(k, m.keys.resend):
		return m.resend()
	case key.Matches(k, m.keys.talks):
		return m, order.Talks{}
	case key.Matches(k, m.keys.fresh):
		return m, order.Talk{}
	}
	return m.edit(k), nil
}

// edit gives the key to the text field; what it does not want moves through the history.
func (m Model) edit(k tea.KeyMsg) Model {
	input, took := m.input.Update(k)
	if took {
		m.input = input
		return m
	}
	switch {
	case key.Matches(k, m.keys.older):
		m.history, m.input = m.history.older(m.said(), m.input)
	case key.Matches(k, m.keys.newer):
		m.history, m.input = m.history.newer(m.said(), m.input)
	}
	return m
}

// Composed takes what was written in the user's editor.
func (m Model) Composed(text string) Model {
	m.input = m.input.With(strings.TrimRight(text, "\n"))
	return m
}

// cancel asks for the end of the newest turn that runs.
func (m Model) cancel() order.Order {
	if t, ok := m.running(); ok {
		return order.Cancel{Turn: t.ID, Session: t.Session}
	}
	return nil
}

func (m Model) running() (state.Turn, bool) {
	for i := len(m.talk.blocks) - 1; i >= 0; i-- {
		if t := m.talk.blocks[i].turn; t.End == nil {
			return t, true
		}
	}
	return state.Turn{}, false
}

// called says that some turn has calls to look at.
func (m Model) called() bool {
	return slices.ContainsFunc(m.talk.blocks, func(b block) bool { return len(b.turn.Calls) > 0 })
}

// lastAnswer is the newest answer, as its author wrote it.
func (m Model) lastAnswer() order.Order {
	for i := len(m.talk.blocks) - 1; i >= 0; i-- {
		if e := m.talk.blocks[i].turn.End; e != nil && e.Answer != "" {
			return order.Copy{Text: e.Answer, What: "the last answer"}
		}
	}
	return nil
}

// Scroll moves through the conversation, upwards when n is positive: the wheel does.
func (m Model) Scroll(n int) Model {
	m.scroll = max(0, min(m.scroll+n, m.maxScroll()))
	if m.scroll == 0 {
		m.unseen = 0
	}
	return m
}

// back is one step out: first to the end of the conversation, then out of the pane. Text stays where it is.
func (m Model) back() (Model, order.Order) {
	if m.scroll > 0 {
		m.scroll, m.unseen = 0, 0
		return m, nil
	}
	return m, order.Leave{}
}

// Keys are what can be pressed here now, the most useful first.
func (m Model) Keys() []key.Binding {
	k := m.keys
	k.pageUp.SetEnabled(m.maxScroll() > 0)
	k.pageDown.SetEnabled(m.scroll > 0)
	if m.scroll > 0 {
		k.back.SetHelp("esc", "newest")
	}
	_, busy := m.running()
	k.cancel.SetEnabled(busy)
	k.fold.SetEnabled(m.called())
	if m.unfolded {
		k.fold.SetHelp(k.fold.Help().Key, "fold tools")
	}
	k.yank.SetEnabled(m.lastAnswer() != nil)
	k.code.SetEnabled(len(m.fences()) > 0)
	_, again := m.ended()
	k.resend.SetEnabled(again)
	return []key.Binding{
		k.send, k.cancel, k.yank, k.back, k.fold, k.code, k.older, k.newline, k.compose, k.resend, k.talks, k.fresh, k.pageUp, k.pageDown,
	}
}
