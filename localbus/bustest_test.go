package localbus_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/bus/bustest"
	"github.com/woodwork-lang/ww/localbus"
)

// Over real sockets this bus keeps what every bus promises.
func TestEveryPromiseOfABus(t *testing.T) {
	base, err := os.MkdirTemp("/tmp", "w")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(base) })
	t.Setenv("WW_RUN_DIR", filepath.Join(base, "r"))
	var nets atomic.Uint32
	bustest.Run(t, bustest.Backend{
		Open:  func(t bustest.T) bustest.Net { return openNet(t, fmt.Sprintf("%08x", nets.Add(1))) },
		Large: 15 << 16, TooLarge: localbus.DefaultMaxFrame,
	})
}

// sockets is an app in a run directory of its own. In front of each component's socket stands a relay, so that
// connections can be stopped and cut from outside, as the death of a process or of its network would.
type sockets struct {
	t    bustest.T
	app  string
	dir  string
	wg   sync.WaitGroup
	mu   sync.Mutex
	here map[string]*station
	left []*station
}

// station is a component and the relay in front of it.
type station struct {
	peer   *localbus.Peer
	listen net.Listener // nil for one that only sends
	path   string       // where the relay finds the component
	gone   sync.Once
	err    error

	mu     sync.Mutex
	gate   chan struct{} // closed while the component is not paused
	relays map[*relay]struct{}
}

// relay is one connection through the relay.
type relay struct {
	from     string // component that dialed
	in, out  net.Conn
	upstream *station
}

func openNet(t bustest.T, app string) *sockets {
	t.Helper()
	dir, err := localbus.OpenRunDir(app)
	if err != nil {
		t.Fatalf("%v", err)
	}
	n := &sockets{t: t, app: app, dir: dir, here: map[string]*station{}}
	t.Cleanup(func() {
		n.mu.Lock()
		all := n.left
		for _, s := range n.here {
			all = append(all, s)
		}
		n.mu.Unlock()
		for _, s := range all {
			if err := s.leave(); err != nil {
				t.Errorf("%v", err)
			}
		}
		n.wg.Wait()
	})
	return n
}

// Join implements bustest.Net.
func (n *sockets) Join(component string, r bus.Receiver) bus.Bus {
	n.t.Helper()
	o := localbus.Options{Dir: n.dir, App: n.app, Component: component, Receiver: r, TargetWait: time.Second}
	if r == nil {
		o.Role = localbus.RoleClient
	}
	p, err := localbus.Join(n.t.Context(), o)
	if err != nil {
		n.t.Fatalf("%v", err)
	}
	s := &station{peer: p, gate: make(chan struct{}), relays: map[*relay]struct{}{}}
	close(s.gate)
	if r != nil {
		n.interpose(s)
	}
	n.mu.Lock()
	n.here[component] = s
	n.mu.Unlock()
	return p
}

// interpose puts the relay where others look for the component's socket, and then lets them look.
func (n *sockets) interpose(s *station) {
	n.t.Helper()
	name := filepath.Join(n.dir, "i", s.peer.Instance()+".s")
	s.path = filepath.Join(n.dir, s.peer.Instance())
	if err := os.Rename(name, s.path); err != nil {
		n.t.Fatalf("%v", err)
	}
	l, err := net.Listen("unix", name)
	if err != nil {
		n.t.Fatalf("%v", err)
	}
	s.listen = l
	n.wg.Go(func() { n.accept(s) })
	if err := s.peer.Announce(localbus.Record{State: localbus.StateReady}); err != nil {
		n.t.Fatalf("%v", err)
	}
}

func (n *sockets) accept(s *station) {
	for {
		in, err := s.listen.Accept()
		if err != nil {
			return
		}
		n.wg.Go(func() { n.relay(s, in) })
	}
}

// relay carries one connection until it ends on either side.
func (n *sockets) relay(s *station, in net.Conn) {
	defer in.Close()
	hello, from, err := readHello(in)
	if err != nil {
		return
	}
	out, err := net.Dial("unix", s.path)
	if err != nil {
		return
	}
	defer out.Close()
	if _, err := out.Write(hello); err != nil {
		return
	}
	r := &relay{from: from, in: in, out: out, upstream: s}
	s.mu.Lock()
	s.relays[r] = struct{}{}
	s.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { r.carry(in, out) })
	both.Go(func() { r.carry(out, in) })
	both.Wait()
	s.mu.Lock()
	delete(s.relays, r)
	s.mu.Unlock()
}

// readHello reads the first frame and finds out who sends it.
func readHello(c net.Conn) (frame []byte, from string, err error) {
	frame = make([]byte, 4)
	if _, err := io.ReadFull(c, frame); err != nil {
		return nil, "", err
	}
	frame = append(frame, make([]byte, binary.BigEndian.Uint32(frame))...)
	if _, err := io.ReadFull(c, frame[4:]); err != nil {
		return nil, "", err
	}
	_, rest, _ := bytes.Cut(frame, []byte(`"component":"`))
	name, _, _ := bytes.Cut(rest, []byte(`"`))
	return frame, string(name), nil
}

func (r *relay) carry(from, to net.Conn) {
	defer r.cut()
	buf := make([]byte, 32<<10)
	for {
		k, err := from.Read(buf)
		if err != nil {
			return
		}
		r.upstream.mu.Lock()
		gate := r.upstream.gate
		r.upstream.mu.Unlock()
		<-gate
		if _, err := to.Write(buf[:k]); err != nil {
			return
		}
	}
}

func (r *relay) cut() {
	_ = r.in.Close() // twice is an error, and both directions do it
	_ = r.out.Close()
}

// cut breaks the connections that a component has made to s; all of them when from is empty.
func (s *station) cut(from string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.relays {
		if from == "" || r.from == from {
			r.cut()
		}
	}
}

// leave takes the component off the bus. It waits for what the component is in the middle of.
func (s *station) leave() error {
	s.gone.Do(func() {
		if s.listen != nil {
			_ = s.listen.Close() // Kill has closed it, perhaps
		}
		s.cut("")
		s.err = s.peer.Close()
		if s.path != "" {
			_ = os.Remove(s.path) // the directory goes anyway
		}
	})
	return s.err
}

// Kill implements bustest.Net.
func (n *sockets) Kill(component string) {
	n.t.Helper()
	n.mu.Lock()
	s := n.here[component]
	delete(n.here, component)
	n.left = append(n.left, s)
	n.mu.Unlock()
	if s.listen != nil {
		if err := s.peer.LoseLease(); err != nil {
			n.t.Errorf("%v", err)
		}
		_ = s.listen.Close() // it is open
		s.cut("")
	}
	n.cutFrom(component)
	n.wg.Go(func() { _ = s.leave() }) // the end of the test asks again
}

func (n *sockets) cutFrom(component string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.here {
		s.cut(component)
	}
}

// Pause implements bustest.Net.
func (n *sockets) Pause(component string) func() {
	n.mu.Lock()
	s := n.here[component]
	n.mu.Unlock()
	gate := make(chan struct{})
	s.mu.Lock()
	s.gate = gate
	s.mu.Unlock()
	return sync.OnceFunc(func() { close(gate) })
}

// Cut implements bustest.Net.
func (n *sockets) Cut(from, to string) {
	n.mu.Lock()
	s := n.here[to]
	n.mu.Unlock()
	s.cut(from)
}

// Registry implements bustest.Net.
func (n *sockets) Registry(component string) bus.Registry {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.here[component].peer.Registry()
}

// Forget implements bustest.Net.
func (n *sockets) Forget(component string) {
	n.t.Helper()
	n.mu.Lock()
	s := n.here[component]
	n.mu.Unlock()
	if err := s.peer.ForgetRecord(); err != nil {
		n.t.Errorf("%v", err)
	}
}
