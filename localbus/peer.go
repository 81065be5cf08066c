package localbus

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/rounds"
)

// Peer is a process's seat on the bus. It implements bus.Bus.
type Peer struct {
	opts      Options
	net       transport
	seats     int32        // how many goroutines may wait in the kernel for a frame
	seated    atomic.Int32 // how many do
	lease     *lease
	listener  net.Listener
	ctx       context.Context // ends when the peer leaves
	cancel    context.CancelFunc
	cork      cork
	lazy      lazy
	subs      subscribers
	hints     hints
	life      life
	looks     *rounds.Rounds // at the files of this instance
	container func() string  // id of the container that this process runs in

	mu      sync.Mutex
	closed  bool
	wg      sync.WaitGroup // Add under mu and not when closed
	dialing map[string]*dialing
	served  map[*served]struct{}
	targets map[string]*target
	links   map[string]*link
}

// Instance is the name of this seat.
func (p *Peer) Instance() string { return p.opts.Instance }

// Announce writes the record of this instance, or replaces it. What the peer knows itself need not be filled in. A state
// that may not follow the last one is refused with a *bus.TransitionError; the record stays as it was.
func (p *Peer) Announce(r Record) error {
	if p.opts.Role == RoleClient {
		return errors.New("a client has no record")
	}
	p.identify(&r)
	if err := p.life.say(p.opts.Dir, r); err != nil {
		return err
	}
	if r.State == StateShuttingDown || r.Standby {
		p.sayGoAway()
	}
	return nil
}

// identify fills in what the peer knows of itself.
func (p *Peer) identify(r *Record) {
	r.V, r.Instance, r.Component, r.Role = RecordVersion, p.opts.Instance, p.opts.Component, p.opts.Role
	r.Generation, r.Socket = p.opts.Generation, p.opts.Instance+".s"
	r.PID = os.Getpid()
	r.PIDStart, r.BootID = processIdentity()
	r.ContainerID = p.container()
	if r.Node == "" {
		r.Node, _ = os.Hostname() // one without a name is nameless
	}
	if r.RegisteredAt.IsZero() {
		r.RegisteredAt = time.Now()
	}
}

// sayGoAway makes those who send here look for another instance.
func (p *Peer) sayGoAway() {
	p.mu.Lock()
	served, _ := p.connsLocked()
	p.mu.Unlock()
	for _, s := range served {
		_ = s.out.bare(frameGoAway, 0, nil, nil) // a broken connection is seen by its reader
	}
}

// accept takes connections until the peer leaves, or listens elsewhere.
func (p *Peer) accept(l net.Listener) {
	defer runtime.KeepAlive(p)
	for {
		c, err := l.Accept()
		if err == nil {
			if !p.spawn(func() { p.serve(c) }) {
				_ = c.Close() // we are leaving
			}
			continue
		}
		if p.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			return
		}
		p.opts.Log.Warn("connection not accepted", "error", err)
		if final(err) {
			continue
		}
		select {
		case <-time.After(50 * time.Millisecond): // out of descriptors, most likely
		case <-p.ctx.Done():
			return
		}
	}
}

// serve is the life of one accepted connection.
func (p *Peer) serve(nc net.Conn) {
	w, theirs, err := p.meet(nc, false)
	if err != nil {
		level := slog.LevelWarn
		if errors.Is(err, io.EOF) { // it has left without a word: who asks in passing does not wait for long
			level = slog.LevelDebug
		}
		p.opts.Log.Log(p.ctx, level, "connection refused", "error", err)
		_ = nc.Close() // the reason is logged
		return
	}
	s := newServed(newConn(p, w, theirs))
	p.mu.Lock()
	closed := p.closed
	p.served[s] = struct{}{}
	p.mu.Unlock()
	if closed {
		s.close(ErrClosed)
		return
	}
	s.run()
}

// meet finds out who is at the other end.
func (p *Peer) meet(nc net.Conn, dialed bool) (wire, hello, error) {
	theirs, err := handshake(nc, hello{
		Min: minVersion, Max: maxVersion, App: p.opts.App, Instance: p.opts.Instance, Component: p.opts.Component,
		Role: p.opts.Role, Generation: p.opts.Generation, MaxFrame: p.opts.MaxFrame, Credit: streamCredit,
	}, dialed)
	if err != nil {
		return nil, hello{}, err
	}
	w, err := p.net.wire(nc)
	return w, theirs, err
}

func (p *Peer) forgetServed(s *served) {
	p.mu.Lock()
	delete(p.served, s)
	p.mu.Unlock()
}

// spawn starts a goroutine that Close waits for; false when the peer has left.
func (p *Peer) spawn(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.wg.Go(f)
	return true
}

// later runs f in a goroutine of its own. After the peer has left nobody waits for it any more.
func (p *Peer) later(f func()) {
	if !p.spawn(f) {
		go f()
	}
}

// takeKernel claims the right to wait in the kernel. Few goroutines of a peer may: each holds a processor meanwhile.
func (p *Peer) takeKernel() bool {
	if p.seated.Add(1) <= p.seats {
		return true
	}
	p.seated.Add(-1)
	return false
}

func (p *Peer) giveKernel() { p.seated.Add(-1) }

// Close leaves the bus: peers are told, connections end, and everything that this peer put into the run directory is
// removed. The lease goes last.
func (p *Peer) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	served, dialed := p.connsLocked()
	listener := p.listener
	p.mu.Unlock()
	p.cancel()
	var errs []error
	if listener != nil {
		errs = append(errs, listener.Close())
	}
	for _, s := range served {
		_ = s.out.bare(frameGoAway, 0, nil, nil) // it will see the end of the connection anyway
		s.close(ErrClosed)
	}
	for _, d := range dialed {
		d.close(ErrClosed)
	}
	p.wg.Wait()
	if p.lease != nil {
		errs = append(errs, p.removeFiles(), p.lease.release())
	}
	return errors.Join(append(errs, p.net.close())...)
}

func (p *Peer) connsLocked() (in []*served, out []*dialed) {
	for s := range p.served {
		in = append(in, s)
	}
	for _, g := range p.dialing {
		if g.conn != nil {
			out = append(out, g.conn)
		}
	}
	return in, out
}

func (p *Peer) removeFiles() error {
	l, err := lockDir(p.opts.Dir)
	if err != nil {
		return err
	}
	defer l.unlock()
	return removeInstance(p.opts.Dir, p.opts.Instance)
}

// deaf is the receiver of a peer that has none.
type deaf struct{}

func (deaf) Accept(batch []event.Message) []bus.Verdict {
	out := make([]bus.Verdict, len(batch))
	for i := range out {
		out[i] = bus.Verdict{Code: bus.UnknownType, Reason: "takes no messages"}
	}
	return out
}

func (deaf) Call(req bus.Request) { req.Fail(bus.UnknownType, "takes no calls") }
func (deaf) Event(event.Message)  {}

func isErrno(err error, want unix.Errno) bool {
	var e unix.Errno
	return errors.As(err, &e) && e == want
}
