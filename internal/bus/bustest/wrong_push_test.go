package bustest

import (
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// pushes changes what happens to the pieces of an answer on their way.
func pushes(f func(n *wrongNet, push func(event.Message), m event.Message)) func(*wrongNet, bus.Receiver) bus.Receiver {
	return whenAsked(func(n *wrongNet, q bus.Request, r *request) {
		r.push = func(m event.Message) { f(n, q.Push, m) }
	})
}

func wrongPushes() []wrong {
	const order = "push/in order before the answer"
	var held *event.Message
	return []wrong{
		{name: "drops pieces of an answer", fails: []string{order}, receiver: pushes(func(n *wrongNet, push func(event.Message), m event.Message) {
			if !n.every(50) {
				push(m)
			}
		})},
		{name: "brings pieces twice", fails: []string{order}, receiver: pushes(func(n *wrongNet, push func(event.Message), m event.Message) {
			push(m)
			if n.every(50) {
				push(m)
			}
		})},
		{name: "brings pieces in another order", fails: []string{order, "push/never waits"}, receiver: pushes(func(n *wrongNet, push func(event.Message), m event.Message) {
			if held == nil && n.every(10) {
				held = &m
				return
			}
			push(m)
			if held != nil {
				push(*held)
				held = nil
			}
		})},
		{
			name: "lets the answer overtake pieces", fails: []string{order},
			bus: whenCalling(func(n *wrongNet, b bus.Bus, a asking) (event.Message, error) {
				if on := a.onPush; on != nil {
					a.onPush = func(m event.Message) {
						if string(m.Body) == "99" {
							n.spawn(func() { on(m) })
							return
						}
						on(m)
					}
				}
				return a.of(b)
			}),
		},
		{name: "waits in Push for a slow reader", fails: []string{"push/never waits"}, receiver: waitingPush, bus: readingPush},
	}
}

// waitingPush waits until the reader has what was pushed; readingPush tells it.
func waitingPush(n *wrongNet, r bus.Receiver) bus.Receiver {
	return pushes(func(n *wrongNet, push func(event.Message), m event.Message) {
		push(m)
		n.mu.Lock()
		n.count++
		n.mu.Unlock()
		for n.open() {
			select {
			case <-time.After(time.Millisecond):
			case <-n.closing:
				return
			}
		}
	})(n, r)
}

// open says whether something was pushed and not read.
func (n *wrongNet) open() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.count > 0
}

func readingPush(n *wrongNet, b bus.Bus) bus.Bus {
	return whenCalling(func(n *wrongNet, b bus.Bus, a asking) (event.Message, error) {
		if on := a.onPush; on != nil {
			a.onPush = func(m event.Message) {
				on(m)
				n.mu.Lock()
				n.count--
				n.mu.Unlock()
			}
		}
		return a.of(b)
	})(n, b)
}

func wrongCasts() []wrong {
	const order = "cast/at most once and in order"
	return []wrong{
		{
			name: "drops casts for no reason", fails: []string{"cast/arrives"},
			receiver: whenHearing(func(n *wrongNet, hear func(event.Message), m event.Message) {
				if !n.every(10) {
					hear(m)
				}
			}),
		},
		{name: "brings casts twice", fails: []string{order}, receiver: whenHearing(func(n *wrongNet, hear func(event.Message), m event.Message) {
			hear(m)
			if n.every(50) {
				hear(m)
			}
		})},
		{name: "brings casts in another order", fails: []string{order}, bus: swappedCasts()},
		{
			name: "forgets the TTL of casts", fails: []string{"cast/headers"},
			receiver: whenHearing(func(_ *wrongNet, hear func(event.Message), m event.Message) { m.TTL = 0; hear(m) }),
		},
		{
			name: "forgets what casts say about drops", fails: []string{"cast/headers"},
			receiver: whenHearing(func(_ *wrongNet, hear func(event.Message), m event.Message) { m.Dropped = 0; hear(m) }),
		},
		{name: "waits in Cast until it is heard", fails: []string{"cast/never waits"}, bus: waitingCasts},
		{
			name: "waits in Cast for somebody to come", fails: []string{"cast/never waits"},
			bus: whenCasting(func(n *wrongNet, b bus.Bus, to string, m event.Message) {
				if to == "nobody" {
					n.hang()
				}
				b.Cast(to, m)
			}),
		},
		{
			name: "does not come back after a pause", fails: []string{"cast/never waits"},
			receiver: whenHearing(func(n *wrongNet, hear func(event.Message), m event.Message) {
				if len(m.Body) < 1000 {
					hear(m)
				}
			}),
		},
	}
}

// swappedCasts lets every tenth cast wait for the next one.
func swappedCasts() func(*wrongNet, bus.Bus) bus.Bus {
	var mu sync.Mutex
	held := map[bus.Bus]event.Message{}
	return whenCasting(func(_ *wrongNet, b bus.Bus, to string, m event.Message) {
		mu.Lock()
		defer mu.Unlock()
		before, has := held[b]
		if !has && m.Seq%10 == 9 {
			held[b] = m
			return
		}
		b.Cast(to, m)
		if has {
			b.Cast(to, before)
			delete(held, b)
		}
	})
}

// waitingCasts sends a cast as a chain message would be sent, and waits for its way to be free.
func waitingCasts(n *wrongNet, b bus.Bus) bus.Bus {
	return whenCasting(func(n *wrongNet, b bus.Bus, to string, m event.Message) {
		taken := make(chan struct{})
		b.Link(to).Send(m, func(bus.Verdict) { close(taken) })
		b.Cast(to, m)
		select {
		case <-taken:
		case <-n.closing:
		}
	})(n, b)
}
