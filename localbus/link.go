package localbus

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// castBound bounds the at-most-once messages that wait for one component.
const castBound = 1024

// link carries chain messages to one component, in the order of Send. It implements bus.Link.
//
// A message goes out in Send itself when the connection is open and nothing waits before it. Otherwise it joins the
// queue, and one goroutine, which lives as long as the queue, finds the component and sends what waits.
type link struct {
	p  *Peer
	to string

	mu      sync.Mutex
	queue   []parcel
	casts   int // parcels of the queue without settle
	pumping bool
}

// parcel is a message on its way. A cast has no settle.
type parcel struct {
	msg    event.Message
	settle func(bus.Verdict)
}

// Link implements bus.Bus.
func (p *Peer) Link(to string) bus.Link { return p.linkTo(to) }

func (p *Peer) linkTo(to string) *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.links[to]
	if l == nil {
		l = &link{p: p, to: to}
		p.links[to] = l
	}
	return l
}

// Cast implements bus.Bus.
func (p *Peer) Cast(to string, m event.Message) {
	p.complete(&m, to)
	p.linkTo(to).send(parcel{msg: m})
}

// Send implements bus.Link.
func (l *link) Send(m event.Message, done func(bus.Verdict)) {
	l.p.complete(&m, l.to)
	l.send(parcel{m, done})
}

func (l *link) send(w parcel) {
	l.mu.Lock()
	if !l.pumping {
		if d := l.p.routeNow(l.to, w.msg.Session); d != nil && l.postLocked(d, &w) {
			l.mu.Unlock()
			l.p.cork.flush(d)
			return
		}
	}
	if w.settle == nil && l.casts >= castBound {
		l.mu.Unlock()
		return
	}
	if w.settle == nil {
		l.casts++
	}
	l.queue = append(l.queue, w)
	start := !l.pumping
	l.pumping = true
	l.mu.Unlock()
	if start && !l.p.spawn(l.pump) {
		go l.fail("this process is leaving the bus") // not here: the sender may hold a lock that done takes
	}
}

// postLocked puts a message into the connection's buffer; false when it has to wait in the queue.
func (l *link) postLocked(d *dialed, w *parcel) bool {
	if d.out.waiting() > sendBound {
		return w.settle == nil // a cast is dropped, a chain message waits
	}
	flags := uint8(0)
	if w.settle == nil {
		flags = flagEvent
	}
	_, _, err := d.post(&w.msg, flags, pending{settle: w.settle}, false, false)
	if errors.Is(err, errLongFrame) {
		l.tooLarge(w)
		return true
	}
	return err == nil
}

// tooLarge refuses a message that does not fit into a frame. It answers from another goroutine, as the contract says:
// the sender may hold a lock that its done function takes.
func (l *link) tooLarge(w *parcel) {
	settle := w.settle
	if settle == nil {
		return
	}
	v := bus.Verdict{Code: bus.TooLarge, Reason: "the message is larger than a frame may be"}
	l.p.later(func() { settle(v) })
}

// pump sends what waits and ends when nothing does.
func (l *link) pump() {
	for {
		l.mu.Lock()
		if len(l.queue) == 0 {
			l.queue, l.pumping = nil, false
			l.mu.Unlock()
			return
		}
		session := l.queue[0].msg.Session
		l.mu.Unlock()
		d, err := l.p.route(l.p.ctx, l.to, session)
		if err != nil {
			l.fail(err.Error())
			return
		}
		l.push(d)
	}
}

// push sends the front of the queue on d, and what follows it as long as that goes the same way. When the peer takes
// no more, it waits for room.
func (l *link) push(d *dialed) {
	for {
		l.mu.Lock()
		n := 0
		for n < len(l.queue) && l.goes(d, &l.queue[n]) && l.postLocked(d, &l.queue[n]) {
			if l.queue[n].settle == nil {
				l.casts--
			}
			l.queue[n] = parcel{}
			n++
		}
		l.queue = l.queue[n:]
		left := len(l.queue)
		l.mu.Unlock()
		d.out.flush()
		if left == 0 || d.out.waiting() <= sendBound || !d.awaitRoom() {
			return
		}
	}
}

// goes says whether a message belongs to the instance at the other end of d.
func (l *link) goes(d *dialed, w *parcel) bool {
	recs, _ := l.p.candidates(l.to)
	return recs.none() || recs.one() || l.p.pick(recs, w.msg.Session).Instance == d.remote.Instance
}

// fail gives everything that waits back to the sender, which has it in its journal.
func (l *link) fail(reason string) {
	l.mu.Lock()
	queue := l.queue
	l.queue, l.casts, l.pumping = nil, 0, false
	l.mu.Unlock()
	for _, w := range queue {
		if w.settle != nil {
			w.settle(bus.Verdict{Code: bus.Busy, Reason: reason})
		}
	}
}

// cork collects what is sent while a batch is being handled, so that each connection gets it in one write.
type cork struct {
	held  atomic.Int32
	mu    sync.Mutex
	dirty []*dialed
}

// Together runs send, and what it sends leaves in one write per connection.
func (p *Peer) Together(send func()) {
	p.cork.hold()
	defer p.cork.release()
	send()
}

func (c *cork) hold() { c.held.Add(1) }

func (c *cork) release() {
	c.held.Add(-1)
	c.mu.Lock()
	dirty := c.dirty
	c.dirty = nil
	c.mu.Unlock()
	for _, d := range dirty {
		d.out.flush()
	}
}

// flush writes what waits on d, now or when the batch has been handled.
func (c *cork) flush(d *dialed) {
	if c.held.Load() > 0 {
		c.mu.Lock()
		if c.held.Load() > 0 {
			c.dirty = append(c.dirty, d)
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
	}
	d.out.flush()
}
