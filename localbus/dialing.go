package localbus

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"time"

	"golang.org/x/sys/unix"
)

// dialing is one connection to an instance, or the attempt to get it. ready is closed when conn or err is set.
type dialing struct {
	ready chan struct{}
	conn  *dialed
	err   error
}

// connTo returns the connection to an instance, and makes it when there is none. Callers at the same time share one
// attempt.
func (p *Peer) connTo(ctx context.Context, instance string) (*dialed, error) {
	p.mu.Lock()
	g := p.dialing[instance]
	if g == nil {
		if p.closed {
			p.mu.Unlock()
			return nil, ErrClosed
		}
		g = &dialing{ready: make(chan struct{})}
		p.dialing[instance] = g
		p.wg.Go(func() { p.dial(g, instance) })
	}
	p.mu.Unlock()
	select {
	case <-g.ready:
		return g.conn, g.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// openTo returns the connection to an instance when there is one now.
func (p *Peer) openTo(instance string) *dialed {
	p.mu.Lock()
	defer p.mu.Unlock()
	if g := p.dialing[instance]; g != nil {
		return g.conn
	}
	return nil
}

// dial makes the connection and then reads from it until its end.
func (p *Peer) dial(g *dialing, instance string) {
	ctx, cancel := context.WithTimeout(p.ctx, helloWait)
	defer cancel()
	d, err := p.dialOnce(ctx, instance)
	for err != nil && busyDial(err) && ctx.Err() == nil {
		select {
		case <-time.After(time.Duration(5+rand.IntN(20)) * time.Millisecond): // jitter: all wait for the same listener
		case <-ctx.Done():
		}
		d, err = p.dialOnce(ctx, instance)
	}
	p.mu.Lock()
	if err == nil && p.closed {
		p.mu.Unlock()
		d.close(ErrClosed)
		p.mu.Lock()
		d, err = nil, ErrClosed
	}
	g.conn, g.err = d, err
	if err != nil && p.dialing[instance] == g {
		delete(p.dialing, instance)
	}
	p.mu.Unlock()
	close(g.ready)
	if d != nil {
		d.run()
	}
}

func (p *Peer) dialOnce(ctx context.Context, instance string) (*dialed, error) {
	nc, err := p.net.dial(ctx, instance)
	if err != nil {
		return nil, err
	}
	w, theirs, err := p.meet(nc, true)
	if err != nil {
		return nil, errors.Join(err, nc.Close())
	}
	return newDialed(newConn(p, w, theirs)), nil
}

// forgetDialed makes room for a new connection to the same instance.
func (p *Peer) forgetDialed(d *dialed) {
	p.mu.Lock()
	if g := p.dialing[d.remote.Instance]; g != nil && g.conn == d {
		delete(p.dialing, d.remote.Instance)
	}
	p.mu.Unlock()
	p.resolveAgain(d.remote.Component)
}

// absent says whether a dial failed because nobody is there any more.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || isErrno(err, unix.ECONNREFUSED)
}

// final says whether dialing again cannot help: the peer is there and is not one of ours.
func final(err error) bool {
	var foreign *foreignError
	var version *versionError
	var app *appError
	return errors.As(err, &foreign) || errors.As(err, &version) || errors.As(err, &app)
}
