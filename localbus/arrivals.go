package localbus

import (
	"context"
	"time"
)

// Arrivals makes f be called whenever a component has an instance that is ready and was not before, until ctx ends.
// Those that are ready when Arrivals returns, which is at once, are not new.
func (p *Peer) Arrivals(ctx context.Context, component string, f func()) {
	watch, known := p.hints.join(p), p.readyOnes(component)
	if !p.spawn(func() {
		defer watch.leave()
		p.arrivals(ctx, watch, component, known, f)
	}) {
		watch.leave()
	}
}

func (p *Peer) arrivals(ctx context.Context, watch *waiter, component string, known map[string]bool, f func()) {
	t := time.NewTicker(recheck) // where the system does not tell, and because a lease says nothing when it is taken
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.ctx.Done():
			return
		case <-watch.c:
		case <-t.C:
		}
		now, came := p.readyOnes(component), false
		for instance := range now {
			came = came || !known[instance]
		}
		known = now
		if came {
			p.resolveAgain(component)
			f()
		}
	}
}

// readyOnes are the instances of a component that are alive and ready.
func (p *Peer) readyOnes(component string) map[string]bool {
	ready := map[string]bool{}
	recs, _ := RecordsOf(p.opts.Dir, component) // what cannot be read is not ready
	for _, r := range recs {
		if r.Alive && r.State == StateReady {
			ready[r.Instance] = true
		}
	}
	return ready
}
