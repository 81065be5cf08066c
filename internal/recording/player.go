package recording

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/woodwork-lang/ww/internal/event"
)

// How is how much of a recording is played.
type How string

// The ways to play.
const (
	All    How = "all"  // every answer is from the recording; agents, inputs and outputs run
	Models How = "llm"  // only those of models; tools run
	From   How = "from" // everything before one hop; from there on everything runs
)

// Order says what is played.
type Order struct {
	How  How
	Turn int                 // with From
	Hop  int                 // with From
	WW   string              // the version that plays
	Pipe string              // the type of request in which a pipe is given an event
	Mask func([]byte) []byte // what the tape hid is hidden here, too; nil: nothing
}

// Mismatch is a place at which a run is not what was recorded.
type Mismatch struct {
	Turn      int    `json:"turn"` // from 1
	ID        string `json:"id"`
	Hop       int    `json:"hop"` // from 1; 0 when the recording has no such hop
	Component string `json:"component"`
	To        string `json:"to,omitempty"`
	Field     string `json:"field"`
	Recorded  string `json:"recorded"`
	Now       string `json:"now"`
}

// Error implements error.
func (m *Mismatch) Error() string {
	where := m.Component
	if m.To != "" {
		where += " → " + m.To
	}
	return fmt.Sprintf("turn %d, hop %d (%s): %s is not what was recorded", m.Turn, m.Hop, where, m.Field)
}

// Player answers from a recording. Its methods may be called from many goroutines.
type Player struct {
	rec    *Recording
	order  Order
	told   func(*Mismatch)
	mu     sync.Mutex
	used   map[*Entry]string // by the id of the call or hop that took it
	failed map[string]*Mismatch
}

// NewPlayer plays a recording. Each mismatch is told to told, which may be nil.
func NewPlayer(rec *Recording, order Order, told func(*Mismatch)) *Player {
	if told == nil {
		told = func(*Mismatch) {}
	}
	if order.Mask == nil {
		order.Mask = func(b []byte) []byte { return b }
	}
	return &Player{rec: rec, order: order, told: told, used: map[*Entry]string{}, failed: map[string]*Mismatch{}}
}

// live reports whether an entry is to run, in turn number n.
func (p *Player) live(e *Entry, n int) bool {
	switch p.order.How {
	case Models:
		return p.rec.kindOf(callee(e)) != "llm"
	case From:
		return n > p.order.Turn || n == p.order.Turn && e.Hop >= p.order.Hop
	case All:
	}
	return false
}

// passed reports whether everything of turn n from its first hop on is to run.
func (p *Player) passed(n int) bool {
	return p.order.How == From && (n > p.order.Turn || n == p.order.Turn && p.order.Hop <= 1)
}

func callee(e *Entry) string {
	if e.Kind == KindCall {
		return e.To
	}
	return e.Component
}

// Call is the recorded answer to the request m. play is false when it is to be made.
func (p *Player) Call(m *event.Message) (reply event.Message, failure string, play bool, err error) {
	t, n := p.rec.Turn(m.Turn)
	if t == nil || p.passed(n) || p.order.How == Models && p.rec.kindOf(m.Subject) != "llm" {
		return reply, "", false, nil
	}
	body := p.order.Mask(m.Body)
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.find(t, m.ID, func(e *Entry) bool { return e.Kind == KindCall && key(t.ID, e.ID) == key(t.ID, m.ID) }, func(e *Entry) bool {
		return e.To == m.Subject && e.Type == m.Type && (bytes.Equal(e.Request, body) || p.samePipe(e, body))
	})
	switch {
	case e == nil && p.order.How == From && n == p.order.Turn:
		return reply, "", false, nil // behind what was recorded
	case e == nil:
		return reply, "", true, p.fail(&Mismatch{Turn: n, ID: t.ID, Component: m.Source, To: m.Subject, Field: "call", Recorded: "(nothing)", Now: string(body)})
	case p.live(e, n):
		return reply, "", false, nil
	}
	if d, differs := p.differs(e, m, body); differs {
		return reply, "", true, p.fail(&Mismatch{Turn: n, ID: t.ID, Hop: e.Hop, Component: m.Source, To: m.Subject, Field: d.field, Recorded: d.was, Now: d.is})
	}
	reply = event.Message{Header: event.Header{Type: event.TypeResult, DataContentType: e.AnswerType, Fallback: e.Fallback}, Body: e.Answer}
	return reply, e.Error, true, nil
}

// find is the entry for an id: the one that it took before, else one with the same request, else the next one.
func (p *Player) find(t *Turn, id string, want, same func(*Entry) bool) *Entry {
	var next *Entry
	for i := range t.Entries {
		e := &t.Entries[i]
		if !want(e) {
			continue
		}
		by, used := p.used[e]
		switch {
		case used && by == id:
			return e
		case used:
		case same(e):
			p.used[e] = id
			return e
		case next == nil:
			next = e
		}
	}
	if next != nil {
		p.used[next] = id
	}
	return next
}

// differs is the first difference between a recorded call and one that is made.
func (p *Player) differs(e *Entry, m *event.Message, is []byte) (difference, bool) {
	switch {
	case e.To != m.Subject:
		return difference{"to", e.To, m.Subject}, true
	case e.Type != m.Type:
		return difference{"type", e.Type, m.Type}, true
	case e.RequestType != m.DataContentType:
		return difference{"request_type", e.RequestType, m.DataContentType}, true
	}
	was := []byte(e.Request)
	if e.Type == p.order.Pipe {
		was, is = withoutTime(was), withoutTime(is)
	}
	if by, _ := p.rec.Component(e.Component); by.WW != p.order.WW {
		was, is = withoutOurs(was), withoutOurs(is)
	}
	if p.order.How == Models {
		was, is = withoutResults(was), withoutResults(is)
	}
	return diff("request", was, is)
}

// samePipe reports whether a pipe is given the event that it was given, at another time.
func (p *Player) samePipe(e *Entry, is []byte) bool {
	return e.Type == p.order.Pipe && bytes.Equal(withoutTime(e.Request), withoutTime(is))
}

// withoutTime is an event on its way to a pipe, in one form, without the time at which it happened: that is another one on
// every run. What a pipe makes of the time is in its recorded answer.
func withoutTime(b []byte) []byte {
	return changed(b, "payload", func(d map[string]any) {
		if payload, ok := d["payload"].(map[string]any); ok {
			delete(payload, "timestamp")
		}
	})
}

// withoutResults is a conversation without what tools said in it: they run, and may say something else.
func withoutResults(b []byte) []byte {
	return changed(b, "messages", func(c map[string]any) { silence(c, "tool") })
}

// withoutOurs is a conversation without what a ww puts into it: another version may put it otherwise.
func withoutOurs(b []byte) []byte {
	return changed(b, "messages", func(c map[string]any) {
		silence(c, "system")
		delete(c, "tools")
	})
}

// changed is b, changed, when it is an object that has a field: messages is that of a conversation.
func changed(b []byte, field string, change func(map[string]any)) []byte {
	var c map[string]any
	if json.Unmarshal(b, &c) != nil || c[field] == nil {
		return b
	}
	change(c)
	out, err := json.Marshal(c)
	if err != nil {
		return b
	}
	return out
}

// silence takes what one role said out of a conversation.
func silence(c map[string]any, role string) {
	messages, _ := c["messages"].([]any)
	for _, m := range messages {
		if m, ok := m.(map[string]any); ok && m["role"] == role {
			m["content"] = ""
		}
	}
}

// runs reports whether components of a kind run when everything is played: what they do is a matter of their own text.
func runs(kind string) bool { return slices.Contains([]string{"agent", "input", "output", ""}, kind) }

// Hop is the recorded work of a component on m. play is false when it is to be done.
func (p *Player) Hop(m *event.Message, component string) (reply event.Message, failure string, play bool, err error) {
	t, n := p.rec.Turn(m.Turn)
	kind := p.rec.kindOf(component)
	if t == nil || p.passed(n) || runs(kind) || p.order.How == Models && kind != "llm" {
		return reply, "", false, nil
	}
	body := p.order.Mask(m.Body)
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.find(t, m.ID, func(e *Entry) bool {
		return e.Kind == KindHop && !e.Unrecorded && e.Component == component && e.Branch == m.Branch
	}, func(e *Entry) bool { return bytes.Equal(e.Request, body) })
	switch {
	case e == nil && (p.order.How == From && n == p.order.Turn || unrecorded(t, component)):
		return reply, "", false, nil
	case e == nil:
		return reply, "", true, p.fail(&Mismatch{Turn: n, ID: t.ID, Component: component, Field: "hop", Recorded: "(nothing)", Now: string(body)})
	case p.live(e, n):
		return reply, "", false, nil
	}
	if d, differs := diff("request", e.Request, body); differs {
		return reply, "", true, p.fail(&Mismatch{Turn: n, ID: t.ID, Hop: e.Hop, Component: component, Field: d.field, Recorded: d.was, Now: d.is})
	}
	return event.Message{Header: event.Header{DataContentType: e.AnswerType}, Body: e.Answer}, e.Error, true, nil
}

func unrecorded(t *Turn, component string) bool {
	return slices.ContainsFunc(t.Entries, func(e Entry) bool { return e.Unrecorded && e.Component == component })
}

// Over is called when a component has done its work on m. A mismatch in it is its outcome, whatever it made of it; calls
// that were recorded and not made are one.
func (p *Player) Over(m *event.Message, component string) error {
	t, n := p.rec.Turn(m.Turn)
	if t == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if bad := p.failed[t.ID]; bad != nil {
		return bad
	}
	if p.order.How == From && n >= p.order.Turn {
		return nil
	}
	for i := range t.Entries {
		e := &t.Entries[i]
		if _, used := p.used[e]; used || e.Kind != KindCall || e.Component != component || root(*e) != component || p.live(e, n) {
			continue
		}
		return p.fail(&Mismatch{Turn: n, ID: t.ID, Hop: e.Hop, Component: component, To: e.To, Field: "call", Recorded: string(e.Request), Now: "(nothing)"})
	}
	return nil
}

// fail keeps the first mismatch of a turn and tells of each.
func (p *Player) fail(m *Mismatch) error {
	if p.failed[m.ID] == nil {
		p.failed[m.ID] = m
		p.told(m)
	}
	return p.failed[m.ID]
}
