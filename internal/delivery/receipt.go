package delivery

import (
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// A component that changes the world when it is called keeps a receipt (R5): START under the call's id before it acts, OUT
// with the result after. Asked again with the same id it can say what became of the call.

// receiptType marks the START and OUT records of calls.
const receiptType = "call"

// IsReceipt says whether a START or OUT record is that of a call.
func IsReceipt(r *Record) bool { return r.Head.Type == receiptType }

// ReceiptState says what a callee knows of a call.
type ReceiptState uint8

// The states of a receipt.
const (
	ReceiptFresh   ReceiptState = iota + 1 // never seen: the START is written, run it
	ReceiptRunning                         // it is running: wait for its end
	ReceiptDone                            // it was done: here is the result
	ReceiptUnknown                         // it had begun when this component died: nobody knows
)

type receipt struct {
	id      string
	session string
	at      time.Time
	running bool
	steps   steps // the requests of its handler, when they are journaled
	result  *event.Message
}

// Ask is called for a request whose effects must not happen twice. The request's ID is its CallID.
func (p *Partition) Ask(m event.Message, now time.Time) (ReceiptState, event.Message, Effects) {
	p.now = now
	var e Effects
	if r := p.receipts[m.ID]; r != nil {
		switch {
		case r.result != nil:
			return ReceiptDone, *r.result, e
		case r.running:
			return ReceiptRunning, event.Message{}, e
		}
		return ReceiptUnknown, event.Message{}, e
	}
	p.keep(&receipt{id: m.ID, session: m.Session, at: now, running: true})
	e.record(Record{Kind: Start, Head: event.Message{Header: event.Header{
		Type: receiptType, ID: m.ID, Session: m.Session, Turn: m.Turn, CorrelationID: m.CorrelationID,
	}}})
	return ReceiptFresh, event.Message{}, e
}

// Knows reports whether there is a receipt of a call.
func (p *Partition) Knows(call string) bool { return p.receipts[call] != nil }

// Answered keeps the result of a call.
func (p *Partition) Answered(id string, result event.Message, now time.Time) Effects {
	p.now = now
	var e Effects
	r := p.receipts[id]
	if r == nil || r.result != nil {
		return e
	}
	r.running, r.steps = false, nil
	r.result = &event.Message{Header: event.Header{
		Type: receiptType, ID: id, Session: r.session, Subject: result.Type, DataContentType: result.DataContentType,
		Fallbacks: result.Fallbacks,
	}, Body: result.Body}
	e.record(Record{Kind: Out, Head: *r.result})
	return e
}

// Rest says that nobody works on a call that has no result: it waits for somebody outside, or is gone on with when it is
// asked again.
func (p *Partition) Rest(id string) {
	if r := p.receipts[id]; r != nil {
		r.running = false
	}
}

// Resume takes up a call that rests: its handler runs again and gets the results that it had.
func (p *Partition) Resume(id string) {
	if r := p.receipts[id]; r != nil && r.result == nil {
		r.running = true
	}
}

// IntentOf is Intent for a handler that works on a call. The id of its n-th request is that of the call, a slash, and n.
func (p *Partition) IntentOf(call string, n int, m event.Message, now time.Time) (StepState, event.Message, Effects) {
	p.now = now
	r := p.receipts[call]
	if r == nil || !r.running {
		return StepCanceled, event.Message{}, Effects{}
	}
	return p.intend(&r.steps, r.ref(), n, m)
}

// StepOf is Step for a handler that works on a call.
func (p *Partition) StepOf(call string, n int, result event.Message, now time.Time) Effects {
	p.now = now
	r := p.receipts[call]
	if r == nil {
		return Effects{}
	}
	return r.steps.keep(r.ref(), n, result)
}

func (r *receipt) ref() event.Header { return event.Header{Session: r.session, CorrelationID: r.id} }

// Forget drops a receipt, so that the call may run again.
func (p *Partition) Forget(id string) { delete(p.receipts, id) }

// keep adds a receipt and forgets the oldest ones beyond the limits.
func (p *Partition) keep(r *receipt) {
	if p.receipts == nil {
		p.receipts = map[string]*receipt{}
	}
	p.receipts[r.id] = r
	p.receiptOrder = append(p.receiptOrder, r.id)
	for len(p.receiptOrder) > p.cfg.Limits.MaxEnds {
		delete(p.receipts, p.receiptOrder[0])
		p.receiptOrder = p.receiptOrder[1:]
	}
}

func (p *Partition) restoreReceipt(r Record) {
	if r.Kind == Start {
		p.keep(&receipt{id: r.Head.ID, session: r.Head.Session, at: p.now})
		return
	}
	if p.receipts[r.Head.ID] == nil {
		p.keep(&receipt{id: r.Head.ID, session: r.Head.Session, at: p.now})
	}
	p.receipts[r.Head.ID].result, p.receipts[r.Head.ID].steps = &r.Head, nil
}

func (p *Partition) receiptRecords() []Record {
	var out []Record
	for _, id := range p.receiptOrder {
		r := p.receipts[id]
		switch {
		case r == nil:
		case r.result != nil:
			out = append(out, Record{Kind: Out, Head: *r.result})
		default:
			out = append(out, Record{Kind: Start, Head: event.Message{Header: event.Header{Type: receiptType, ID: r.id, Session: r.session}}})
			out = append(out, r.steps.records()...)
		}
	}
	return out
}
