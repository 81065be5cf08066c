package chat

import (
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
)

// sent is a message that was typed and does not show as a turn yet.
type sent struct {
	text  string
	after string // the newest turn when it was typed
	turn  string // the turn that it became; "" until it was accepted
}

// outbox sends one message at a time: two orders to the outside may be carried out in the other order.
type outbox struct {
	waiting []sent // the first one that has no turn is on its way
	problem string // why the last message was not accepted
}

// submit takes what was typed. It goes out at once when nothing else is on its way.
func (m Model) submit() (Model, order.Order) {
	text := strings.TrimSpace(m.input.Value())
	if text == "" {
		return m, nil
	}
	if t, q, ok := m.asked(); ok {
		m.input, m.history = kit.Editor{}, history{}
		m.scroll, m.unseen = 0, 0
		return m, order.Say{Session: t.Session, Question: q.ID, Text: text}
	}
	busy := m.outbox.busy()
	after := ""
	if n := len(m.talk.blocks); n > 0 {
		after = m.talk.blocks[n-1].turn.ID
	}
	m.outbox.waiting = append(slices.Clone(m.outbox.waiting), sent{text: text, after: after})
	m.outbox.problem = ""
	m.input, m.history = kit.Editor{}, history{}
	m.scroll, m.unseen = 0, 0
	if busy {
		return m, nil
	}
	return m, order.Send{Text: text}
}

// asked is the oldest question of a turn that waits for an answer.
func (m Model) asked() (state.Turn, event.UserQuestion, bool) {
	for _, b := range m.talk.blocks {
		if q, ok := b.turn.Open(); ok {
			return b.turn, q, true
		}
	}
	return state.Turn{}, event.UserQuestion{}, false
}

func (o outbox) busy() bool {
	return slices.ContainsFunc(o.waiting, func(s sent) bool { return s.turn == "" })
}

// Sent tells what became of the message on its way: the turn it is, or why it was refused. A refused message, and
// those typed behind it, come back into the text field, because they must not arrive without it.
func (m Model) Sent(turn string, err error) (Model, order.Order) {
	i := slices.IndexFunc(m.outbox.waiting, func(s sent) bool { return s.turn == "" })
	if i < 0 {
		return m, nil
	}
	waiting := slices.Clone(m.outbox.waiting)
	if err != nil {
		var back []string
		for _, s := range waiting[i:] {
			back = append(back, s.text)
		}
		if !m.input.Empty() {
			back = append(back, m.input.Value())
		}
		m.input = m.input.With(strings.Join(back, "\n"))
		m.outbox = outbox{waiting: waiting[:i], problem: refusal(err)}
		return m, nil
	}
	waiting[i].turn = turn
	m.outbox.waiting = waiting
	m.outbox = m.outbox.known(m.talk.blocks)
	for _, s := range m.outbox.waiting {
		if s.turn == "" {
			return m, order.Send{Text: s.text}
		}
	}
	return m, nil
}

// known drops the messages that show as turns.
func (o outbox) known(blocks []block) outbox {
	o.waiting = slices.DeleteFunc(slices.Clone(o.waiting), func(s sent) bool {
		return s.turn != "" && slices.ContainsFunc(blocks, func(b block) bool { return b.turn.ID == s.turn })
	})
	return o
}

// showing are the messages to draw below the turns. One that is on its way may be a turn before its sender has
// heard of it; it is recognised by its words.
func (m Model) showing() []sent {
	var show []sent
	for _, s := range m.outbox.waiting {
		i := slices.IndexFunc(m.talk.blocks, func(b block) bool { return b.turn.ID == s.after })
		seen := slices.ContainsFunc(m.talk.blocks[i+1:], func(b block) bool { return b.turn.Text == s.text })
		if !seen {
			show = append(show, s)
		}
	}
	return show
}
