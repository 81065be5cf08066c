package localbus

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// Who reads a dialed connection. A caller that waits for its answer reads it itself, in the kernel, when nobody else
// waits: that spares two switches between goroutines. Otherwise the background goroutine reads, and it comes back
// when no caller has read for a lull, so that the death of the peer is seen.
type role int

const (
	roleIdle role = iota
	roleBackground
	roleCaller
)

// lull is how long a connection may be without a reader.
const lull = 4 * time.Millisecond

// dialed is the sending end of a connection: it sends messages and takes the answers.
type dialed struct {
	*conn
	attend chan struct{} // wakes the background reader, which then has roleBackground
	room   chan struct{} // filled when everything that was left to the writing goroutine is written

	mu        sync.Mutex
	pending   map[uint32]pending // by stream
	next      uint32
	role      role
	calls     int  // calls among them
	uses      uint // calls that read themselves
	seenUses  uint
	timer     *time.Timer
	armed     bool
	isLazy    bool // in the peer's list of those whose ACKs are collected in passing
	seenReads uint64
	spare     *call // a finished call, for the next one
}

// pending is what waits on a stream: a call or a chain message.
type pending struct {
	call   *call
	settle func(bus.Verdict)
}

// call is a request on its way. Its fields are guarded by the connection's mu.
type call struct {
	note  chan struct{}
	over  bool
	reply event.Message
	err   error
	ring  ring
}

func (c *call) notify() {
	select {
	case c.note <- struct{}{}:
	default:
	}
}

func newDialed(c *conn) *dialed {
	d := &dialed{conn: c, attend: make(chan struct{}, 1), pending: map[uint32]pending{}, role: roleBackground}
	d.room = make(chan struct{}, 1)
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

// run is the background reader.
func (d *dialed) run() {
	defer d.timer.Stop()
	for {
		select {
		case <-d.attend:
		case <-d.done:
			return
		}
		for standDown := false; !standDown; standDown = d.standDown() {
			if _, err := d.read(patient); err != nil {
				return
			}
		}
	}
}

// standDown leaves the reading to others when no call waits: to the next caller, or, for the ACKs of chain messages, to
// the readers of this process that are busy anyway.
func (d *dialed) standDown() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	reads := d.peer.lazy.reads.Load()
	busy := reads != d.seenReads
	d.seenReads = reads
	if !d.peer.kernelReads || d.calls > 0 || len(d.pending) > 0 && !busy {
		return false
	}
	d.idleLocked()
	return true
}

// idleLocked leaves the connection without a reader, for a lull at most.
func (d *dialed) idleLocked() {
	d.role = roleIdle
	if len(d.pending) > 0 && !d.isLazy {
		d.isLazy = true
		d.peer.lazy.add(d)
	}
	if !d.armed {
		d.armed = true
		d.timer.Reset(lull)
	}
}

// lulled gives the connection a reader again when nobody came.
func (d *dialed) lulled() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.role == roleBackground {
		d.armed = false
		return
	}
	if d.role == roleIdle && d.uses == d.seenUses {
		d.armed = false
		d.attendLocked()
		return
	}
	d.seenUses = d.uses
	d.timer.Reset(lull)
}

// collect takes the ACKs that have come, in passing. It says whether to come again.
func (d *dialed) collect() bool {
	d.mu.Lock()
	if d.role != roleIdle || len(d.pending) == 0 || d.isClosed() {
		d.isLazy = false
		d.mu.Unlock()
		return false
	}
	d.role = roleCaller
	d.mu.Unlock()
	got, _ := d.read(impatient) // an error has closed the connection
	d.mu.Lock()
	defer d.mu.Unlock()
	if got {
		d.uses++
	}
	if d.calls > 0 {
		d.isLazy = false
		d.attendLocked()
		return false
	}
	d.role = roleIdle
	d.isLazy = len(d.pending) > 0
	return d.isLazy
}

func (d *dialed) attendLocked() {
	d.role = roleBackground
	select {
	case d.attend <- struct{}{}:
	default:
	}
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

// request makes one call and waits for its end.
func (d *dialed) request(ctx context.Context, to string, m *event.Message, onPush func(event.Message)) (event.Message, error) {
	if deadline, ok := ctx.Deadline(); ok && m.TTL == 0 {
		m.TTL = max(1, time.Until(deadline).Milliseconds())
	}
	c := d.newCall()
	stream, leads, err := d.post(m, flagCall, pending{call: c}, true, true)
	if errors.Is(err, errLongFrame) {
		return event.Message{}, &bus.Error{Code: bus.TooLarge, To: to, Reason: "the message is larger than a frame may be"}
	}
	if err != nil {
		return event.Message{}, peerDied(to, err)
	}
	if leads {
		d.lead(ctx, c)
	}
	return d.wait(ctx, to, stream, c, onPush)
}

func (d *dialed) newCall() *call {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.spare; c != nil {
		d.spare = nil
		return c
	}
	return &call{note: make(chan struct{}, 1)}
}

// resultLocked takes the end of a call, after which nobody else knows the call.
func (d *dialed) resultLocked(c *call, to string) (event.Message, error) {
	m, err := c.reply, c.err
	select {
	case <-c.note:
	default:
	}
	*c = call{note: c.note}
	d.spare = c
	if err != nil {
		return event.Message{}, named(err, to)
	}
	return m, nil
}

// lead reads until the call is over, something was pushed, or nothing comes for a moment.
func (d *dialed) lead(ctx context.Context, c *call) {
	for {
		got, err := d.read(soon)
		d.mu.Lock()
		if err == nil && got && !c.over && c.ring.len() == 0 && ctx.Err() == nil {
			d.mu.Unlock()
			continue
		}
		if d.calls > 0 {
			d.attendLocked()
		} else {
			d.idleLocked()
		}
		d.mu.Unlock()
		d.peer.giveKernel()
		return
	}
}

// wait delivers pushes, in the caller's goroutine, until the call is over.
func (d *dialed) wait(ctx context.Context, to string, stream uint32, c *call, onPush func(event.Message)) (event.Message, error) {
	for {
		d.mu.Lock()
		for c.ring.len() > 0 {
			m := c.ring.take()
			d.mu.Unlock()
			if onPush != nil {
				onPush(m)
			}
			d.mu.Lock()
		}
		if c.over {
			defer d.mu.Unlock()
			return d.resultLocked(c, to)
		}
		d.mu.Unlock()
		select {
		case <-c.note:
		case <-ctx.Done():
			return event.Message{}, d.abandon(ctx, to, stream)
		}
	}
}

// abandon tells the peer that nobody waits any more.
func (d *dialed) abandon(ctx context.Context, to string, stream uint32) error {
	d.mu.Lock()
	d.dropLocked(stream)
	d.mu.Unlock()
	_ = d.out.bare(frameCancel, stream, nil, nil) // the peer may be gone, which is as good
	return ctxError(ctx, to)
}

// ctxError is why a call ended before its answer.
func ctxError(ctx context.Context, to string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &bus.Error{Code: bus.Deadline, To: to, Reason: "no answer before the deadline"}
	}
	return context.Cause(ctx)
}

// named puts the destination into an error that came from the connection.
func named(err error, to string) error {
	var be *bus.Error
	if errors.As(err, &be) {
		be.To = to
	}
	return err
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
	d.finish(f.stream, event.Message{}, &bus.Error{Code: h.Code, Reason: h.Reason})
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
	d.mu.Lock()
	all := d.pending
	d.pending, d.calls = map[uint32]pending{}, 0
	var streams []uint32
	for stream, w := range all {
		if w.call == nil {
			streams = append(streams, stream)
			continue
		}
		w.call.over, w.call.err = true, peerDied("", err)
		w.call.notify()
	}
	next := d.next
	d.mu.Unlock()
	d.peer.forgetDialed(d)
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
