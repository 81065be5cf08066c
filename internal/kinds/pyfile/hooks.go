package pyfile

import (
	"context"
	"fmt"
	"time"

	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/script"
)

// hook hands an event on and returns when it is on its way.
func (f *file) hook(d events.Delivery) {
	f.mu.Lock()
	if f.hooks >= mostHooks {
		f.dropped++
		f.mu.Unlock()
		return
	}
	if f.hooks++; f.hooks == 1 {
		f.quiet = make(chan struct{})
	}
	if f.unsent++; f.unsent == 1 {
		f.sent = make(chan struct{})
	}
	dropped := f.dropped
	f.dropped = 0
	f.mu.Unlock()
	if dropped > 0 {
		f.h.env.Log.Warn("hooks are too slow: events were dropped", "file", f.path, "dropped", dropped)
	}
	f.queue <- d // it has room for all that may wait
}

// tell hands the events of hooks to the worker, in order, and does not wait for what the hooks do.
func (f *file) tell() {
	for {
		select {
		case d := <-f.queue:
			f.post(d)
		case <-f.over:
			return
		}
	}
}

func (f *file) post(d events.Delivery) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), f.h.patient(f.path, hookLimit), errLimit)
	w, err := f.take(ctx, "hook "+d.Session)
	var wait func(context.Context) (script.Payload, error)
	if err == nil {
		var r script.Request
		r, err = request(d.Session, map[string]any{"op": "hook", "event": d.Event, "functions": d.Functions, "payload": d.Payload})
		if err == nil {
			wait, err = w.process.Post(ctx, r, script.Listener{})
		}
	}
	f.mu.Lock()
	if f.unsent--; f.unsent == 0 {
		close(f.sent)
		f.late = false
	}
	f.mu.Unlock()
	go func() {
		defer cancel()
		if err == nil {
			_, err = wait(ctx)
			if ctx.Err() != nil {
				f.stop(w, "hook "+d.Session)
			}
		}
		if w != nil {
			f.giveBack(w)
		}
		f.mu.Lock()
		if f.hooks--; f.hooks == 0 {
			close(f.quiet)
		}
		f.mu.Unlock()
		if err != nil {
			f.h.env.Log.Warn("a hook failed", "event", d.Event, "file", f.path, "function", fmt.Sprint(d.Functions), "error", err)
		}
	}()
}

// behindHooks waits a moment until hooks that were told before are on their way; not again, until they are.
func (f *file) behindHooks(ctx context.Context) {
	f.mu.Lock()
	sent, none := f.sent, f.unsent == 0 || f.late
	f.mu.Unlock()
	if none {
		return
	}
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-sent:
	case <-timer.C:
		f.mu.Lock()
		f.late = f.unsent > 0 && f.sent == sent
		f.mu.Unlock()
	case <-ctx.Done():
	}
}

// drain gives hooks some time to hear what was told.
func (f *file) drain(ctx context.Context) {
	f.mu.Lock()
	quiet, none := f.quiet, f.hooks == 0
	f.mu.Unlock()
	if none {
		return
	}
	timer := time.NewTimer(drainLimit)
	defer timer.Stop()
	select {
	case <-quiet:
	case <-timer.C:
		f.h.env.Log.Warn("hooks are left out: the component ends", "file", f.path)
	case <-ctx.Done():
	}
}
