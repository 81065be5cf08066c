package delivery

import (
	"cmp"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// A cancel travels on the turn's own channel, so that it cannot overtake its message, is journaled, and takes effect out
// of turn (R7). Nobody is told "canceled" before the END says so: a hop that had finished already just passes it on, and
// whichever report comes first becomes the END.

// Cancel asks the acceptor to end a turn. known is false for a turn that is not open here.
func (p *Partition) Cancel(turn string, now time.Time) (known bool, e Effects) {
	p.now = now
	t := p.ledger.turns[turn]
	if t == nil {
		return false, e
	}
	m := event.Message{Header: event.Header{Type: event.TypeCancel, Turn: turn, Session: t.session, Chain: t.chain, Origin: p.cfg.Component}}
	e.record(Record{Kind: Cancel, Head: m})
	p.cancel(m, &e)
	return true, e
}

// cancel ends the turn's work here, or passes the cancel on when the work is done.
func (p *Partition) cancel(m event.Message, e *Effects) {
	items := p.ofTurn(m.Turn)
	for _, it := range items {
		it.canceled = true
		if it.running {
			e.Stops = append(e.Stops, Job{Message: it.msg, key: it.key})
			continue
		}
		it.started = p.now
		p.finish(it, Outcome{Err: canceledText}, e)
	}
	if len(items) == 0 {
		p.passOn(m, e)
	}
}

const canceledText = "canceled"

// passOn sends the cancel after the turn's message, to every next hop.
func (p *Partition) passOn(m event.Message, e *Effects) {
	to, rest := p.next(m.Chain)
	if len(to) == 0 {
		return
	}
	var out []event.Message
	for _, dest := range to {
		dest, chain := p.via(dest, rest)
		n := event.Message{Header: event.Header{
			Type: event.TypeCancel, Turn: m.Turn, Session: m.Session, Chain: chain, Origin: m.Origin, TraceParent: m.TraceParent,
		}}
		p.address(&n, dest)
		out = append(out, n)
	}
	e.record(Record{Kind: Cancel, Head: event.Message{Header: event.Header{Turn: m.Turn, Session: m.Session}}, Msgs: out})
	p.dispatch(out, e)
}

// ofTurn is the turn's work at this hop, in the order of its session.
func (p *Partition) ofTurn(turn string) []*item {
	var out []*item
	for _, it := range p.work {
		if it.msg.Turn == turn {
			out = append(out, it)
		}
	}
	slices.SortFunc(out, func(a, b *item) int {
		return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.key.source, b.key.source), cmp.Compare(a.key.seq, b.key.seq), cmp.Compare(a.key.base, b.key.base))
	})
	return out
}

// restoreCancel marks the turn's work; Recover ends it. A record with messages is a cancel that was passed on.
func (p *Partition) restoreCancel(r Record, since time.Duration) {
	if r.Head.Source != "" {
		p.advance(&r.Head)
	}
	for _, it := range p.ofTurn(r.Head.Turn) {
		it.canceled = true
	}
	p.restoreSends(r.Msgs, since)
}
