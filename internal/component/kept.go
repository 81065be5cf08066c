package component

import (
	"path/filepath"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/metrics"
)

// keptEvery is how often a component that counts keeps its numbers, at most; it does so with its heartbeat.
const keptEvery = time.Second

// shelved are the numbers of this instance on the shelf of the app, for when it is gone.
type shelved struct {
	mu    sync.Mutex
	total uint64    // of what is on the shelf; guarded by mu
	at    time.Time // guarded by mu
}

// shelf is where the app keeps what was counted; empty when it keeps nothing.
func (r *Runner) shelf() metrics.Shelf {
	if r.spec.App.StateDir == "" || r.spec.Instance == "" {
		return metrics.Shelf{}
	}
	return metrics.Shelf{Dir: filepath.Join(r.spec.App.StateDir, metrics.ShelfDir)}
}

// keepCounts puts what was counted on the shelf, if anything was since, and says what it is.
func (r *Runner) keepCounts() metrics.Snapshot {
	r.shelved.mu.Lock()
	defer r.shelved.mu.Unlock()
	r.shelved.at = time.Now()
	total := r.counts.set.Total() // before the snapshot: what comes in between is kept the next time
	now := r.metrics()
	s := r.shelf()
	if s.Dir == "" || total == r.shelved.total {
		return now
	}
	if err := s.Put(r.spec.Instance, now); err != nil {
		r.log.Warn("what was counted cannot be kept", "error", err)
		return now
	}
	r.shelved.total = total
	return now
}

// keepCountsSoon keeps them on the side, unless that was just done.
func (r *Runner) keepCountsSoon() {
	r.shelved.mu.Lock()
	due := time.Since(r.shelved.at) >= keptEvery
	if due {
		r.shelved.at = time.Now()
	}
	r.shelved.mu.Unlock()
	if due {
		r.jobs.Go(func() { r.keepCounts() })
	}
}

// measured answers with every number. What is shown is on the shelf before: no total gets smaller afterwards.
func (r *Runner) measured(req bus.Request) {
	r.jobs.Go(func() { replyJSON(req, r.keepCounts()) })
}
