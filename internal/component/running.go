package component

import (
	"context"
	"sync"

	"github.com/woodwork-lang/ww/internal/bus"
)

// running are the handlers at work, so that a cancel can end one.
type running struct {
	mu   sync.Mutex
	jobs map[string]context.CancelCauseFunc
	late map[string]bool // told to end between their START and their begin
}

func (r *running) init() {
	r.jobs, r.late = map[string]context.CancelCauseFunc{}, map[string]bool{}
}

// begin notes a handler; done forgets it.
func (r *running) begin(ctx context.Context, id string) (job context.Context, done func()) {
	job, cancel := context.WithCancelCause(ctx)
	r.mu.Lock()
	r.jobs[id] = cancel
	if r.late[id] {
		delete(r.late, id)
		cancel(bus.ErrCanceled)
	}
	r.mu.Unlock()
	return job, func() {
		r.mu.Lock()
		delete(r.jobs, id)
		r.mu.Unlock()
		cancel(nil)
	}
}

// stop ends a handler because its turn was canceled.
func (r *running) stop(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.end(id) {
		r.late[id] = true // its START is written: it will begin
	}
}

// stopBegun is stop for what has begun, or is over.
func (r *running) stopBegun(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end(id)
}

func (r *running) end(id string) (begun bool) {
	cancel := r.jobs[id]
	if cancel != nil {
		cancel(bus.ErrCanceled)
	}
	return cancel != nil
}
