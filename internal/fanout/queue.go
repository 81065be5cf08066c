package fanout

import (
	"context"
	"runtime/debug"
	"sync"

	"github.com/mustafaturan/bus/v3"

	"github.com/woodwork-lang/ww/internal/event"
)

// subscription is a subscriber with its queue and its goroutine.
type subscription struct {
	Subscriber
	report func(*PanicError)
	topics int
	wake   chan struct{} // holds a token when there may be something to do
	ended  chan struct{} // closed when the goroutine has ended

	mu      sync.Mutex
	ring    []event.Message // grows up to Queue; ring[head:] and then ring[:head] when it is full
	head    int
	waiting int
	lost    int // dropped since the last message that was taken
	closed  bool
	handled uint64
	dropped uint64
	panics  uint64
}

func newSubscription(s Subscriber, report func(*PanicError)) *subscription {
	if s.Queue <= 0 {
		s.Queue = DefaultQueue
	}
	return &subscription{Subscriber: s, report: report, wake: make(chan struct{}, 1), ended: make(chan struct{})}
}

// take is what the bus calls, on the goroutine of whoever emits.
func (s *subscription) take(_ context.Context, e bus.Event) {
	m, ok := e.Data.(*event.Message)
	if !ok || !s.put(m) {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default: // it knows
	}
}

// put queues a copy of m. It says whether the goroutine has to be woken.
func (s *subscription) put(m *event.Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if s.waiting == s.Queue {
		s.lost += 1 + s.ring[s.head].Dropped
		s.dropped++
		s.ring[s.head] = event.Message{}
		s.head = (s.head + 1) % len(s.ring)
		s.waiting--
	}
	if s.waiting == len(s.ring) {
		s.growLocked()
	}
	s.ring[(s.head+s.waiting)%len(s.ring)] = *m
	s.waiting++
	return true
}

// growLocked doubles the ring, up to Queue: most subscribers never have more than a few events waiting.
func (s *subscription) growLocked() {
	ring := make([]event.Message, min(s.Queue, max(8, 2*len(s.ring))))
	n := copy(ring, s.ring[s.head:])
	copy(ring[n:], s.ring[:s.head])
	s.ring, s.head = ring, 0
}

// next takes the oldest event. over says that there will be no more.
func (s *subscription) next() (m event.Message, ok, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == 0 {
		return m, false, s.closed
	}
	m = s.ring[s.head]
	s.ring[s.head] = event.Message{}
	s.head = (s.head + 1) % len(s.ring)
	s.waiting--
	m.Dropped += s.lost
	s.lost = 0
	return m, true, false
}

// run is the subscriber's goroutine.
func (s *subscription) run() {
	defer close(s.ended)
	for {
		m, ok, over := s.next()
		switch {
		case ok:
			s.handle(m)
		case over:
			return
		default:
			<-s.wake
		}
	}
}

func (s *subscription) handle(m event.Message) {
	defer func() {
		v := recover()
		s.mu.Lock()
		s.handled++
		if v != nil {
			s.panics++
		}
		s.mu.Unlock()
		if v != nil {
			s.report(&PanicError{Subscriber: s.Name, Topic: m.Type, Value: v, Stack: debug.Stack()})
		}
	}()
	s.Handle(m)
}

func (s *subscription) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// awaitEnd says whether the goroutine has ended, after waiting for it as long as ctx lasts.
func (s *subscription) awaitEnd(ctx context.Context) bool {
	select {
	case <-s.ended:
		return true
	default: // a select takes any ready case: an end that has come must win over a ctx that is over
	}
	select {
	case <-s.ended:
		return true
	case <-ctx.Done():
		return false
	}
}

// clear drops what waits.
func (s *subscription) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropped += uint64(s.waiting)
	s.ring, s.head, s.waiting = nil, 0, 0
}

func (s *subscription) stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{
		Name: s.Name, Topics: s.topics, Handled: s.handled, Dropped: s.dropped, Panics: s.panics, Waiting: s.waiting,
	}
}
