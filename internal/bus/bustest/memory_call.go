package bustest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// call is a request and its answer. It implements bus.Request.
type call struct {
	link *link
	note chan struct{}
	msg  event.Message
	ctx  context.Context

	mu     sync.Mutex
	cancel context.CancelCauseFunc
	over   bool
	reply  event.Message
	err    error
	pushes []event.Message
}

// Call implements bus.Bus.
func (s *seat) Call(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error) {
	if len(m.Body) > memoryLarge {
		return event.Message{}, &bus.Error{Code: bus.TooLarge, To: to, Reason: "the message is too large"}
	}
	if deadline, ok := ctx.Deadline(); ok && m.TTL == 0 {
		m.TTL = max(1, time.Until(deadline).Milliseconds())
	}
	c := &call{link: s.linkTo(to), note: make(chan struct{}, 1)}
	c.link.put(&parcel{msg: s.complete(m, to), call: c})
	for {
		pushes, over := c.take()
		for _, p := range pushes {
			if onPush != nil {
				onPush(p)
			}
		}
		if over {
			return c.reply, c.err
		}
		if len(pushes) > 0 {
			continue // the end may have come together with them
		}
		select {
		case <-c.note:
		case <-ctx.Done():
			c.finish(event.Message{}, context.Cause(ctx))
			return event.Message{}, ended(ctx, to)
		case <-s.ctx.Done(): // we are dead ourselves
			return event.Message{}, &bus.Error{Code: bus.PeerDied, To: to, Reason: "this seat is no longer taken"}
		}
	}
}

// ended is why a call ended before its answer.
func ended(ctx context.Context, to string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &bus.Error{Code: bus.Deadline, To: to, Reason: "no answer before the deadline"}
	}
	return context.Cause(ctx)
}

// take returns the pushes that have come, and whether there will be no more.
func (c *call) take() ([]event.Message, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	pushes := c.pushes
	c.pushes = nil
	return pushes, c.over && len(pushes) == 0
}

// begin makes the callee's side of the call; nil when nobody waits for it any more.
func (c *call) begin(m event.Message, to *seat) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return nil
	}
	c.msg = m
	c.ctx, c.cancel = context.WithCancelCause(to.ctx)
	if m.TTL > 0 {
		ctx, stop := context.WithTimeout(c.ctx, time.Duration(m.TTL)*time.Millisecond)
		cancel := c.cancel
		c.ctx, c.cancel = ctx, func(cause error) { cancel(cause); stop() }
	}
	return c
}

// finish ends the call; only the first time counts.
func (c *call) finish(m event.Message, err error) {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return
	}
	c.over, c.reply, c.err = true, m, err
	cancel := c.cancel
	c.mu.Unlock()
	if cancel != nil {
		if !errors.Is(err, bus.ErrCanceled) {
			err = nil // the caller may come again
		}
		cancel(err)
	}
	c.link.forget(c)
	c.notify()
}

func (c *call) notify() {
	select {
	case c.note <- struct{}{}:
	default:
	}
}

// Context implements bus.Request.
func (c *call) Context() context.Context { return c.ctx }

// Message implements bus.Request.
func (c *call) Message() event.Message { return c.msg }

// From implements bus.Request.
func (c *call) From() string { return c.link.from.instance }

// Push implements bus.Request.
func (c *call) Push(m event.Message) {
	c.mu.Lock()
	if !c.over && len(c.pushes) < memoryBound {
		c.pushes = append(c.pushes, m)
	}
	c.mu.Unlock()
	c.notify()
}

// Reply implements bus.Request.
func (c *call) Reply(m event.Message) {
	if len(m.Body) > memoryLarge {
		c.Fail(bus.TooLarge, "the reply is too large")
		return
	}
	c.finish(m, nil)
}

// Fail implements bus.Request.
func (c *call) Fail(code bus.Code, reason string) { c.Refuse(bus.Verdict{Code: code, Reason: reason}) }

// Refuse implements bus.Request.
func (c *call) Refuse(v bus.Verdict) {
	c.finish(event.Message{}, &bus.Error{Code: v.Code, To: c.link.to, Reason: v.Reason, RetryAfterMS: v.RetryAfterMS, Instance: v.Instance})
}
