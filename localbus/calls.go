package localbus

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

var _ bus.Bus = (*Peer)(nil)

// Call implements bus.Bus. A component that is not ready is waited for, up to ctx's deadline and TargetWait. onPush
// runs in the caller's goroutine.
func (p *Peer) Call(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error) {
	session := m.Session
	if m.Type == event.TypeProcess && !p.keepsReceipts(to) {
		session = "" // no state of a session is asked for: whoever has the least to do
	}
	d, err := p.route(ctx, to, session)
	if err != nil {
		return event.Message{}, err
	}
	p.complete(&m, to)
	return d.request(ctx, to, &m, onPush)
}

// keepsReceipts reports whether requests to a component must go to the owner of their session.
func (p *Peer) keepsReceipts(component string) bool {
	c, _ := p.candidates(component)
	return len(c.serving) > 0 && c.serving[0].Receipts
}

// CallInstance calls one instance, whatever its state.
func (p *Peer) CallInstance(ctx context.Context, instance string, m event.Message, onPush func(event.Message)) (event.Message, error) {
	d, err := p.connTo(ctx, instance)
	if err != nil {
		return event.Message{}, unreachable(ctx, instance, err)
	}
	p.complete(&m, instance)
	return d.request(ctx, instance, &m, onPush)
}

// Ping asks one instance how it is.
func (p *Peer) Ping(ctx context.Context, instance string) (event.Health, error) {
	var h event.Health
	d, err := p.connTo(ctx, instance)
	if err != nil {
		return h, unreachable(ctx, instance, err)
	}
	m, err := d.ping(ctx, instance)
	if err != nil {
		return h, err
	}
	if err := json.Unmarshal(m.Body, &h); err != nil {
		return h, fmt.Errorf("%s: PONG: %w", instance, err)
	}
	return h, nil
}

func unreachable(ctx context.Context, instance string, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctxError(ctx, instance)
	case absent(err):
		return noTarget(instance, "it is not running")
	}
	return noTarget(instance, err.Error())
}

// complete fills in what every message has.
func (p *Peer) complete(m *event.Message, to string) {
	if m.ID == "" {
		m.ID = rand.Text()
	}
	if m.Source == "" {
		m.Source = p.opts.Component
	}
	if m.Subject == "" {
		m.Subject = to
	}
}

// ping sends a PING and waits for its PONG.
func (d *dialed) ping(ctx context.Context, to string) (event.Message, error) {
	c := d.newCall()
	d.mu.Lock()
	stream := d.reserveLocked(pending{call: c})
	if d.role == roleIdle {
		d.attendLocked()
	}
	d.mu.Unlock()
	if d.isClosed() {
		d.finish(stream, event.Message{}, peerDied(to, d.err))
	} else if err := d.out.bare(framePing, stream, nil, nil); err != nil {
		d.finish(stream, event.Message{}, peerDied(to, err))
	}
	return d.wait(ctx, to, stream, c, nil)
}
