package chat

import (
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/markdown"
	"github.com/woodwork-lang/ww/tui/order"
)

// resend asks again what was asked last. What is being written stays in the text field.
func (m Model) resend() (Model, order.Order) {
	t, ok := m.ended()
	if _, _, asked := m.asked(); !ok || asked {
		return m, nil
	}
	draft := m.input
	m.input = kit.Editor{}.With(t.Text)
	m, do := m.submit()
	m.input = draft
	return m, do
}

// ended is the newest turn, when it has ended.
func (m Model) ended() (state.Turn, bool) {
	if n := len(m.talk.blocks); n > 0 && m.talk.blocks[n-1].turn.End != nil && m.talk.blocks[n-1].turn.Text != "" {
		return m.talk.blocks[n-1].turn, true
	}
	return state.Turn{}, false
}

// code copies the last code block of the conversation; pressed again, the one before it.
func (m Model) code() (Model, order.Order) {
	all := m.fences()
	if len(all) == 0 {
		return m, nil
	}
	n := m.copied % len(all)
	m.copied = n + 1
	text := all[len(all)-1-n]
	what := fmt.Sprintf("a code block of %d lines", strings.Count(text, "\n"))
	if strings.Count(text, "\n") == 1 {
		what = "a code block of a line"
	}
	return m, order.Copy{Text: text, What: fmt.Sprintf("%s, %d of %d", what, len(all)-n, len(all))}
}

// Items are what can be copied of the conversation, for the palette.
func (m Model) Items() []order.Item {
	var items []order.Item
	if do := m.lastAnswer(); do != nil {
		items = append(items, order.Item{Text: "copy the last answer", Key: m.keys.yank.Help().Key, Do: do})
	}
	if all := m.fences(); len(all) > 0 {
		items = append(items, order.Item{Text: "copy the last code block", Key: m.keys.code.Help().Key, Do: order.Copy{Text: all[len(all)-1], What: "the last code block"}})
	}
	return items
}

// recentTurns bounds in how many answers, from the newest on, code blocks are looked for.
const recentTurns = 20

// fences are the code blocks of the newest answers, oldest first.
func (m Model) fences() []string {
	var all []string
	for _, b := range m.talk.blocks[max(0, len(m.talk.blocks)-recentTurns):] {
		if b.turn.End == nil {
			continue
		}
		all = append(all, markdown.Code(b.turn.End.Answer)...)
		for _, o := range b.turn.End.Outputs {
			all = append(all, markdown.Code(o.Text)...)
		}
	}
	return all
}
