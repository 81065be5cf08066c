package bustest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

func codeOf(err error) bus.Code {
	var be *bus.Error
	if errors.As(err, &be) {
		return be.Code
	}
	return bus.OK
}

// instead changes how calls end that end with a certain code.
func instead(code bus.Code, f func(n *wrongNet, err *bus.Error) error) func(*wrongNet, bus.Bus) bus.Bus {
	return whenCalling(func(n *wrongNet, b bus.Bus, a asking) (event.Message, error) {
		m, err := a.of(b)
		var be *bus.Error
		if errors.As(err, &be) && be.Code == code {
			return m, f(n, be)
		}
		return m, err
	})
}

func hangUp(n *wrongNet, err *bus.Error) error {
	n.hang()
	return err
}

func asNothing(*wrongNet, *bus.Error) error { return nil }

func wrongCalls() []wrong {
	empty := ""
	return []wrong{
		{
			name: "does not say who asks", fails: []string{"call/answered"},
			receiver: whenAsked(func(_ *wrongNet, _ bus.Request, r *request) { r.from = &empty }),
		},
		{
			name: "loses the last byte of a question", fails: []string{"call/answered", "call/large"},
			receiver: whenAsked(func(_ *wrongNet, q bus.Request, r *request) {
				m := q.Message()
				m.Body = m.Body[:max(0, len(m.Body)-1)]
				r.msg = &m
			}),
		},
		{
			name: "forgets the headers of calls", fails: []string{"call/headers"},
			receiver: whenAsked(func(_ *wrongNet, q bus.Request, r *request) {
				r.msg = &event.Message{Header: event.Header{Type: q.Message().Type, TTL: q.Message().TTL}, Body: q.Message().Body}
			}),
		},
		{
			name: "forgets the headers of answers", fails: []string{"call/headers"},
			receiver: whenAsked(func(_ *wrongNet, q bus.Request, r *request) {
				r.reply = func(m event.Message) { m.CorrelationID = ""; q.Reply(m) }
			}),
		},
		{
			name: "forgets the headers of pushes", fails: []string{"call/headers"},
			receiver: whenAsked(func(_ *wrongNet, q bus.Request, r *request) {
				r.push = func(m event.Message) { m.Subject = ""; q.Push(m) }
			}),
		},
		{
			name: "asks twice", fails: []string{"call/asked once"},
			receiver: func(n *wrongNet, r bus.Receiver) bus.Receiver {
				return part{accept: r.Accept, event: r.Event, call: func(q bus.Request) {
					if n.every(20) {
						r.Call(q)
					}
					r.Call(q)
				}}
			},
		},
		{name: "mixes answers up", fails: []string{"call/correlated"}, receiver: mixing()},
		{
			name: "makes an answer of every refusal", fails: []string{"call/refused"},
			receiver: whenAsked(func(_ *wrongNet, q bus.Request, r *request) {
				r.fail = func(bus.Code, string) { q.Reply(event.Message{}) }
			}),
		},
		{
			name: "forgets why a call was refused", fails: []string{"call/refused"},
			receiver: whenAsked(func(_ *wrongNet, q bus.Request, r *request) { r.fail = func(c bus.Code, _ string) { q.Fail(c, "") } }),
		},
		{
			name: "knows one code of refusal only", fails: []string{"call/refused"},
			receiver: whenAsked(func(_ *wrongNet, q bus.Request, r *request) {
				r.fail = func(_ bus.Code, s string) { q.Fail(bus.Refused, s) }
			}),
		},
		{
			name: "does not say who refused", fails: []string{"call/refused"},
			bus: instead(bus.Busy, func(_ *wrongNet, err *bus.Error) error { return &bus.Error{Code: err.Code, Reason: err.Reason} }),
		},
		{name: "answers twice and lets the last answer count", fails: []string{"call/first answer counts"}, receiver: lastAnswer()},
		{name: "takes the second answer for that of the next call", fails: []string{"call/first answer counts"}, receiver: strayAnswers(false)},
		{
			name: "cuts large answers", fails: []string{"call/large"},
			receiver: whenAsked(func(_ *wrongNet, q bus.Request, r *request) {
				r.reply = func(m event.Message) { m.Body = m.Body[:min(len(m.Body), 65_536)]; q.Reply(m) }
			}),
		},
		{name: "hangs with a question that is too large", fails: []string{"call/large"}, bus: instead(bus.TooLarge, hangUp)},
		{name: "makes nothing of an answer that is too large", fails: []string{"call/large"}, bus: instead(bus.TooLarge, asNothing)},
		{name: "waits for ever for nobody", fails: []string{"call/nobody"}, bus: instead(bus.NoTarget, hangUp)},
		{name: "answers for nobody", fails: []string{"call/nobody"}, bus: instead(bus.NoTarget, asNothing)},
		{
			name: "does not wait for a component that starts", fails: []string{"call/waits for a start"},
			bus: whenCalling(func(n *wrongNet, b bus.Bus, a asking) (event.Message, error) {
				n.mu.Lock()
				there := n.there[a.to]
				n.mu.Unlock()
				if !there {
					return event.Message{}, &bus.Error{Code: bus.NoTarget, To: a.to}
				}
				return a.of(b)
			}),
		},
	}
}

// mixing swaps the answers of every two calls that are open together.
func mixing() func(*wrongNet, bus.Receiver) bus.Receiver {
	var mu sync.Mutex
	var held *event.Message
	var holder bus.Request
	return whenAsked(func(_ *wrongNet, q bus.Request, r *request) {
		r.reply = func(m event.Message) {
			mu.Lock()
			defer mu.Unlock()
			if held == nil {
				held, holder = &m, q
				return
			}
			holder.Reply(m)
			q.Reply(*held)
			held = nil
		}
	})
}

// lastAnswer waits a moment for a better answer.
func lastAnswer() func(*wrongNet, bus.Receiver) bus.Receiver {
	return whenAsked(func(_ *wrongNet, q bus.Request, r *request) {
		var mu sync.Mutex
		var last func()
		say := func(f func()) {
			mu.Lock()
			defer mu.Unlock()
			if last == nil {
				time.AfterFunc(time.Millisecond, func() {
					mu.Lock()
					defer mu.Unlock()
					last()
				})
			}
			last = f
		}
		r.reply = func(m event.Message) { say(func() { q.Reply(m) }) }
		r.fail = func(c bus.Code, s string) { say(func() { q.Fail(c, s) }) }
	})
}

// strayAnswers gives an answer that came too late to the next call: a second one, or one to a canceled call.
func strayAnswers(canceled bool) func(*wrongNet, bus.Receiver) bus.Receiver {
	var mu sync.Mutex
	var stray *event.Message
	return whenAsked(func(_ *wrongNet, q bus.Request, r *request) {
		answered := false
		r.reply = func(m event.Message) {
			mu.Lock()
			defer mu.Unlock()
			if late := q.Context().Err() != nil; answered || canceled && late {
				stray = &m
				return
			}
			answered = true
			if stray != nil {
				m, stray = *stray, nil
			}
			q.Reply(m)
		}
		r.fail = func(c bus.Code, reason string) {
			mu.Lock()
			defer mu.Unlock()
			answered = true
			q.Fail(c, reason)
		}
	})
}

func wrongEnds() []wrong {
	forget := whenAsked(func(_ *wrongNet, _ bus.Request, r *request) { r.ctx = context.Background() })
	return []wrong{
		{
			name: "does not tell the callee that nobody waits", receiver: forget,
			fails: []string{"call/deadline", "call/canceled", "call/not wanted any more", "call/caller dies", "call/connection cut"},
		},
		{
			name: "does not tell the callee that a call is given up for good", fails: []string{"call/not wanted any more"},
			bus: whenCalling(func(_ *wrongNet, b bus.Bus, a asking) (event.Message, error) {
				ctx, cancel := context.WithCancel(context.WithoutCancel(a.ctx))
				defer cancel()
				if d, has := a.ctx.Deadline(); has {
					ctx, cancel = context.WithDeadline(ctx, d)
					defer cancel()
				}
				defer context.AfterFunc(a.ctx, cancel)()
				a.ctx = ctx
				return a.of(b)
			}),
		},
		{
			name: "ends the callee's context before its time", fails: []string{"call/canceled"},
			receiver: whenAsked(func(_ *wrongNet, q bus.Request, r *request) {
				ctx, cancel := context.WithCancel(q.Context())
				cancel()
				r.ctx = ctx
			}),
		},
		{name: "forgets the deadline", fails: []string{"call/deadline", "isolation/paused receiver"}, bus: instead(bus.Deadline, hangUp)},
		{
			name: "has no word for a deadline", fails: []string{"call/deadline"},
			bus: instead(bus.Deadline, func(*wrongNet, *bus.Error) error { return context.DeadlineExceeded }),
		},
		{
			name: "does not say how long there is", fails: []string{"call/deadline"},
			receiver: whenAsked(func(_ *wrongNet, q bus.Request, r *request) {
				m := q.Message()
				m.TTL = 0
				r.msg = &m
			}),
		},
		{
			name: "waits for the answer although the call was canceled", fails: []string{"call/canceled"},
			bus: whenCalling(func(_ *wrongNet, b bus.Bus, a asking) (event.Message, error) {
				if _, has := a.ctx.Deadline(); !has {
					a.ctx = context.WithoutCancel(a.ctx)
				}
				return a.of(b)
			}),
		},
		{name: "takes a late answer for that of the next call", fails: []string{"call/canceled"}, receiver: strayAnswers(true)},
		{name: "hangs when the callee dies", fails: []string{"call/callee dies", "call/connection cut"}, bus: instead(bus.PeerDied, hangUp)},
		{
			name: "has another word for death", fails: []string{"call/callee dies"},
			bus: instead(bus.PeerDied, func(_ *wrongNet, err *bus.Error) error { return &bus.Error{Code: bus.Deadline, To: err.To} }),
		},
		{name: "answers for the dead", fails: []string{"call/callee dies", "call/connection cut"}, bus: instead(bus.PeerDied, asNothing)},
	}
}
