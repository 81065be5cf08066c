package delivery

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// Restore folds one record of the journal into an empty partition, oldest first. Call Recover when all are in.
func (p *Partition) Restore(r Record, now time.Time) error {
	p.now = now
	since := r.age(now)
	switch r.Kind {
	case Turn:
		p.restoreTurn(r.Head, since, r.time())
	case In:
		if mk := p.in[inKey{r.Head.Source, r.Head.Session}]; mk == nil || mk.base != r.Head.Base || mk.hwm < r.Head.Seq {
			p.advance(&r.Head)
			p.restoreIn(r.Head, r.time())
		}
	case Skip:
		p.advance(&r.Head)
	case Start:
		p.restoreStart(r)
	case Out, Dead:
		p.restoreOut(r, since)
	case Intent, Step:
		p.restoreStep(r.Kind, &r.Head)
	case Cancel:
		p.restoreCancel(r, since)
	case Sent:
		p.restoreSent(&r.Head.Header)
	case End:
		p.ledger.close(r.Head, p.now, p.cfg.Limits)
	case Ckpt:
		p.restoreCkpt(r, since)
	default:
		return fmt.Errorf("unknown record %s", r.Kind)
	}
	return nil
}

// age takes the time since the append from what a message may still travel: a turn does not get younger by a restart.
// What has run out keeps one millisecond, and expires at the next look.
func (r *Record) age(now time.Time) time.Duration {
	since := now.UnixMilli() - r.At
	if r.At <= 0 || since <= 0 {
		return 0
	}
	for _, m := range append([]*event.Message{&r.Head}, pointers(r.Msgs)...) {
		if m.TTL > 0 {
			m.TTL = max(1, m.TTL-since)
		}
	}
	return time.Duration(since) * time.Millisecond
}

func pointers(msgs []event.Message) []*event.Message {
	out := make([]*event.Message, len(msgs))
	for i := range msgs {
		out[i] = &msgs[i]
	}
	return out
}

// time is when the record was appended; zero: nobody knows.
func (r *Record) time() time.Time {
	if r.At <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(r.At)
}

func (p *Partition) restoreTurn(m event.Message, since time.Duration, at time.Time) {
	if p.ledger.knows(m.Turn) {
		return
	}
	p.ledger.open(&m.Header, p.now.Add(-since), p.deadline(m.TTL))
	p.ledger.turns[m.Turn].at = at
	p.add(m).at = at
}

func (p *Partition) restoreIn(m event.Message, at time.Time) {
	if IsReport(m.Type) {
		p.restoreReport(m)
		return
	}
	p.add(m).at = at
}

func (p *Partition) restoreReport(m event.Message) {
	if t := p.ledger.turns[m.Turn]; t != nil {
		t.add(m)
	}
}

func (p *Partition) restoreStart(r Record) {
	m := &r.Head
	if m.Type == receiptType {
		p.restoreReceipt(r)
		return
	}
	it := p.work[keyOf(In, &m.Header)]
	if it == nil {
		return
	}
	it.attempt = m.Attempt
	switch m.Type {
	case StartCrashed:
		if !it.alone { // a start alone was counted already
			it.crashes++
		}
		it.suspect, it.alone = false, false
	case StartAlone:
		it.crashes++ // it died alone, unless an OUT follows
		it.suspect, it.alone = true, true
	default:
		it.suspect, it.alone = true, false
	}
}

func (p *Partition) restoreOut(r Record, since time.Duration) {
	if r.Kind == Out && r.Head.Type == receiptType {
		p.restoreReceipt(r)
		return
	}
	if it := p.work[keyOf(In, &r.Head.Header)]; it != nil {
		p.forget(it, p.queues[it.msg.Session])
	}
	msgs := r.Msgs
	if r.Kind == Dead && len(msgs) > 0 {
		p.keepLetter(r)
		msgs = msgs[1:] // the first one is the letter itself
	}
	p.restoreSends(msgs, since)
}

// restoreSends takes messages that a record sends: they are unacknowledged until a SENT says otherwise.
func (p *Partition) restoreSends(msgs []event.Message, since time.Duration) {
	for _, m := range msgs {
		if m.Base == "" {
			p.restoreReport(m)
			continue
		}
		k := outKey{m.Subject, m.Session}
		c := p.out[k]
		if c == nil || c.base != m.Base {
			c = &channel{base: m.Base}
			p.out[k] = c
		}
		c.last = max(c.last, m.Seq)
		if m.TTL > 0 { // counted from when it was posted
			m.TTL += since.Milliseconds()
		}
		c.unsent = append(c.unsent, posting{m, p.now.Add(-since)})
	}
}

// forget removes an item without starting the next one.
func (p *Partition) forget(it *item, q *queue) {
	delete(p.work, it.key)
	q.items = slices.DeleteFunc(q.items, func(x *item) bool { return x == it })
	if len(q.items) == 0 {
		delete(p.queues, it.msg.Session)
	}
}

func (p *Partition) restoreSent(h *event.Header) {
	c := p.out[outKey{h.Subject, h.Session}]
	if c == nil || c.base != h.Base {
		return
	}
	c.unsent = withoutSent(c.unsent, h.Seq)
}

func (p *Partition) restoreCkpt(r Record, since time.Duration) {
	h := &r.Head.Header
	switch h.Type {
	case ckptIn:
		mk := &mark{life: life{h.Base, h.Seq}}
		for _, m := range r.Msgs {
			mk.earlier = append(mk.earlier, life{m.Base, m.Seq})
		}
		p.in[inKey{h.Source, h.Session}] = mk
	case ckptDropped:
		p.dropLetter(h.ID)
	case ckptOut:
		c := &channel{base: h.Base, last: h.Seq}
		for _, m := range r.Msgs {
			waited := since + time.Duration(m.Took)*time.Microsecond
			m.Took = 0
			if m.TTL > 0 { // counted from when it was posted, as that of the others
				m.TTL += waited.Milliseconds()
			}
			c.unsent = append(c.unsent, posting{m, p.now.Add(-waited)})
		}
		p.out[outKey{h.Subject, h.Session}] = c
	}
}

// Recover ends the restore: what was not acknowledged is sent again, turns whose leaves are all in get their END, and
// the work that is left waits for Pump. Suspects, which had a START when the runner died, must run alone first (R6):
// see Suspects.
func (p *Partition) Recover(now time.Time) Effects {
	p.now = now
	var e Effects
	if p.cfg.Renew {
		p.renew()
	}
	p.park(&e)
	p.overdue(&e)
	for _, t := range p.openTurns() {
		if len(t.leaves) > 0 && complete(branches(t.leaves)) {
			p.closeTurn(t, t.end(), &e)
		}
	}
	for _, it := range p.sortedWork() {
		if it.canceled {
			it.started = now
			p.finish(it, Outcome{Err: canceledText}, &e)
			continue
		}
		p.poisoned(it, "", &e)
	}
	for _, k := range sortedKeys(p.out, compareOut) {
		e.Sends = append(e.Sends, p.out[k].parcels(p.now)...)
	}
	slices.SortStableFunc(e.Sends, func(a, b Parcel) int { return cmp.Compare(a.Seq, b.Seq) })
	for _, q := range p.queues {
		p.list(q)
	}
	slices.SortFunc(p.ready, func(a, b *queue) int { return compareItems(a.items[0], b.items[0]) })
	e.wakeAt(p.ledger.nextDeadline())
	return e
}

func branches(leaves []event.Message) []string {
	out := make([]string, len(leaves))
	for i := range leaves {
		out[i] = leaves[i].Branch
	}
	return out
}

func (p *Partition) openTurns() []*turn {
	out := make([]*turn, 0, len(p.ledger.turns))
	for _, t := range p.ledger.turns {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *turn) int { return cmp.Compare(a.n, b.n) })
	return out
}

// sortedWork is all work by session, each first in, first out.
func (p *Partition) sortedWork() []*item {
	out := make([]*item, 0, len(p.work))
	for _, s := range sortedKeys(p.queues, cmp.Compare[string]) {
		out = append(out, p.queues[s].items...)
	}
	return out
}

func compareItems(a, b *item) int { return cmp.Compare(a.msg.Session, b.msg.Session) }

// NextSuspect starts one suspect alone; ok is false when there is none left. The driver completes it before it asks
// again, and pumps no partition meanwhile. Pass blame false when the runner is known to have died innocently (a signal
// from outside): then nothing is counted.
func (p *Partition) NextSuspect(blame bool, now time.Time) (e Effects, ok bool) {
	p.now = now
	for _, s := range sortedKeys(p.queues, cmp.Compare[string]) {
		q := p.queues[s]
		it := q.items[0]
		if !it.suspect || it.running {
			continue
		}
		it.suspect = false
		p.ready = slices.DeleteFunc(p.ready, func(x *queue) bool { return x == q })
		q.listed = false
		if p.expired(it) {
			p.tooLate(it, &e)
			return e, true
		}
		how := StartAlone
		if !blame {
			how = StartNormal
		}
		p.start(it, how, &e)
		return e, true
	}
	return e, false
}

// Adopt makes a partition that was just restored go on where the one before it was interrupted by a failed append:
// what was running still runs, what was unacknowledged is sent again.
func (p *Partition) Adopt(old *Partition, now time.Time) Effects {
	p.now = now
	var e Effects
	for k, it := range p.work {
		o := old.work[k]
		if o == nil {
			continue
		}
		it.since, it.crashes, it.suspect = o.since, o.crashes, o.suspect
		if o.running && o.attempt == it.attempt {
			it.running, it.started, it.suspect = true, o.started, false
		}
	}
	for id, r := range p.receipts {
		o := old.receipts[id]
		r.running = o != nil && o.running && r.result == nil
	}
	for _, c := range p.out {
		if len(c.unsent) > 0 {
			c.stalled, c.again = true, now
		}
	}
	for _, s := range sortedKeys(p.queues, cmp.Compare[string]) {
		p.list(p.queues[s])
	}
	e.wakeAt(now)
	return e
}
