package localbus

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// call is a request on its way. Its fields are guarded by the connection's mu.
type call struct {
	note  chan struct{}
	over  bool
	reply event.Message
	err   error
	ring  ring
	owed  int // delivered, and no credit given for it yet; of the goroutine that waits
}

func (c *call) notify() {
	select {
	case c.note <- struct{}{}:
	default:
	}
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
		e := peerDied(to, err)
		e.Instance = d.remote.Instance
		return event.Message{}, e
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
		pushed := c.ring.len() > 0
		if err == nil && got && !c.over && !pushed && ctx.Err() == nil {
			d.mu.Unlock()
			continue
		}
		if d.calls > 0 && !pushed {
			d.attendLocked()
		} else {
			d.idleLocked() // the caller comes back when it has delivered what was pushed
		}
		d.mu.Unlock()
		d.peer.giveKernel()
		return
	}
}

// leadAgain takes up the reading where lead left it to deliver what was pushed.
func (d *dialed) leadAgain(ctx context.Context, c *call) bool {
	d.mu.Lock()
	leads := d.role == roleIdle && !c.over && d.peer.takeKernel()
	if leads {
		d.role = roleCaller
		d.uses++
	}
	d.mu.Unlock()
	if leads {
		d.lead(ctx, c)
	}
	return leads
}

// wait delivers pushes, in the caller's goroutine, until the call is over.
func (d *dialed) wait(ctx context.Context, to string, stream uint32, c *call, onPush func(event.Message)) (event.Message, error) {
	for {
		delivered := d.deliver(c, stream, onPush)
		d.mu.Lock()
		if c.over && c.ring.len() == 0 {
			defer d.mu.Unlock()
			return d.resultLocked(c, to)
		}
		d.mu.Unlock()
		if delivered && d.leadAgain(ctx, c) {
			continue
		}
		select {
		case <-c.note:
		case <-ctx.Done():
			return event.Message{}, d.abandon(ctx, to, stream)
		}
	}
}

// deliver hands over what was pushed, without the lock: the callback may take its time, and may call.
func (d *dialed) deliver(c *call, stream uint32, onPush func(event.Message)) (some bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for c.ring.len() > 0 {
		some = true
		m := c.ring.take()
		d.mu.Unlock()
		if onPush != nil {
			onPush(m)
		}
		d.consumed(c, stream, cost(&m))
		d.mu.Lock()
	}
	return some
}

// abandon tells the peer that nobody waits any more.
func (d *dialed) abandon(ctx context.Context, to string, stream uint32) error {
	d.mu.Lock()
	d.dropLocked(stream)
	d.mu.Unlock()
	_ = d.out.bare(frameCancel, stream, cancelWords(context.Cause(ctx)), nil) // the peer may be gone, which is as good
	return ctxError(ctx, to)
}

// cancelHeader is the header of a CANCEL. It may be left away: then the caller may ask again.
type cancelHeader struct {
	Reason string `json:"reason"`
}

func cancelWords(cause error) []byte {
	if errors.Is(cause, bus.ErrCanceled) {
		return []byte(`{"reason":"canceled"}`)
	}
	return nil
}

// cancelCause is the cause that a CANCEL tells; nil: none.
func cancelCause(header []byte) error {
	var h cancelHeader
	if len(header) > 0 && json.Unmarshal(header, &h) == nil && h.Reason == bus.ErrCanceled.Error() {
		return bus.ErrCanceled
	}
	return nil
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
