package delivery

import (
	"slices"
	"strconv"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// inKey names a receiving channel; the destination is this component.
type inKey struct{ source, session string }

// mark is what a receiver knows of a channel: its base and the highest number it has, and the same of its earlier lives.
type mark struct {
	life
	earlier []life // newest last, at most maxLives
}

// life is one base of a channel and how far it got.
type life struct {
	base string
	hwm  uint64
}

// maxLives bounds how many earlier lives a receiver remembers. A sender begins a new life only when the receiver lost its
// journal, or seemed to: one is usual, eight is a storm.
const maxLives = 8

// check says whether a message is the next one of its channel. A nil mark knows no base.
func (k *mark) check(m *event.Message) (v bus.Verdict, fresh bool) {
	switch {
	case m.Seq == 0 || m.Base == "":
		return bus.Verdict{Code: bus.Refused, Reason: "a chain message needs wwbase and wwseq"}, false
	case k != nil && k.past(m.Base) != nil:
		return v, false // a straggler of an earlier life: what it says came again in this one
	case k == nil || k.base != m.Base:
		if m.Seq == 1 {
			return v, true
		}
		return bus.Verdict{Code: bus.Rebase}, false
	case m.Seq <= k.hwm:
		return v, false // it is in the journal: acknowledge again, nothing else
	case m.Seq > k.hwm+1:
		return bus.Verdict{Code: bus.Expect, Seq: k.hwm + 1}, false
	}
	return v, true
}

func (k *mark) past(base string) *life {
	for i := range k.earlier {
		if k.earlier[i].base == base {
			return &k.earlier[i]
		}
	}
	return nil
}

func (p *Partition) advance(m *event.Message) {
	k := inKey{m.Source, m.Session}
	mk := p.in[k]
	switch {
	case mk == nil:
		mk = &mark{}
		p.in[k] = mk
	case mk.base != m.Base:
		mk.earlier = append(mk.earlier, mk.life)
		if len(mk.earlier) > maxLives {
			mk.earlier = slices.Delete(mk.earlier, 0, 1)
		}
	}
	mk.life = life{m.Base, m.Seq}
}

// outKey names a sending channel; the source is this component.
type outKey struct{ dest, session string }

// channel is what a sender knows of a channel: the last number it gave, and what is not yet acknowledged.
type channel struct {
	base    string
	last    uint64
	unsent  []posting // in order of seq
	stalled bool      // something was not taken: wait for the resend instead of sending past it
	again   time.Time // when to send again
	acks    int       // how many acknowledgements came: tells a verdict that is older than the last one
}

// address gives a message the next number of its channel.
func (p *Partition) address(m *event.Message, dest string) {
	k := outKey{dest, m.Session}
	c := p.out[k]
	if c == nil {
		c = &channel{base: p.cfg.NewBase()}
		p.out[k] = c
	}
	c.last++
	m.Source, m.Subject, m.Base, m.Seq = p.cfg.Component, dest, c.base, c.last
	if m.ID == "" { // it keeps its id when the channel begins a new life
		m.ID = c.base + "." + strconv.FormatUint(c.last, 10)
	}
}

// post queues an addressed message; what is stalled waits for the resend.
func (p *Partition) post(m event.Message, e *Effects) {
	c := p.out[outKey{m.Subject, m.Session}]
	c.unsent = append(c.unsent, posting{m, p.now})
	if !c.stalled {
		e.Sends = append(e.Sends, Parcel{m, c.acks})
	}
}

// Settled takes the receiver's verdict on a message that was sent.
func (p *Partition) Settled(sent Parcel, v bus.Verdict, now time.Time) Effects {
	p.now = now
	m := sent.Message
	e := p.effects()
	c := p.out[outKey{m.Subject, m.Session}]
	if c == nil || c.base != m.Base {
		return e // a verdict from before a rebase
	}
	switch v.Code {
	case bus.OK:
		p.acknowledged(c, m.Seq)
	case bus.Expect:
		p.expect(c, v.Seq, sent.acks, &e)
	case bus.Rebase:
		p.rebase(outKey{m.Subject, m.Session}, c, sent.acks, &e)
	case bus.TooLarge, bus.UnknownType, bus.Refused:
		p.giveUp(c, m, v, &e)
	default: // busy, draining, not owner, connection lost: it is in our journal, send it again
		c.stalled = true
		c.again = p.now.Add(max(p.cfg.Limits.ResendAfter, time.Duration(v.RetryAfterMS)*time.Millisecond))
	}
	e.wakeAt(c.wake())
	return e
}

func (c *channel) wake() time.Time {
	if c.stalled {
		return c.again
	}
	return time.Time{}
}

// acknowledged forgets a message. An ACK covers everything before it: the receiver takes nothing across a gap.
func (p *Partition) acknowledged(c *channel, seq uint64) {
	n := 0
	for n < len(c.unsent) && c.unsent[n].Seq <= seq {
		n++
	}
	if n == 0 {
		return
	}
	last := c.unsent[n-1].Header
	c.unsent = slices.Delete(c.unsent, 0, n)
	c.acks++
	p.sent = append(p.sent, Record{Kind: Sent, Head: event.Message{Header: event.Header{
		Subject: last.Subject, Session: last.Session, Base: last.Base, Seq: last.Seq,
	}}})
}

// expect sends again from the number the receiver wants. One that is older than everything we still have means that the
// receiver lost its journal: only a new base helps.
func (p *Partition) expect(c *channel, want uint64, acks int, e *Effects) {
	if len(c.unsent) == 0 {
		return
	}
	if first := c.unsent[0]; want < first.Seq {
		p.rebase(outKey{first.Subject, first.Session}, c, acks, e)
		return
	}
	c.stalled, c.again = true, p.now
}

// rebase begins a new life of the channel with what is not yet acknowledged: the receiver lost its journal. It did not
// when number 1 is still unacknowledged (it takes 1 when it comes), nor when the verdict is on a message that was sent
// before the last acknowledgement came (it may be as old). A new life would then deliver what is on its way twice, so
// the message is just sent again.
func (p *Partition) rebase(k outKey, c *channel, acks int, e *Effects) {
	if len(c.unsent) > 0 && c.unsent[0].Seq == 1 || acks < c.acks {
		c.stalled, c.again = true, p.now
		return
	}
	c.base, c.last = p.cfg.NewBase(), 0
	for i := range c.unsent {
		p.address(&c.unsent[i].Message, k.dest)
	}
	e.record(c.checkpoint(k, p.now))
	c.stalled, c.again = true, p.now
}

// giveUp replaces a message that will never be taken by a SKIP with its number, and fails its turn.
func (p *Partition) giveUp(c *channel, m event.Message, v bus.Verdict, e *Effects) {
	i := slices.IndexFunc(c.unsent, func(u posting) bool { return u.Seq == m.Seq })
	if i < 0 || c.unsent[i].Type == event.TypeSkip {
		return
	}
	lost := c.unsent[i].Message
	reason := lost.Subject + " refused the message: " + string(v.Code)
	if v.Reason != "" {
		reason = lost.Subject + " refused the message: " + v.Reason
	}
	c.skip(i, reason)
	p.deadLetter(lost, reason, e)
	e.record(c.checkpoint(outKey{m.Subject, m.Session}, p.now))
	c.stalled, c.again = true, p.now
}

// skip makes the i-th message one that carries nothing.
func (c *channel) skip(i int, reason string) {
	m := &c.unsent[i].Message
	m.Type, m.Body, m.TTL = event.TypeSkip, []byte(reason), 0
}

// resend sends everything of the channels whose time has come, in order.
func (p *Partition) resend(e *Effects) {
	var due []outKey
	for k, c := range p.out {
		switch {
		case !c.stalled:
		case c.again.After(p.now):
			e.wakeAt(c.again)
		default:
			due = append(due, k)
		}
	}
	slices.SortFunc(due, compareOut) // not as the map has them: the same messages in give the same messages out
	for _, k := range due {
		c := p.out[k]
		p.expire(k, c, e)
		c.stalled = false
		e.Sends = append(e.Sends, c.parcels(p.now)...)
	}
}

func (c *channel) parcels(now time.Time) []Parcel {
	out := make([]Parcel, len(c.unsent))
	for i := range c.unsent {
		out[i] = Parcel{c.unsent[i].aged(now), c.acks}
	}
	return out
}

// checkpoint is the channel as a record. Each message says in Took for how long it has been waiting.
func (c *channel) checkpoint(k outKey, now time.Time) Record {
	r := Record{
		Kind: Ckpt,
		Head: event.Message{Header: event.Header{Type: ckptOut, Subject: k.dest, Session: k.session, Base: c.base, Seq: c.last}},
	}
	for i := range c.unsent {
		m := c.unsent[i].aged(now)
		m.Took = now.Sub(c.unsent[i].since).Microseconds()
		r.Msgs = append(r.Msgs, m)
	}
	return r
}
