package bustest

import (
	"context"
	"slices"
	"sync"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// eachAlone gives a receiver the messages of a batch one by one; f may change them, say no, or say twice.
func eachAlone(f func(n *wrongNet, m event.Message) []event.Message) func(*wrongNet, bus.Receiver) bus.Receiver {
	return whenTaking(func(n *wrongNet, take func([]event.Message) []bus.Verdict, batch []event.Message) []bus.Verdict {
		out := make([]bus.Verdict, len(batch))
		for i, m := range batch {
			for _, m := range f(n, m) {
				out[i] = take([]event.Message{m})[0]
			}
		}
		return out
	})
}

// changed gives a receiver messages that are not what they were.
func changed(f func(m *event.Message)) func(*wrongNet, bus.Receiver) bus.Receiver {
	return eachAlone(func(_ *wrongNet, m event.Message) []event.Message {
		f(&m)
		return []event.Message{m}
	})
}

func wrongChains() []wrong {
	return []wrong{
		{
			name: "drops a chain message and says that it was taken", fails: []string{"chain/in order", "chain/concurrent senders"},
			receiver: eachAlone(func(n *wrongNet, m event.Message) []event.Message {
				if n.every(50) {
					return nil
				}
				return []event.Message{m}
			}),
		},
		{
			name: "brings a chain message twice", fails: []string{"chain/in order", "chain/concurrent senders", "chain/relayed while being taken"},
			receiver: eachAlone(func(n *wrongNet, m event.Message) []event.Message {
				if n.every(50) {
					return []event.Message{m, m}
				}
				return []event.Message{m}
			}),
		},
		{
			name: "changes the order of a batch", fails: []string{"chain/in order"},
			receiver: whenTaking(func(_ *wrongNet, take func([]event.Message) []bus.Verdict, batch []event.Message) []bus.Verdict {
				slices.Reverse(batch)
				return take(batch)
			}),
		},
		{name: "lets one message overtake another", fails: []string{"chain/in order", "chain/concurrent senders"}, bus: overtaking()},
		{name: "uses its buffer again", fails: []string{"chain/in order"}, receiver: reusing()},
		{
			name: "calls the receiver with nothing", fails: []string{"chain/in order"},
			receiver: whenTaking(func(_ *wrongNet, take func([]event.Message) []bus.Verdict, batch []event.Message) []bus.Verdict {
				take(nil)
				return take(batch)
			}),
		},
		{name: "forgets the TTL of chain messages", fails: []string{"chain/headers"}, receiver: changed(func(m *event.Message) { m.TTL = 0 })},
		{name: "gives a TTL to messages that have none", fails: []string{"chain/headers"}, receiver: changed(func(m *event.Message) { m.TTL = max(m.TTL, 1) })},
		{name: "lengthens the TTL", fails: []string{"chain/headers"}, receiver: changed(func(m *event.Message) { m.TTL *= 2 })},
		{name: "forgets the trace", fails: []string{"chain/headers"}, receiver: changed(func(m *event.Message) { m.TraceParent = "" })},
		{name: "cuts large numbers", fails: []string{"chain/headers"}, receiver: changed(func(m *event.Message) { m.Seq = uint64(float64(m.Seq)) })},
		{name: "cuts large bodies", fails: []string{"chain/large"}, receiver: changed(func(m *event.Message) { m.Body = m.Body[:min(len(m.Body), 65_536)] })},
		{name: "makes a new link each time", fails: []string{"chain/same link"}, bus: func(_ *wrongNet, b bus.Bus) bus.Bus { return newLinks{b} }},
		{name: "holds up everybody while one receiver writes", fails: []string{"isolation/slow receiver"}, receiver: oneAtATime()},
		{
			name: "waits in Send for a paused receiver", fails: []string{"isolation/paused receiver"},
			bus: whenSending(func(n *wrongNet, l bus.Link, m event.Message, done func(bus.Verdict)) {
				taken := make(chan struct{})
				l.Send(m, func(v bus.Verdict) { close(taken); done(v) })
				select {
				case <-taken:
				case <-n.closing:
				}
			}),
		},
		{
			name: "loses what waits for a paused receiver", fails: []string{"isolation/paused receiver"},
			bus: whenSending(func(n *wrongNet, l bus.Link, m event.Message, done func(bus.Verdict)) {
				if len(m.Body) == 4096 && n.every(100) {
					n.spawn(func() { done(bus.Verdict{}) })
					return
				}
				l.Send(m, done)
			}),
		},
	}
}

// overtaking holds every seventh message back until the next one has been sent.
func overtaking() func(*wrongNet, bus.Bus) bus.Bus {
	var mu sync.Mutex
	held := map[bus.Link]func(){}
	return whenSending(func(n *wrongNet, l bus.Link, m event.Message, done func(bus.Verdict)) {
		late := m.Seq%7 == 1 && m.Seq > 1
		mu.Lock()
		defer mu.Unlock()
		if late && held[l] == nil {
			held[l] = func() { l.Send(m, done) }
			return
		}
		l.Send(m, done)
		if held[l] != nil {
			held[l]()
			delete(held, l)
		}
	})
}

// reusing gives every message the same memory.
func reusing() func(*wrongNet, bus.Receiver) bus.Receiver {
	buf := make([]byte, 0, 4096)
	return eachAlone(func(_ *wrongNet, m event.Message) []event.Message {
		m.Body = append(buf[:0], m.Body...)
		return []event.Message{m}
	})
}

// newLinks makes a link for everybody who asks.
type newLinks struct{ bus.Bus }

// Link implements bus.Bus.
func (s newLinks) Link(to string) bus.Link { return &linkWith{s.Bus.Link(to), bus.Link.Send} }

// oneAtATime lets one receiver of the whole net take messages at a time.
func oneAtATime() func(*wrongNet, bus.Receiver) bus.Receiver {
	turn := make(chan struct{}, 1)
	return whenTaking(func(n *wrongNet, take func([]event.Message) []bus.Verdict, batch []event.Message) []bus.Verdict {
		select {
		case turn <- struct{}{}:
		case <-n.closing:
			return make([]bus.Verdict, len(batch))
		}
		defer func() { <-turn }()
		return take(batch)
	})
}

// verdictOf changes what a sender hears.
func verdictOf(f func(n *wrongNet, v bus.Verdict, done func(bus.Verdict))) func(*wrongNet, bus.Bus) bus.Bus {
	return whenSending(func(n *wrongNet, l bus.Link, m event.Message, done func(bus.Verdict)) {
		l.Send(m, func(v bus.Verdict) { f(n, v, done) })
	})
}

// asLost changes what a sender hears of a lost connection.
func asLost(reason string, f func(n *wrongNet, done func(bus.Verdict))) func(*wrongNet, bus.Bus) bus.Bus {
	return verdictOf(func(n *wrongNet, v bus.Verdict, done func(bus.Verdict)) {
		if v.Reason == reason {
			f(n, done)
			return
		}
		done(v)
	})
}

func wrongVerdicts() []wrong {
	const lost, nobody = "connection lost", "no such component"
	taken := func(_ *wrongNet, done func(bus.Verdict)) { done(bus.Verdict{}) }
	never := func(*wrongNet, func(bus.Verdict)) {}
	return []wrong{
		{
			name: "settles a message twice", fails: []string{"chain/settled once", "chain/concurrent senders"},
			bus: verdictOf(func(n *wrongNet, v bus.Verdict, done func(bus.Verdict)) {
				done(v)
				if n.every(50) {
					done(v)
				}
			}),
		},
		{
			name: "never settles some messages", fails: []string{"chain/settled once", "chain/in order", "chain/sends from a verdict", "chain/relayed while being taken"},
			bus: verdictOf(func(n *wrongNet, v bus.Verdict, done func(bus.Verdict)) {
				if !n.every(50) {
					done(v)
				}
			}),
		},
		{
			name: "settles in Send itself", fails: []string{"chain/sender may hold a lock"},
			bus: whenSending(func(n *wrongNet, l bus.Link, m event.Message, done func(bus.Verdict)) {
				ch := make(chan bus.Verdict, 1)
				l.Send(m, func(v bus.Verdict) { ch <- v })
				select {
				case v := <-ch:
					done(v)
				case <-n.closing:
				}
			}),
		},
		{
			name: "settles before the receiver has taken it", fails: []string{"chain/settled after it was taken", "chain/receiver dies", "chain/connection lost"},
			bus: whenSending(func(n *wrongNet, l bus.Link, m event.Message, done func(bus.Verdict)) {
				l.Send(m, func(bus.Verdict) {})
				n.spawn(func() { done(bus.Verdict{}) })
			}),
		},
		{name: "holds a lock while it settles", fails: []string{"chain/sends from a verdict"}, bus: lockedVerdicts()},
		{name: "holds a lock while a receiver takes", fails: []string{"chain/relayed while being taken"}, receiver: lockedTaking(), bus: lockedSending()},
		{
			name: "turns every refusal into a yes", fails: []string{"verdict/reaches the sender"},
			bus: verdictOf(func(_ *wrongNet, v bus.Verdict, done func(bus.Verdict)) {
				if v.Code != bus.Busy {
					v = bus.Verdict{}
				}
				done(v)
			}),
		},
		{
			name: "forgets why", fails: []string{"verdict/reaches the sender"},
			bus: verdictOf(func(_ *wrongNet, v bus.Verdict, done func(bus.Verdict)) { v.Reason = ""; done(v) }),
		},
		{
			name: "forgets the number that is wanted", fails: []string{"verdict/reaches the sender"},
			bus: verdictOf(func(_ *wrongNet, v bus.Verdict, done func(bus.Verdict)) { v.Seq = 0; done(v) }),
		},
		{
			name: "forgets when to come again", fails: []string{"verdict/reaches the sender"},
			bus: verdictOf(func(_ *wrongNet, v bus.Verdict, done func(bus.Verdict)) { v.RetryAfterMS = 0; done(v) }),
		},
		{
			name: "gives each message of a batch the verdict of its neighbour", fails: []string{"verdict/reaches the sender"},
			receiver: whenTaking(func(_ *wrongNet, take func([]event.Message) []bus.Verdict, batch []event.Message) []bus.Verdict {
				v := take(batch)
				return append(v[1:], v[0])
			}),
		},
		{name: "says that a message was taken when the connection is lost", fails: []string{"chain/connection lost", "chain/receiver dies"}, bus: asLost(lost, taken)},
		{name: "says nothing when the connection is lost", fails: []string{"chain/connection lost", "chain/receiver dies"}, bus: asLost(lost, never)},
		{name: "gives messages back in another order", fails: []string{"chain/connection lost"}, bus: backwards(lost)},
		{name: "does not come back after a lost connection", fails: []string{"chain/connection lost", "chain/receiver dies", "call/connection cut"}, bus: gone()},
		{name: "says that nobody took a message", fails: []string{"chain/nobody"}, bus: asLost(nobody, taken)},
		{name: "keeps messages to nobody for ever", fails: []string{"chain/nobody", "chain/sender may hold a lock"}, bus: asLost(nobody, never)},
		{
			name: "takes messages that are too large and drops them", fails: []string{"chain/too large"},
			bus: verdictOf(func(_ *wrongNet, v bus.Verdict, done func(bus.Verdict)) {
				if v.Code == bus.TooLarge {
					v = bus.Verdict{}
				}
				done(v)
			}),
		},
		{name: "is stuck after a message that is too large", fails: []string{"chain/too large"}, bus: stuckBehind()},
	}
}

// lockedVerdicts settles under a lock that Send takes.
func lockedVerdicts() func(*wrongNet, bus.Bus) bus.Bus {
	turn := make(chan struct{}, 1)
	return whenSending(func(n *wrongNet, l bus.Link, m event.Message, done func(bus.Verdict)) {
		if !n.enter(turn) {
			return
		}
		defer func() { <-turn }()
		l.Send(m, func(v bus.Verdict) {
			if n.enter(turn) {
				defer func() { <-turn }()
				done(v)
			}
		})
	})
}

// enter takes a lock that is a channel, or gives up at the end of the test.
func (n *wrongNet) enter(turn chan struct{}) bool {
	select {
	case turn <- struct{}{}:
		return true
	case <-n.closing:
		return false
	}
}

// lockedTaking holds the lock of the net while a receiver takes; lockedSending wants it, too.
func lockedTaking() func(*wrongNet, bus.Receiver) bus.Receiver {
	return whenTaking(func(n *wrongNet, take func([]event.Message) []bus.Verdict, batch []event.Message) []bus.Verdict {
		n.mu.Lock()
		n.count++
		n.mu.Unlock()
		defer func() {
			n.mu.Lock()
			n.count--
			n.mu.Unlock()
		}()
		return take(batch)
	})
}

func lockedSending() func(*wrongNet, bus.Bus) bus.Bus {
	return whenSending(func(n *wrongNet, l bus.Link, m event.Message, done func(bus.Verdict)) {
		n.mu.Lock()
		busy := n.count > 0
		n.mu.Unlock()
		if busy && m.Session != "" {
			n.hang()
		}
		l.Send(m, done)
	})
}

// backwards settles what a lost connection gives back with the last one first.
func backwards(reason string) func(*wrongNet, bus.Bus) bus.Bus {
	var mu sync.Mutex
	var held []func()
	return verdictOf(func(_ *wrongNet, v bus.Verdict, done func(bus.Verdict)) {
		if v.Reason != reason {
			done(v)
			return
		}
		mu.Lock()
		held = append(held, func() { done(v) })
		all := held
		if len(held) == 10 {
			held = nil
		}
		mu.Unlock()
		if len(all) == 10 {
			for _, f := range slices.Backward(all) {
				f()
			}
		}
	})
}

// gone is a seat that has lost its way after a lost connection.
func gone() func(*wrongNet, bus.Bus) bus.Bus {
	return func(n *wrongNet, b bus.Bus) bus.Bus {
		var mu sync.Mutex
		lost := false
		lose := func(really bool) bool {
			mu.Lock()
			defer mu.Unlock()
			lost = lost || really
			return lost
		}
		with := &seatWith{Bus: b}
		with.send = func(l bus.Link, m event.Message, done func(bus.Verdict)) {
			if lose(false) {
				return
			}
			l.Send(m, func(v bus.Verdict) { lose(v.Reason == "connection lost"); done(v) })
		}
		inner := whenCalling(func(n *wrongNet, b bus.Bus, a asking) (event.Message, error) {
			if lose(false) {
				n.hang()
				return event.Message{}, context.Canceled
			}
			m, err := a.of(b)
			lose(codeOf(err) == bus.PeerDied)
			return m, err
		})(n, b)
		with.call = inner.Call
		return with
	}
}

// stuckBehind sends nothing any more after a message that was too large.
func stuckBehind() func(*wrongNet, bus.Bus) bus.Bus {
	var mu sync.Mutex
	stuck := false
	return whenSending(func(_ *wrongNet, l bus.Link, m event.Message, done func(bus.Verdict)) {
		mu.Lock()
		defer mu.Unlock()
		if !stuck {
			l.Send(m, done)
		}
		stuck = stuck || len(m.Body) > memoryLarge
	})
}
