package delivery

import (
	"slices"
	"strconv"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// Three clocks (R7): the delivery of one message, the deadline of a turn, the life of a session. The first two are here;
// what is past them is not worked on and not sent.

// posting is a message that the next hop has not acknowledged.
type posting struct {
	event.Message
	since time.Time // when its OUT was written
}

// aged is the message as it is sent now: what is left of its turn's time gets less while it waits.
func (u *posting) aged(now time.Time) event.Message {
	m := u.Message
	if m.TTL > 0 {
		m.TTL = max(1, m.TTL-now.Sub(u.since).Milliseconds())
	}
	return m
}

// lasting reports whether a message is sent however long it takes: what ends a turn, and what fills a hole.
func lasting(typ string) bool {
	return IsReport(typ) || typ == event.TypeSkip || typ == event.TypeCancel
}

const (
	deadlineText = "the turn's deadline passed"
	noAnswerText = "no answer within the turn's deadline"
	staleText    = "stale: it was left over from an earlier run"
)

// expire gives up on the messages of a channel that nobody took in time. A message whose turn is over is just skipped: the
// acceptor has ended the turn, or does so now.
func (p *Partition) expire(k outKey, c *channel, e *Effects) {
	given := false
	for i := range c.unsent {
		u := &c.unsent[i]
		waited := p.now.Sub(u.since)
		switch {
		case lasting(u.Type):
		case u.TTL > 0 && waited >= time.Duration(u.TTL)*time.Millisecond:
			lost := u.Message
			c.skip(i, deadlineText)
			p.reportLost(lost, event.TypeReportFailed, deadlineText+" before "+k.dest+" took it", e)
			given = true
		case p.cfg.Limits.DeliveryTTL > 0 && waited >= p.cfg.Limits.DeliveryTTL:
			lost := u.Message
			reason := "expired: " + k.dest + " did not take the message within " + inWords(p.cfg.Limits.DeliveryTTL)
			c.skip(i, reason)
			p.deadLetter(lost, reason, e)
			given = true
		}
	}
	if given {
		e.record(c.checkpoint(k, p.now))
	}
}

func inWords(d time.Duration) string {
	if d%time.Second == 0 {
		return strconv.FormatInt(int64(d/time.Second), 10) + " s"
	}
	return d.String()
}

// reportLost tells the acceptor that a message will not get any further.
func (p *Partition) reportLost(m event.Message, typ, reason string, e *Effects) {
	if m.Origin == "" {
		return
	}
	r := event.Message{Header: event.Header{
		Session: m.Session, Turn: m.Turn, Branch: m.Branch, Origin: m.Origin, Trace: m.Trace, TraceParent: m.TraceParent,
	}}
	out := p.reportMessage(r, typ, []byte(p.cfg.Component+": "+reason))
	e.record(Record{Kind: Out, Head: event.Message{Header: event.Header{Type: OutLost, Turn: m.Turn, Session: m.Session}}, Msgs: out})
	p.dispatch(out, e)
}

// overdue ends, after a restore, what was over before: it kept a millisecond, see age.
func (p *Partition) overdue(e *Effects) {
	now := p.now
	p.now = now.Add(2 * time.Millisecond)
	for _, t := range p.ledger.expired(p.now) {
		p.end(t, event.StatusTimeout, noAnswerText, e)
	}
	for _, it := range p.sortedWork() {
		if p.expired(it) && !it.canceled && p.queues[it.msg.Session].items[0] == it {
			it.started = now
			p.finish(it, Outcome{Err: deadlineText}, e)
		}
	}
	for _, k := range sortedKeys(p.out, compareOut) {
		p.expire(k, p.out[k], e)
	}
	p.now = now
}

// stale reports whether something was left over from so long ago that nobody expects it any more.
func (p *Partition) stale(at time.Time) bool {
	return !p.cfg.StaleBefore.IsZero() && !at.IsZero() && at.Before(p.cfg.StaleBefore)
}

// park sets aside, at the start of an app, what was left over from long ago, instead of going on with it unasked.
func (p *Partition) park(e *Effects) {
	if p.cfg.StaleBefore.IsZero() {
		return
	}
	for _, k := range sortedKeys(p.out, compareOut) {
		p.parkChannel(k, p.out[k], e)
	}
	for _, it := range p.sortedWork() {
		if p.stale(it.at) {
			p.deadLetter(it.msg, staleText, e)
			p.forget(it, p.queues[it.msg.Session])
		}
	}
	for _, t := range p.openTurns() {
		if p.stale(t.at) { // it is with another hop, which sets aside what it has
			p.end(t, event.StatusDead, staleText, e)
		}
	}
}

func (p *Partition) parkChannel(k outKey, c *channel, e *Effects) {
	given := false
	for i := range c.unsent {
		if u := c.unsent[i]; !lasting(u.Type) && p.stale(u.since) {
			c.skip(i, staleText)
			p.deadLetter(u.Message, staleText, e)
			given = true
		}
	}
	if given {
		e.record(c.checkpoint(k, p.now))
	}
}

// renew gives what was left over the time of a new turn.
func (p *Partition) renew() {
	until := p.now.Add(p.cfg.Limits.TurnTimeout)
	for _, it := range p.work {
		it.deadline = until
	}
	for _, t := range p.ledger.turns {
		t.deadline = until
	}
	p.ledger.next = until
	for _, c := range p.out {
		for i := range c.unsent {
			u := &c.unsent[i]
			u.since = p.now
			if u.TTL > 0 {
				u.TTL = p.cfg.Limits.TurnTimeout.Milliseconds()
			}
		}
	}
}

// withoutSent drops the postings up to a number.
func withoutSent(all []posting, seq uint64) []posting {
	return slices.DeleteFunc(all, func(u posting) bool { return u.Seq <= seq })
}
