package localbus

import (
	"context"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
)

// Watch implements bus.Directory. The directory tells that something has changed; what, is found by looking.
func (r registry) Watch(ctx context.Context, q bus.Query) (<-chan bus.Change, error) {
	ctx, cancel := context.WithCancel(ctx)
	hints := r.p.net.watch(ctx) // before the first look: what comes in between is told twice, not never
	found, err := r.look(q)
	if err != nil {
		cancel()
		return nil, err
	}
	out := make(chan bus.Change)
	w := watcher{registry: r, query: q, out: out}
	started := r.p.spawn(func() {
		defer close(out)
		defer cancel()
		stop := context.AfterFunc(r.p.ctx, cancel)
		defer stop()
		if w.tell(ctx, found) {
			w.run(ctx, hints)
		}
	})
	if !started {
		cancel()
		return nil, ErrClosed
	}
	return out, nil
}

// watcher is one watch.
type watcher struct {
	registry
	query bus.Query
	seen  bus.Seen
	known []bus.ComponentInfo
	out   chan<- bus.Change
}

// run looks again whenever there is a reason to, and a few times after it for the deaths that the kernel tells of before
// it gives their leases back.
func (w *watcher) run(ctx context.Context, hints <-chan struct{}) {
	var probe <-chan time.Time
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return
		case _, open := <-hints:
			if !open {
				return
			}
			n = 0
			if !w.again(ctx) {
				return
			}
		case <-probe:
			n++
			if w.somebodyDied() && !w.again(ctx) {
				return
			}
		}
		probe = nil
		if n < len(probeDelays) {
			probe = time.After(probeDelays[n])
		}
	}
}

// again reads the records and tells what is different; false when nobody listens any more.
func (w *watcher) again(ctx context.Context) bool {
	found, err := w.look(w.query)
	if err != nil {
		w.p.opts.Log.Warn("reading the registry", "error", err)
		return true
	}
	return w.tell(ctx, found)
}

func (w *watcher) somebodyDied() bool {
	for _, c := range w.known {
		if !Alive(w.p.opts.Dir, c.ID) {
			return true
		}
	}
	return false
}

// tell passes on what is different; false when nobody listens any more.
func (w *watcher) tell(ctx context.Context, now []bus.ComponentInfo) bool {
	w.known = now
	for _, c := range w.seen.Changes(now) {
		select {
		case w.out <- c:
		case <-ctx.Done():
			return false
		}
	}
	return true
}
