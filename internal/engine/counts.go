package engine

import (
	"path/filepath"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/metrics"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

// tally is what the supervisor counts, and where it and the components keep their numbers for when they are gone.
type tally struct {
	mu    sync.Mutex // one Put at a time: an older number must not replace a newer one
	shelf metrics.Shelf
}

func newTally(state string) *tally {
	return &tally{shelf: metrics.Shelf{Dir: filepath.Join(state, metrics.ShelfDir)}}
}

// openTally begins to count from nothing, or goes on with what an earlier supervisor left.
func (e *Engine) openTally(goOn bool) {
	if goOn {
		e.retireCounts()
		return
	}
	if err := e.tally.shelf.Clear(); err != nil {
		e.o.Log.Warn("what an earlier run has counted", "error", err)
	}
}

// counted is what the supervisor has counted. What is shown is kept before.
func (e *Engine) counted() metrics.Snapshot {
	e.tally.mu.Lock()
	defer e.tally.mu.Unlock()
	s := e.set.Snapshot()
	if err := e.tally.shelf.Put(e.seat.Instance(), s); err != nil {
		e.o.Log.Warn("what was counted cannot be kept", "error", err)
	}
	return s
}

// retireCounts adds up what the dead have counted.
func (e *Engine) retireCounts() {
	err := e.tally.shelf.Retire(func() (func(string) bool, error) {
		recs, err := localbus.Records(e.dir)
		lives := map[string]bool{}
		for _, r := range recs {
			lives[r.Instance] = r.Alive
		}
		return func(instance string) bool { return lives[instance] }, err
	})
	if err != nil {
		e.o.Log.Warn("what the dead have counted", "error", err)
	}
}

// Why a component ended without being asked to, as the label of a metric.
const (
	endExit     = "exit"
	endSignal   = "signal"
	endMemory   = "memory"
	endNotReady = "not_ready"
	endHung     = "hung"
	endGivenUp  = "given_up" // it is not started again
)

// lost counts an end that nobody asked for.
func (e *Engine) lost(name string, ev supervisor.Event) {
	if why := whyLost(ev); why != "" {
		e.set.Failures.With(name, why).Inc()
	}
	if ev.To == supervisor.Failed {
		e.set.Failures.With(name, endGivenUp).Inc()
	}
	e.counted()
}

func whyLost(ev supervisor.Event) string {
	switch {
	case ev.To == supervisor.Failed && ev.From == supervisor.Backoff:
		return "" // its end was counted
	case ev.Exit.OOM:
		return endMemory
	case strings.HasPrefix(ev.Reason, "hung"):
		return endHung
	case strings.HasPrefix(ev.Reason, "not ready"):
		return endNotReady
	case ev.Exit.Signal != 0:
		return endSignal
	}
	return endExit
}
