package component

import (
	"slices"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// alpha is the weight of the newest turn in the averages.
const alpha = 0.1

// stats are the moving averages of a component's turns.
type stats struct {
	mu      sync.Mutex
	success float64
	service float64 // milliseconds
	turns   int
}

func (s *stats) init() { s.success = 1 }

func (s *stats) add(d time.Duration, ok bool) {
	v := 0.0
	if ok {
		v = 1
	}
	took := float64(d.Microseconds()) / 1000
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turns == 0 {
		s.service = took
	}
	s.turns++
	s.success += alpha * (v - s.success)
	s.service += alpha * (took - s.service)
}

// asked answers a PING.
func (r *Runner) asked() event.Health {
	r.beats.Awake()
	return r.Health()
}

// Health is the component's load now; it rides on every heartbeat.
func (r *Runner) Health() event.Health {
	r.keepCountsSoon()
	h := event.Health{State: r.stateNow()}
	h.InFlight, h.Max = r.slots.load()
	now := r.clock.now()
	for _, in := range r.inboxes {
		queued, oldest := in.load()
		h.Queued += queued
		if !oldest.IsZero() {
			h.OldestAgeMS = max(h.OldestAgeMS, now.Sub(oldest).Milliseconds())
		}
	}
	r.stats.mu.Lock()
	h.SuccessRate, h.AvgServiceMS = r.stats.success, r.stats.service
	r.stats.mu.Unlock()
	h.Breakers = r.breakersBrief()
	return h
}

func (in *inbox) load() (queued int, oldest time.Time) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.journal == nil {
		return 0, time.Time{}
	}
	return in.part.Load()
}

// processes are the user's processes below this runner.
type processes struct {
	mu           sync.Mutex
	guard, child int
	groups       []int
}

func (p *processes) set(guard, child int, groups []int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.guard, p.child, p.groups = guard, child, slices.Clone(groups)
}

func (p *processes) get() (guard, child int, groups []int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.guard, p.child, slices.Clone(p.groups)
}
