package localbus

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"
)

// pollEvery is how often a directory is looked at when the system does not tell of changes.
const pollEvery = 250 * time.Millisecond

// Watch sends a hint when something in a run directory may have changed: a record, or the life of an instance. Hints
// are coalesced, may come without a reason, and come late where the system does not tell. The channel is closed when
// ctx ends.
func Watch(ctx context.Context, dir string) <-chan struct{} {
	out := make(chan struct{}, 1)
	hint := func() {
		select {
		case out <- struct{}{}:
		default:
		}
	}
	go func() {
		defer close(out)
		err := watchNotify(ctx, instancesDir(dir), hint)
		for errors.Is(err, errGone) && awaitDir(ctx, instancesDir(dir), hint) {
			err = watchNotify(ctx, instancesDir(dir), hint)
		}
		if err != nil {
			watchPoll(ctx, instancesDir(dir), hint)
		}
	}()
	return out
}

// errGone says that a directory was removed, or has another name now.
var errGone = errors.New("the directory is gone")

// awaitDir waits until a directory is there again, and hints meanwhile that it is not; false when ctx has ended.
func awaitDir(ctx context.Context, dir string, hint func()) bool {
	t := time.NewTicker(pollEvery)
	defer t.Stop()
	for {
		if st, err := os.Stat(dir); err == nil && st.IsDir() {
			return true
		}
		hint()
		select {
		case <-t.C:
		case <-ctx.Done():
			return false
		}
	}
}

// watchPoll hints when the directory's time changes, and once a second besides: a death changes nothing in it.
func watchPoll(ctx context.Context, dir string, hint func()) {
	t := time.NewTicker(pollEvery)
	defer t.Stop()
	var last time.Time
	for n := 0; ; n++ {
		if st, err := os.Stat(dir); err == nil && !st.ModTime().Equal(last) || n%4 == 0 {
			if err == nil {
				last = st.ModTime()
			}
			hint()
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

// hints share one directory watch among all who wait for a component. It exists while somebody does: there are few of
// them per user.
type hints struct {
	watch func(context.Context) <-chan struct{}

	mu      sync.Mutex
	waiting map[*waiter]struct{}
	stop    context.CancelFunc
}

// waiter is one who waits for a change.
type waiter struct {
	h *hints
	c chan struct{}
}

func (h *hints) join(p *Peer) *waiter {
	w := &waiter{h: h, c: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting == nil {
		h.waiting = map[*waiter]struct{}{}
	}
	h.waiting[w] = struct{}{}
	if h.stop == nil {
		ctx, cancel := context.WithCancel(p.ctx)
		h.stop = cancel
		if !p.spawn(func() { h.run(ctx) }) {
			cancel()
		}
	}
	return w
}

func (w *waiter) leave() {
	w.h.mu.Lock()
	defer w.h.mu.Unlock()
	delete(w.h.waiting, w)
	if len(w.h.waiting) == 0 && w.h.stop != nil {
		w.h.stop()
		w.h.stop = nil
	}
}

func (h *hints) run(ctx context.Context) {
	for range h.watch(ctx) {
		h.mu.Lock()
		for w := range h.waiting {
			select {
			case w.c <- struct{}{}:
			default:
			}
		}
		h.mu.Unlock()
	}
}
