package bustest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// The bounds of a bus in memory.
const (
	memoryLarge = 1 << 20
	memoryWait  = time.Second // how long a component that is not there is waited for
	memoryBound = 1024        // casts and pushes that wait for a slow reader
)

// Memory is a bus inside one process that keeps every promise. It waits for nothing but channels and timers, so it can
// be used where the clock is not real.
func Memory() Backend {
	return Backend{
		Open:  func(t T) Net { return openMemory(t, 0) },
		Large: memoryLarge, TooLarge: memoryLarge + 1,
	}
}

// Leased is Memory with registrations that end when no heartbeat comes for this long. Time should not be real there.
func Leased(lease time.Duration) Backend {
	b := Memory()
	b.Open, b.Lease = func(t T) Net { return openMemory(t, lease) }, lease
	return b
}

// memory is a net. It implements Net.
type memory struct {
	ctx      context.Context
	wg       sync.WaitGroup
	register *register

	mu     sync.Mutex
	count  int
	closed bool
	seats  map[string]*seat
	joined chan struct{} // closed, and made anew, whenever somebody joins
}

func openMemory(t T, lease time.Duration) *memory {
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	n := &memory{ctx: ctx, register: newRegister(lease), seats: map[string]*seat{}, joined: make(chan struct{})}
	t.Cleanup(func() {
		n.mu.Lock()
		n.closed = true
		seats := n.seats
		n.mu.Unlock()
		cancel()
		for _, s := range seats {
			s.loseLinks()
		}
		n.wg.Wait()
	})
	return n
}

// spawn starts a goroutine that the net waits for.
func (n *memory) spawn(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.wg.Go(f)
	}
}

// Join implements Net.
func (n *memory) Join(component string, r bus.Receiver) bus.Bus {
	client := r == nil
	if client {
		r = part{}
	}
	s := &seat{net: n, name: component, receiver: r, links: map[string]*link{}, gate: make(chan struct{})}
	close(s.gate)
	s.ctx, s.cancel = context.WithCancel(n.ctx)
	s.view = &view{net: n, seat: s}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.count++
	s.instance = fmt.Sprintf("%s-%d", component, n.count)
	n.seats[component] = s
	if !client {
		_ = s.view.Register(bus.ComponentInfo{State: bus.StateReady}) // any state may be the first
	}
	close(n.joined)
	n.joined = make(chan struct{})
	return s
}

// Kill implements Net.
func (n *memory) Kill(component string) {
	n.mu.Lock()
	dead := n.seats[component]
	delete(n.seats, component)
	n.mu.Unlock()
	n.register.put(dead.instance, nil)
	dead.cancel()
	dead.loseLinks()
	for _, s := range n.others() {
		s.linkTo(component).lost()
	}
}

func (n *memory) others() []*seat {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []*seat
	for _, s := range n.seats {
		out = append(out, s)
	}
	return out
}

// Pause implements Net.
func (n *memory) Pause(component string) func() {
	n.mu.Lock()
	s := n.seats[component]
	n.mu.Unlock()
	gate := make(chan struct{})
	s.mu.Lock()
	s.gate = gate
	s.mu.Unlock()
	return sync.OnceFunc(func() { close(gate) })
}

// Cut implements Net.
func (n *memory) Cut(from, to string) {
	n.mu.Lock()
	s := n.seats[from]
	n.mu.Unlock()
	s.linkTo(to).lost()
}

// find returns a component's seat, waiting for it a while.
func (n *memory) find(ctx context.Context, component string) *seat {
	late := time.NewTimer(memoryWait)
	defer late.Stop()
	for {
		n.mu.Lock()
		s, joined := n.seats[component], n.joined
		n.mu.Unlock()
		if s != nil {
			return s
		}
		select {
		case <-joined:
		case <-late.C:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// seat is one component's place. It implements bus.Bus.
type seat struct {
	net            *memory
	view           *view
	name, instance string
	receiver       bus.Receiver
	ctx            context.Context
	cancel         context.CancelFunc

	mu    sync.Mutex
	links map[string]*link
	gate  chan struct{} // closed while the component is not paused
}

// Link implements bus.Bus.
func (s *seat) Link(to string) bus.Link { return s.linkTo(to) }

func (s *seat) linkTo(to string) *link {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.links[to]
	if l == nil {
		l = &link{from: s, to: to, calls: map[*call]struct{}{}}
		s.links[to] = l
	}
	return l
}

// Cast implements bus.Bus.
func (s *seat) Cast(to string, m event.Message) {
	s.linkTo(to).put(&parcel{msg: s.complete(m, to), cast: true})
}

func (s *seat) complete(m event.Message, to string) event.Message {
	if m.Source == "" {
		m.Source = s.name
	}
	if m.Subject == "" {
		m.Subject = to
	}
	return m
}

// awaitRunning waits while the component is paused; false when there is nothing left to wait for.
func (s *seat) awaitRunning() bool {
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	select {
	case <-gate:
		return s.ctx.Err() == nil
	case <-s.ctx.Done():
		return false
	}
}

// loseLinks breaks every connection that this component has made.
func (s *seat) loseLinks() {
	s.mu.Lock()
	var links []*link
	for _, l := range s.links {
		links = append(links, l)
	}
	s.mu.Unlock()
	for _, l := range links {
		l.lost()
	}
}
