package localbus

import (
	"context"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/bus/bustest"
	"github.com/woodwork-lang/ww/internal/event"
)

// Over pipes in memory this bus keeps what every bus promises, too, and no promise needs time: the clock is not real.
func TestEveryPromiseOfABusOverMemory(t *testing.T) {
	everyPromise(t, func(r bus.Receiver) bus.Receiver { return r })
}

// They do not depend on when, and in which order, a component says what it has taken.
func TestEveryPromiseOfABusWhoseReceiversAnswerLater(t *testing.T) {
	everyPromise(t, func(r bus.Receiver) bus.Receiver { return &later{Receiver: r} })
}

func everyPromise(t *testing.T, as func(bus.Receiver) bus.Receiver) {
	for _, c := range bustest.Checks() {
		t.Run(c.Name, func(t *testing.T) {
			dir := runDir(t)
			synctest.Test(t, func(t *testing.T) {
				c.Run(t, bustest.Backend{
					Open: func(t bustest.T) bustest.Net {
						n := openPipes(t, dir)
						n.as = as
						return n
					},
					Large: 15 << 16, TooLarge: DefaultMaxFrame, Patience: 30 * time.Second,
				})
			})
		})
	}
}

// later takes batches in their order, each in a goroutine of its own, and answers for the last message first.
type later struct {
	bus.Receiver
	mu   sync.Mutex
	last chan struct{} // closed when the batch before is done
}

func (l *later) AcceptLater(batch []event.Message, answer func([]int, []bus.Verdict)) bool {
	l.mu.Lock()
	before, done := l.last, make(chan struct{})
	l.last = done
	l.mu.Unlock()
	go func() {
		defer close(done)
		if before != nil {
			<-before
		}
		verdicts := l.Accept(batch)
		for i := len(batch) - 1; i >= 0; i-- {
			answer([]int{i}, verdicts[i:i+1])
		}
	}()
	return true
}

// pipes is an app whose peers are connected by pipes that can be stopped and cut.
type pipes struct {
	*memory
	t  bustest.T
	as func(bus.Receiver) bus.Receiver

	mu   sync.Mutex
	here map[string]*pipeSeat
	left []*pipeSeat
}

// pipeSeat is one component: the transport of its peer.
type pipeSeat struct {
	*pipes
	peer *Peer
	dead bool

	mu    sync.Mutex
	gate  chan struct{} // closed while the component is not paused
	conns map[*pipe]string
}

// pipe is one end of a connection; it reads nothing while its component is paused.
type pipe struct {
	net.Conn
	seat *pipeSeat
}

func (p *pipe) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	p.seat.mu.Lock()
	gate := p.seat.gate
	p.seat.mu.Unlock()
	<-gate
	return n, err
}

// end makes this component's end of a connection to another one.
func (s *pipeSeat) end(c net.Conn, other string) net.Conn {
	p := &pipe{c, s}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[p] = other
	return p
}

// cut breaks the connections that it has made to a component; all of them, also those to it, when to is empty.
func (s *pipeSeat) cut(to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p, other := range s.conns {
		if to == "" || to == other {
			_ = p.Conn.Close() // twice is no error for a pipe
		}
	}
}

func (s *pipeSeat) dial(ctx context.Context, instance string) (net.Conn, error) {
	c, err := s.memory.dial(ctx, instance)
	if err != nil {
		return nil, err
	}
	return s.end(c, s.nameOf(instance)), nil
}

func (n *pipes) nameOf(instance string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	for name, s := range n.here {
		if s.peer != nil && s.peer.Instance() == instance {
			return name
		}
	}
	return ""
}

func (s *pipeSeat) listen(instance string) (net.Listener, error) {
	l, err := s.memory.listen(instance)
	if err != nil {
		return nil, err
	}
	return &pipeListener{l, s}, nil
}

type pipeListener struct {
	net.Listener
	seat *pipeSeat
}

func (l *pipeListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.seat.end(c, "?"), nil
}

func openPipes(t bustest.T, dir string) *pipes {
	n := &pipes{memory: newMemory(dir), t: t, here: map[string]*pipeSeat{}}
	t.Cleanup(func() {
		n.mu.Lock()
		all := n.left
		for _, s := range n.here {
			all = append(all, s)
		}
		n.mu.Unlock()
		for _, s := range all {
			s.cut("")
			if err := s.peer.Close(); err != nil && !s.dead {
				t.Errorf("%v", err)
			}
		}
	})
	return n
}

// Join implements bustest.Net.
func (n *pipes) Join(component string, r bus.Receiver) bus.Bus {
	n.t.Helper()
	s := &pipeSeat{pipes: n, gate: make(chan struct{}), conns: map[*pipe]string{}}
	close(s.gate)
	if r != nil {
		r = n.as(r)
	}
	o := Options{Dir: n.dir, App: "0123abcd", Component: component, Receiver: r, TargetWait: time.Second, transport: s}
	if r == nil {
		o.Role = RoleClient
	}
	p, err := Join(n.t.Context(), o)
	if err != nil {
		n.t.Fatalf("%v", err)
	}
	n.mu.Lock()
	s.peer, n.here[component] = p, s
	n.mu.Unlock()
	if r != nil {
		if err := p.Announce(Record{State: StateReady}); err != nil {
			n.t.Fatalf("%v", err)
		}
	}
	return p
}

func (n *pipes) seat(component string) *pipeSeat {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.here[component]
}

// Kill implements bustest.Net.
func (n *pipes) Kill(component string) {
	n.t.Helper()
	s := n.seat(component)
	n.mu.Lock()
	delete(n.here, component)
	n.left = append(n.left, s)
	s.dead = true
	n.mu.Unlock()
	if s.peer.listener != nil {
		if err := s.peer.LoseLease(); err != nil {
			n.t.Errorf("%v", err)
		}
		_ = s.peer.listener.Close() // it is open
	}
	s.cut("")
}

// Pause implements bustest.Net.
func (n *pipes) Pause(component string) func() {
	s := n.seat(component)
	gate := make(chan struct{})
	s.mu.Lock()
	s.gate = gate
	s.mu.Unlock()
	return sync.OnceFunc(func() { close(gate) })
}

// Cut implements bustest.Net.
func (n *pipes) Cut(from, to string) { n.seat(from).cut(to) }

// Registry implements bustest.Net.
func (n *pipes) Registry(component string) bus.Registry { return n.seat(component).peer.Registry() }

// Forget implements bustest.Net.
func (n *pipes) Forget(component string) {
	n.t.Helper()
	if err := n.seat(component).peer.ForgetRecord(); err != nil && !os.IsNotExist(err) {
		n.t.Errorf("%v", err)
	}
}
