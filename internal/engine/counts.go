package engine

import (
	"strings"

	"github.com/woodwork-lang/ww/supervisor"
)

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
