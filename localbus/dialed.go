package localbus

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// dialed is the sending end of a connection: it sends messages and takes the answers.
type dialed struct {
	*conn
	attend chan struct{} // wakes the background reader, which then has roleBackground
	room   chan struct{} // filled when everything that was left to the writing goroutine is written

	mu      sync.Mutex
	pending map[uint32]pending // by stream
	next    uint32
	calls   int // calls among pending
	reading
	spare *call // a finished call, for the next one
}

// pending is what waits on a stream: a call or a chain message.
type pending struct {
	call   *call
	settle func(bus.Verdict)
}

func newDialed(c *conn) *dialed {
	d := &dialed{conn: c, attend: make(chan struct{}, 1), room: make(chan struct{}, 1), pending: map[uint32]pending{}}
	d.role = roleBackground
	c.handle, c.batch, c.ended = d.frame, func() {}, d.lost
	c.out.empty = func() {
		select {
		case d.room <- struct{}{}:
		default:
		}
	}
	d.timer = time.AfterFunc(time.Hour, d.lulled)
	d.timer.Stop()
	d.attend <- struct{}{}
	return d
}

// awaitRoom waits until the peer has taken what waits for it; false when the connection is over.
func (d *dialed) awaitRoom() bool {
	for d.out.waiting() > sendBound {
		select {
		case <-d.room:
		case <-d.done:
			return false
		}
	}
	return true
}

// post sends a message on a new stream. With lead the caller may get the reading role, and then has to read. The
// frame is left in the buffer when flush is false.
func (d *dialed) post(m *event.Message, flags uint8, w pending, flush, lead bool) (stream uint32, leads bool, err error) {
	d.mu.Lock()
	stream = d.reserveLocked(w)
	o := &d.out
	o.mu.Lock() // under d.mu, so that streams are written in the order of their numbers
	if o.err == nil {
		var ok bool
		if o.buf, ok = appendMessage(o.buf, frameMsg, flags, stream, m, d.remote.MaxFrame); !ok {
			err = errLongFrame
		}
	} else {
		err = o.err
	}
	if err != nil {
		o.mu.Unlock()
		d.dropLocked(stream)
		d.mu.Unlock()
		return 0, false, err
	}
	if d.role == roleIdle && flags&flagEvent == 0 {
		switch {
		case lead && len(d.pending) == 1 && d.peer.takeKernel():
			leads = true
			d.role = roleCaller
			d.uses++
		case w.settle != nil:
			d.idleLocked() // its ACK can wait for the next read of this process
		default:
			d.attendLocked()
		}
	}
	d.mu.Unlock()
	if flush {
		o.flushLocked()
	} else {
		o.mu.Unlock()
	}
	return stream, leads, nil
}

// reserveLocked takes the next free stream number.
func (d *dialed) reserveLocked(w pending) uint32 {
	for {
		d.next++
		if _, used := d.pending[d.next]; !used && d.next != 0 {
			break
		}
	}
	if w.call != nil {
		d.calls++
	}
	if w.call != nil || w.settle != nil {
		d.pending[d.next] = w
	}
	return d.next
}

// dropLocked forgets what waits on a stream.
func (d *dialed) dropLocked(stream uint32) {
	if d.pending[stream].call != nil {
		d.calls--
	}
	delete(d.pending, stream)
}

// frame handles an answer. It runs in whoever reads.
func (d *dialed) frame(f frame) error {
	switch f.typ {
	case frameAck:
		d.settle(f.stream, bus.Verdict{})
	case frameNack:
		d.refused(f)
	case frameStream, frameStreamEnd:
		return d.reply(f)
	case framePong:
		d.finish(f.stream, event.Message{Body: slices.Clone(f.body)}, nil)
	case frameGoAway:
		d.peer.resolveAgain(d.remote.Component)
	case frameHello, frameMsg, frameCredit, frameCancel, framePing:
		// has no meaning in this direction
	default:
		if f.flags&flagMust != 0 {
			return errUnknownFrame
		}
	}
	return nil
}

func (d *dialed) take(stream uint32) pending {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.pending[stream]
	if w.settle != nil {
		delete(d.pending, stream)
	}
	return w
}

// settle ends a chain message.
func (d *dialed) settle(stream uint32, v bus.Verdict) {
	if w := d.take(stream); w.settle != nil {
		w.settle(v)
	}
}

func (d *dialed) refused(f frame) {
	var h nackHeader
	if err := json.Unmarshal(f.header, &h); err != nil || h.Code == bus.OK {
		h = nackHeader{Code: bus.Refused, Reason: "a refusal that cannot be read"}
	}
	if w := d.take(f.stream); w.settle != nil {
		if h.Code == bus.NotOwner {
			d.peer.resolveAgain(d.remote.Component)
		}
		w.settle(bus.Verdict(h))
		return
	}
	if h.Code == bus.NotOwner || h.Code == bus.Draining {
		d.peer.resolveAgain(d.remote.Component)
	}
	d.finish(f.stream, event.Message{}, &bus.Error{Code: h.Code, Reason: h.Reason, RetryAfterMS: h.RetryAfterMS, Instance: h.Instance})
}

func (d *dialed) reply(f frame) error {
	m, err := f.message()
	if err != nil {
		return err
	}
	if f.typ == frameStreamEnd {
		d.finish(f.stream, m, nil)
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.pending[f.stream].call; c != nil {
		c.ring.put(m)
		c.notify()
	}
	return nil
}

// finish ends a call.
func (d *dialed) finish(stream uint32, m event.Message, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.pending[stream].call
	if c == nil {
		return
	}
	d.dropLocked(stream)
	c.over, c.reply, c.err = true, m, err
	c.notify()
}

// lost fails everything that waits, chain messages in the order in which they were sent.
func (d *dialed) lost(err error) {
	d.peer.forgetDialed(d) // first: who hears that a call has failed calls again, on a new connection
	d.mu.Lock()
	all := d.pending
	d.pending, d.calls = map[uint32]pending{}, 0
	var streams []uint32
	echo := false
	for stream, w := range all {
		if w.call == nil {
			streams = append(streams, stream)
			continue
		}
		w.call.over, w.call.err = true, died(d.remote.Instance, err, echo)
		w.call.notify()
		echo = true
	}
	next := d.next
	d.mu.Unlock()
	slices.SortFunc(streams, func(a, b uint32) int { return int(int64(next-b) - int64(next-a)) })
	v := bus.Verdict{Code: bus.Busy, Reason: "connection lost"}
	for _, stream := range streams {
		all[stream].settle(v)
	}
}

// load is the number of unanswered messages, to find the least loaded instance.
func (d *dialed) load() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.pending)
}
