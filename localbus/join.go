package localbus

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
	"github.com/woodwork-lang/ww/internal/rounds"
)

// Options say who joins.
type Options struct {
	Dir        string // run directory of the app, from OpenRunDir
	App        string // eight hex digits; peers of another app are refused
	Component  string
	Instance   string // from NewInstance when empty
	Role       Role   // RoleComponent when empty
	Generation int
	Receiver   bus.Receiver        // takes what is sent here; not needed by a client
	Health     func() event.Health // answers PING, must not wait; nil: what the last Heartbeat said
	MaxFrame   int                 // DefaultMaxFrame when 0, at most HardMaxFrame
	TargetWait time.Duration       // how long a call waits for a component to be ready; 5 s when 0
	Log        *slog.Logger        // nil: nothing is logged
	// Unwanted says why a component will not become ready, so that nobody waits for it; "" when it may. Nil: all may.
	Unwanted func(component string) (reason string)
	// Searched hears of every search for an instance: one for each message to a component without an open connection.
	// Nil: nobody does. It must not wait.
	Searched func(component string, took time.Duration, found bool)
	Faults   *fault.Set // the seams of this process; nil: nobody can give orders to them

	transport transport // nil: Unix sockets
}

func (o Options) withDefaults() Options {
	if o.Role == "" {
		o.Role = RoleComponent
	}
	if o.Instance == "" {
		o.Instance = NewInstance(o.Component)
	}
	if o.Receiver == nil {
		o.Receiver = deaf{}
	}
	if o.MaxFrame <= 0 {
		o.MaxFrame = DefaultMaxFrame
	}
	o.MaxFrame = min(o.MaxFrame, HardMaxFrame)
	if o.TargetWait <= 0 {
		o.TargetWait = 5 * time.Second
	}
	if o.Unwanted == nil {
		o.Unwanted = func(string) string { return "" }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Join takes a seat on the bus. A component or the control peer takes its lease and opens its socket; others find it
// once it has announced itself. A client only dials. ctx bounds the joining, not the stay.
func Join(ctx context.Context, o Options) (*Peer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o = o.withDefaults()
	if err := prepare(o.Dir); err != nil {
		return nil, err
	}
	p := &Peer{
		opts: o, net: o.transport, dialing: map[string]*dialing{}, served: map[*served]struct{}{},
		targets: map[string]*target{}, links: map[string]*link{},
		looks:     rounds.New(lookAfter),
		container: sync.OnceValue(containerID),
	}
	if p.net == nil {
		t, err := newUnixTransport(o.Dir, o.Faults)
		if err != nil {
			return nil, err
		}
		p.net, p.seats = t, kernelSeats(runtime.GOMAXPROCS(0))
	}
	if p.opts.Health == nil {
		p.opts.Health = p.life.health
	}
	p.ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	p.hints.watch, p.life.faults = p.net.watch, o.Faults
	if o.Role == RoleClient {
		return p, nil
	}
	if err := p.open(); err != nil {
		p.cancel()
		return nil, errors.Join(err, p.net.close())
	}
	l := p.listener
	p.spawn(func() { p.accept(l) })
	if t, ok := p.net.(*unixTransport); ok {
		p.spawn(func() { p.stay(t) })
	}
	return p, nil
}

// open takes the lease and opens the socket.
func (p *Peer) open() error {
	if !validInstance(p.opts.Instance) {
		return &DirError{Path: p.opts.Dir, What: "cannot hold an instance named " + p.opts.Instance}
	}
	p.opts.Faults.At(fault.LeaseBefore)
	l, err := takeLease(p.opts.Dir, p.opts.Instance)
	if err != nil {
		return err
	}
	p.lease = l
	p.opts.Faults.At(fault.LeaseAfter)
	p.listener, err = p.net.listen(p.opts.Instance)
	if err != nil {
		return errors.Join(err, p.removeFiles(), l.release())
	}
	p.opts.Faults.At(fault.BindAfter)
	return nil
}
