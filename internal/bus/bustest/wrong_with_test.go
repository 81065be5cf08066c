package bustest

import (
	"context"
	"sync"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// seatWith is a seat with parts replaced.
type seatWith struct {
	bus.Bus
	call func(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error)
	send func(l bus.Link, m event.Message, done func(bus.Verdict))
	cast func(to string, m event.Message)

	mu    sync.Mutex
	links map[string]bus.Link
}

// Call implements bus.Bus.
func (s *seatWith) Call(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error) {
	if s.call != nil {
		return s.call(ctx, to, m, onPush)
	}
	return s.Bus.Call(ctx, to, m, onPush)
}

// Cast implements bus.Bus.
func (s *seatWith) Cast(to string, m event.Message) {
	if s.cast != nil {
		s.cast(to, m)
		return
	}
	s.Bus.Cast(to, m)
}

// Link implements bus.Bus.
func (s *seatWith) Link(to string) bus.Link {
	if s.send == nil {
		return s.Bus.Link(to)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.links == nil {
		s.links = map[string]bus.Link{}
	}
	if s.links[to] == nil {
		s.links[to] = &linkWith{s.Bus.Link(to), s.send}
	}
	return s.links[to]
}

type linkWith struct {
	bus.Link
	send func(l bus.Link, m event.Message, done func(bus.Verdict))
}

// Send implements bus.Link.
func (l *linkWith) Send(m event.Message, done func(bus.Verdict)) { l.send(l.Link, m, done) }

// request is a request with parts replaced.
type request struct {
	bus.Request
	ctx   context.Context
	from  *string
	msg   *event.Message
	push  func(event.Message)
	reply func(event.Message)
	fail  func(bus.Code, string)
}

// Context implements bus.Request.
func (r *request) Context() context.Context {
	if r.ctx != nil {
		return r.ctx
	}
	return r.Request.Context()
}

// From implements bus.Request.
func (r *request) From() string {
	if r.from != nil {
		return *r.from
	}
	return r.Request.From()
}

// Message implements bus.Request.
func (r *request) Message() event.Message {
	if r.msg != nil {
		return *r.msg
	}
	return r.Request.Message()
}

// Push implements bus.Request.
func (r *request) Push(m event.Message) {
	if r.push != nil {
		r.push(m)
		return
	}
	r.Request.Push(m)
}

// Reply implements bus.Request.
func (r *request) Reply(m event.Message) {
	if r.reply != nil {
		r.reply(m)
		return
	}
	r.Request.Reply(m)
}

// Fail implements bus.Request.
func (r *request) Fail(code bus.Code, reason string) {
	if r.fail != nil {
		r.fail(code, reason)
		return
	}
	r.Request.Fail(code, reason)
}

// The ways to say what goes wrong, so that a wrong bus is one function.

func whenTaking(f func(n *wrongNet, take func([]event.Message) []bus.Verdict, batch []event.Message) []bus.Verdict) func(*wrongNet, bus.Receiver) bus.Receiver {
	return func(n *wrongNet, r bus.Receiver) bus.Receiver {
		return part{accept: func(batch []event.Message) []bus.Verdict { return f(n, r.Accept, batch) }, call: r.Call, event: r.Event}
	}
}

func whenHearing(f func(n *wrongNet, hear func(event.Message), m event.Message)) func(*wrongNet, bus.Receiver) bus.Receiver {
	return func(n *wrongNet, r bus.Receiver) bus.Receiver {
		return part{accept: r.Accept, call: r.Call, event: func(m event.Message) { f(n, r.Event, m) }}
	}
}

func whenAsked(f func(n *wrongNet, q bus.Request, r *request)) func(*wrongNet, bus.Receiver) bus.Receiver {
	return func(n *wrongNet, r bus.Receiver) bus.Receiver {
		return part{accept: r.Accept, event: r.Event, call: func(q bus.Request) {
			with := &request{Request: q}
			f(n, q, with)
			r.Call(with)
		}}
	}
}

func whenSending(f func(n *wrongNet, l bus.Link, m event.Message, done func(bus.Verdict))) func(*wrongNet, bus.Bus) bus.Bus {
	return func(n *wrongNet, b bus.Bus) bus.Bus {
		return &seatWith{Bus: b, send: func(l bus.Link, m event.Message, done func(bus.Verdict)) { f(n, l, m, done) }}
	}
}

// asking is a call that somebody makes.
type asking struct {
	ctx    context.Context
	to     string
	m      event.Message
	onPush func(event.Message)
}

func whenCalling(f func(n *wrongNet, b bus.Bus, a asking) (event.Message, error)) func(*wrongNet, bus.Bus) bus.Bus {
	return func(n *wrongNet, b bus.Bus) bus.Bus {
		return &seatWith{Bus: b, call: func(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error) {
			return f(n, b, asking{ctx, to, m, onPush})
		}}
	}
}

func (a asking) of(b bus.Bus) (event.Message, error) { return b.Call(a.ctx, a.to, a.m, a.onPush) }

func whenCasting(f func(n *wrongNet, b bus.Bus, to string, m event.Message)) func(*wrongNet, bus.Bus) bus.Bus {
	return func(n *wrongNet, b bus.Bus) bus.Bus {
		return &seatWith{Bus: b, cast: func(to string, m event.Message) { f(n, b, to, m) }}
	}
}
