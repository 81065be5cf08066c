package bustest

import (
	"sync"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// link is a queue to one component, with a goroutine as long as something is in it. It implements bus.Link.
type link struct {
	from *seat
	to   string

	mu      sync.Mutex
	life    int       // a connection; the goroutine of an earlier one has no say any more
	queue   []*parcel // sent and not yet taken
	inHand  []*parcel // with the receiver, and without a verdict
	casts   int       // in queue
	pumping bool
	calls   map[*call]struct{} // with the receiver, and without an answer
}

// parcel is a message on its way: a chain message, a call or a cast.
type parcel struct {
	msg  event.Message
	done func(bus.Verdict)
	call *call
	cast bool
}

// Send implements bus.Link.
func (l *link) Send(m event.Message, done func(bus.Verdict)) {
	p := &parcel{msg: l.from.complete(m, l.to), done: done}
	if len(m.Body) > memoryLarge {
		l.from.net.spawn(func() { done(bus.Verdict{Code: bus.TooLarge, Reason: "the message is too large"}) })
		return
	}
	l.put(p)
}

func (l *link) put(p *parcel) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.cast {
		if l.casts == memoryBound {
			return
		}
		l.casts++
	}
	l.queue = append(l.queue, p)
	if !l.pumping {
		l.pumping = true
		life := l.life
		l.from.net.spawn(func() { l.pump(life) })
	}
}

// pump delivers until the queue is empty or the connection is over.
func (l *link) pump(life int) {
	for l.lives(life) {
		to := l.from.net.find(l.from.ctx, l.to)
		if to == nil || l.from.ctx.Err() != nil {
			l.giveUp(life)
			return
		}
		if !to.awaitRunning() {
			continue // it has died; perhaps another one has come
		}
		batch := l.next(life)
		switch {
		case len(batch) == 0:
			return
		case batch[0].cast:
			to.receiver.Event(batch[0].msg)
		case batch[0].call != nil:
			l.deliver(batch[0], to)
		default:
			l.accept(life, batch, to)
		}
	}
}

func (l *link) lives(life int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.life == life
}

// next takes what goes to the receiver in one piece: all chain messages in front, or one of the others.
func (l *link) next(life int) []*parcel {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.life != life {
		return nil
	}
	n := 0
	for n < len(l.queue) && l.queue[n].done != nil {
		n++
	}
	if n == 0 && len(l.queue) > 0 {
		n = 1
	}
	batch := l.queue[:n:n]
	l.queue = l.queue[n:]
	switch {
	case n == 0:
		l.pumping = false
	case batch[0].cast:
		l.casts--
	case batch[0].call != nil:
		l.calls[batch[0].call] = struct{}{}
	default:
		l.inHand = batch
	}
	return batch
}

func (l *link) accept(life int, batch []*parcel, to *seat) {
	msgs := make([]event.Message, len(batch))
	for i, p := range batch {
		msgs[i] = p.msg
	}
	verdicts := to.receiver.Accept(msgs)
	l.mu.Lock()
	over := l.life != life
	if !over {
		l.inHand = nil
	}
	l.mu.Unlock()
	for i, p := range batch {
		if !over {
			p.done(verdicts[i])
		}
	}
}

// deliver hands a call over, unless its caller has given up.
func (l *link) deliver(p *parcel, to *seat) {
	if r := p.call.begin(p.msg, to); r != nil {
		to.receiver.Call(r)
	} else {
		l.forget(p.call)
	}
}

func (l *link) forget(c *call) {
	l.mu.Lock()
	delete(l.calls, c)
	l.mu.Unlock()
}

// giveUp refuses what waits for a component that does not come.
func (l *link) giveUp(life int) {
	l.mu.Lock()
	if l.life != life {
		l.mu.Unlock()
		return
	}
	queue := l.queue
	l.queue, l.casts, l.pumping = nil, 0, false
	l.mu.Unlock()
	l.refuse(queue, bus.NoTarget, "no such component")
}

// lost breaks the connection: whatever is on its way is given back at once, in order.
func (l *link) lost() {
	l.mu.Lock()
	all := append(l.inHand, l.queue...)
	for c := range l.calls {
		all = append(all, &parcel{call: c})
	}
	l.life++
	l.inHand, l.queue, l.casts, l.pumping = nil, nil, 0, false
	l.mu.Unlock()
	l.from.net.spawn(func() { l.refuse(all, bus.PeerDied, "connection lost") })
}

// refuse settles parcels: calls with code, chain messages as busy.
func (l *link) refuse(all []*parcel, code bus.Code, reason string) {
	for _, p := range all {
		switch {
		case p.call != nil:
			p.call.finish(event.Message{}, &bus.Error{Code: code, To: l.to, Reason: reason})
		case p.done != nil:
			p.done(bus.Verdict{Code: bus.Busy, Reason: reason})
		}
	}
}
