package engine

import (
	"context"

	"github.com/woodwork-lang/ww/supervisor"
)

// watcher waits for something to be so in the fleet.
type watcher struct {
	cond func(f *fleet) (bool, error)
	over chan error
}

// wake asks every watcher whether what it waits for is so.
func (f *fleet) wake() {
	kept := f.watchers[:0]
	for _, w := range f.watchers {
		ok, err := w.cond(f)
		if ok || err != nil {
			w.over <- err
			continue
		}
		kept = append(kept, w)
	}
	clear(f.watchers[len(kept):])
	f.watchers = kept
}

type watching struct{ w *watcher }

func (n watching) take(f *fleet) { f.watchers = append(f.watchers, n.w) } // asked at once by the loop

type unwatch struct{ w *watcher }

func (n unwatch) take(f *fleet) {
	for i, w := range f.watchers {
		if w == n.w {
			f.watchers = append(f.watchers[:i], f.watchers[i+1:]...)
			return
		}
	}
}

// await returns when cond, which runs in the fleet's goroutine after every change, says that it is so or that it never
// will be.
func (f *fleet) await(ctx context.Context, cond func(f *fleet) (bool, error)) error {
	w := &watcher{cond: cond, over: make(chan error, 1)}
	f.tell(watching{w})
	select {
	case err := <-w.over:
		return err
	case <-f.done:
		return supervisor.ErrEnded
	case <-ctx.Done():
		f.tell(unwatch{w})
		return context.Cause(ctx)
	}
}

// do runs fn in the fleet's goroutine and returns when it has run, or when there is no fleet any more.
func (f *fleet) do(fn func(f *fleet)) {
	n := done{fn: fn, ran: make(chan struct{})}
	f.tell(n)
	select {
	case <-n.ran:
	case <-f.done:
	}
}

type done struct {
	fn  func(f *fleet)
	ran chan struct{}
}

func (n done) take(f *fleet) {
	n.fn(f)
	close(n.ran)
}
