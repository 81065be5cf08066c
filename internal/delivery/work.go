package delivery

import (
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// item is a message between its IN (or TURN) and its OUT.
type item struct {
	key      key
	msg      event.Message
	since    time.Time // when it was received, on this process's clock
	at       time.Time // when it was received, as its record said; zero in the run that received it
	started  time.Time
	deadline time.Time
	attempt  int
	crashes  int  // counted deaths
	suspect  bool // it was running when the runner died
	alone    bool // and nothing else was
	running  bool
	canceled bool
	steps    steps // the calls of its handler, from 1
}

// queue is the messages of one session, first in, first out. Only the head may run.
type queue struct {
	items  []*item
	listed bool // in Partition.ready
}

func (p *Partition) enqueue(m event.Message, e *Effects) {
	it := p.add(m)
	q := p.queues[m.Session]
	if q.items[0] == it {
		p.list(q)
		p.pump(e)
	}
}

// add puts a message behind the others of its session.
func (p *Partition) add(m event.Message) *item {
	kind := In
	if m.Source == "" {
		kind = Turn
	}
	it := &item{key: keyOf(kind, &m.Header), msg: m, since: p.now}
	if m.TTL > 0 {
		it.deadline = p.deadline(m.TTL)
	}
	p.work[it.key] = it
	q := p.queues[m.Session]
	if q == nil {
		q = &queue{}
		p.queues[m.Session] = q
	}
	q.items = append(q.items, it)
	return it
}

func (p *Partition) list(q *queue) {
	if q != nil && !q.listed && len(q.items) > 0 && !q.items[0].running {
		q.listed = true
		p.ready = append(p.ready, q)
	}
}

// Pump starts what waits, as far as the runner has slots.
func (p *Partition) Pump(now time.Time) Effects {
	p.now = now
	var e Effects
	p.pump(&e)
	return e
}

// Waiting reports that something could start if the runner had a slot.
func (p *Partition) Waiting() bool { return len(p.ready) > 0 }

func (p *Partition) pump(e *Effects) {
	for len(p.ready) > 0 {
		q := p.ready[0]
		over := p.expired(q.items[0])
		if !over && p.cfg.Inline == nil && !p.cfg.Admit() {
			return
		}
		p.ready = p.ready[1:]
		q.listed = false
		if over {
			p.tooLate(q.items[0], e)
			continue
		}
		p.start(q.items[0], StartNormal, e)
	}
}

// tooLate ends the work on a message whose turn is over before it has begun: nobody waits for it any more.
func (p *Partition) tooLate(it *item, e *Effects) {
	if t := p.ledger.turns[it.key.turn]; t != nil {
		p.end(t, event.StatusTimeout, noAnswerText, e)
	}
	it.started = p.now
	p.finish(it, Outcome{Err: deadlineText}, e)
}

func (p *Partition) start(it *item, how string, e *Effects) {
	it.running, it.started = true, p.now
	it.attempt++
	it.msg.Attempt = it.attempt
	if !it.deadline.IsZero() { // what is left when its handler begins
		it.msg.TTL = max(1, it.deadline.Sub(p.now).Milliseconds())
	}
	if p.cfg.Inline != nil {
		p.finish(it, p.cfg.Inline(it.msg), e)
		return
	}
	p.takeSent(e)
	e.record(p.startRecord(it, how))
	e.Starts = append(e.Starts, Job{Message: it.msg, key: it.key})
}

func (p *Partition) startRecord(it *item, how string) Record {
	h := it.ref()
	h.Type, h.Attempt = how, it.attempt
	return Record{Kind: Start, Head: event.Message{Header: h}}
}

// ref is the header by which later records name the item.
func (it *item) ref() event.Header {
	m := &it.msg
	return event.Header{Turn: m.Turn, Session: m.Session, Source: m.Source, Base: m.Base, Seq: m.Seq}
}

// Complete takes the outcome of a job: the OUT record, which is the hop's only commit, and what follows from it.
func (p *Partition) Complete(j Job, o Outcome, now time.Time) Effects {
	p.now = now
	e := p.effects()
	it := p.work[j.key]
	if it == nil || !it.running {
		return e
	}
	if o.Crashed {
		p.crashed(it, o.Err, &e)
		return e
	}
	if o.SetAside {
		p.deadLetter(it.msg, p.cfg.Component+": "+o.Err, &e)
		p.remove(it, &e)
		return e
	}
	p.finish(it, o, &e)
	return e
}

// crashed counts a death that is proven against this message, and tries again or sets the message aside.
func (p *Partition) crashed(it *item, reason string, e *Effects) {
	it.crashes++
	it.running = false
	e.record(p.startRecord(it, StartCrashed))
	p.poisoned(it, reason, e)
	p.list(p.queues[it.msg.Session])
}

// poisoned sets a message aside that has killed too often.
func (p *Partition) poisoned(it *item, reason string, e *Effects) {
	if it.crashes < p.cfg.Limits.MaxCrashes {
		return
	}
	if reason == "" {
		reason = "its process died"
	}
	text := p.cfg.Component + " crashed " + times(it.crashes) + " on this message: " + reason
	p.deadLetter(it.msg, text, e)
	p.remove(it, e)
}

func times(n int) string {
	if n == 2 {
		return "twice"
	}
	return "again and again"
}

func (p *Partition) finish(it *item, o Outcome, e *Effects) {
	it.msg.Attempt = it.attempt
	hop := p.hop(it, o)
	out := p.outgoing(it, o, hop)
	h := it.ref()
	h.Attempt, h.DataContentType, h.Trace = it.attempt, o.ContentType, event.AppendHop("", hop)
	r := Record{Kind: Out, Head: event.Message{Header: h, Body: o.Body}, Msgs: out}
	if len(out) > 0 {
		r.Head.Body = nil // the messages have it
	}
	if o.Err != "" {
		r.Head.Type, r.Head.Body = outError, []byte(o.Err)
		if it.canceled {
			r.Head.Type = OutCanceled
		}
	}
	p.takeSent(e)
	e.record(r)
	p.dispatch(out, e)
	p.remove(it, e)
}

// dispatch hands out a hop's messages. A report to ourselves needs no bus.
func (p *Partition) dispatch(out []event.Message, e *Effects) {
	for _, m := range out {
		if m.Subject == p.cfg.Component && m.Base == "" {
			p.report(m, e)
			continue
		}
		p.post(m, e)
	}
}

// remove forgets an item and lets the next one of its session run.
func (p *Partition) remove(it *item, e *Effects) {
	delete(p.work, it.key)
	q := p.queues[it.msg.Session]
	i := slices.Index(q.items, it)
	q.items = slices.Delete(q.items, i, i+1)
	if len(q.items) == 0 {
		delete(p.queues, it.msg.Session)
		p.ready = slices.DeleteFunc(p.ready, func(x *queue) bool { return x == q })
		return
	}
	p.list(q)
	p.pump(e)
}
