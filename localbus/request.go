package localbus

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// request is one call that waits for its reply. It implements bus.Request.
type request struct {
	s       *served
	stream  uint32
	msg     event.Message
	arrived time.Time
	over    atomic.Bool // answered, cancelled, or nobody is left to hear

	mu     sync.Mutex
	ctx    context.Context
	cancel context.CancelCauseFunc
	cause  error // of the end of ctx; nil: nothing more is known
	ring   ring  // pushes that wait for room, for credit, or for company
	spent  int   // of the caller's credit
	soon   *time.Timer
	hook   func()
}

// soonEnough is how long PushSoon waits for company.
const soonEnough = 5 * time.Millisecond

// Context implements bus.Request. It is made when somebody asks for it: most calls are answered on the spot.
func (r *request) Context() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx != nil {
		return r.ctx
	}
	r.ctx, r.cancel = context.WithCancelCause(r.s.peer.ctx)
	if r.msg.TTL > 0 {
		ctx, stop := context.WithDeadline(r.ctx, r.arrived.Add(time.Duration(r.msg.TTL)*time.Millisecond))
		cancel := r.cancel
		r.ctx, r.cancel = ctx, func(cause error) { cancel(cause); stop() }
	}
	if r.over.Load() {
		r.cancel(r.cause)
	}
	return r.ctx
}

// Message implements bus.Request.
func (r *request) Message() event.Message { return r.msg }

// From implements bus.Request.
func (r *request) From() string { return r.s.remote.Instance }

// Push implements bus.Request.
func (r *request) Push(m event.Message) {
	if r.over.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ring.join(m)
	r.pushLocked()
}

// PushSoon is Push for a piece that nobody waits for: it leaves in one write with the next piece or the answer, or after a
// few milliseconds. An answer that comes at once then wakes its caller once.
func (r *request) PushSoon(m event.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over.Load() {
		return
	}
	r.ring.join(m)
	if r.soon == nil {
		r.soon = time.AfterFunc(soonEnough, r.refill)
	}
}

func (r *request) refill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pushLocked()
}

// pushLocked writes pushes, together, while the connection has room.
func (r *request) pushLocked() {
	r.s.out.hold()
	defer r.s.out.release()
	for r.ring.len() > 0 && r.s.out.waiting() < pushBound && r.mayLocked() {
		m := r.ring.take()
		r.spent += cost(&m)
		if r.s.send(frameStream, r.stream, &m) != nil {
			return
		}
	}
}

// Reply implements bus.Request.
func (r *request) Reply(m event.Message) {
	if !r.answer() {
		return
	}
	r.s.out.hold()
	r.mu.Lock()
	for r.ring.len() > 0 {
		p := r.ring.take()
		_ = r.s.send(frameStream, r.stream, &p) // the reply below meets the same error
	}
	r.mu.Unlock()
	err := r.s.send(frameStreamEnd, r.stream, &m)
	r.s.out.release()
	if errors.Is(err, errLongFrame) {
		r.s.nack(r.stream, bus.Verdict{Code: bus.TooLarge, Reason: "the reply is larger than a frame may be"})
	}
	r.end(nil)
}

// Fail implements bus.Request.
func (r *request) Fail(code bus.Code, reason string) {
	r.Refuse(bus.Verdict{Code: code, Reason: reason})
}

// Refuse implements bus.Request.
func (r *request) Refuse(v bus.Verdict) {
	if !r.answer() {
		return
	}
	r.s.nack(r.stream, v)
	r.end(nil)
}

// answer claims the only answer and forgets the call.
func (r *request) answer() bool {
	if !r.over.CompareAndSwap(false, true) {
		return false
	}
	r.s.mu.Lock()
	delete(r.s.open, r.stream)
	r.s.mu.Unlock()
	return true
}

// end frees what the call holds, and lets its context end, for cause if there is one to tell.
func (r *request) end(cause error) {
	r.mu.Lock()
	r.cause = cause
	r.over.Store(true) // after the cause: who makes the context now finds both
	cancel, hook := r.cancel, r.hook
	r.hook = nil
	if r.soon != nil {
		r.soon.Stop()
	}
	r.mu.Unlock()
	if cancel != nil {
		cancel(cause)
	}
	if hook != nil {
		hook()
	}
}

// send writes a frame that carries a message.
func (c *conn) send(t frameType, stream uint32, m *event.Message) error {
	o := &c.out
	o.mu.Lock()
	if o.err != nil {
		defer o.mu.Unlock()
		return o.err
	}
	buf, ok := appendMessage(o.buf, t, 0, stream, m, c.remote.MaxFrame)
	o.buf = buf
	if !ok {
		o.mu.Unlock()
		return errLongFrame
	}
	o.flushLocked()
	return nil
}
