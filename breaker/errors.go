package breaker

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrOpen is what every [*OpenError] is.
	ErrOpen = errors.New("breaker is open")
	// ErrSilent is the cause of the cancellation of a call that was silent for too long.
	ErrSilent = errors.New("no answer and no sign of life within the timeout")
	// ErrFull says that a [Bulkhead] has no place for another call.
	ErrFull = errors.New("too many calls to it are under way")
)

// Why a breaker changed, in words for people.
const (
	reasonOverload    = "it is overloaded and said when to come back"
	reasonProbeFailed = "the probe failed"
	reasonProbing     = "its one probe is under way"
	reasonLease       = "the probe did not come back in time"
	reasonProbesOK    = "the probes went well"
	reasonWaited      = "its time is over"
	reasonReady       = "it has a new instance"
	reasonForceOver   = "the order has run out"
)

func failuresInARow(n int) string { return fmt.Sprintf("%d failures in a row", n) }

func failureRate(failed, n int) string {
	return fmt.Sprintf("%d of the last %d calls failed", failed, n)
}

// OpenError says why a call was not made.
type OpenError struct {
	Name   string
	State  State // Open, HalfOpen (its one probe is under way) or ForcedOpen
	Reason string
	By     string // who ordered it, if by hand
	// Overload says that the target itself asked to be left alone for a while.
	Overload bool

	b   *Breaker
	gen uint64
}

func (e *OpenError) Error() string {
	msg := fmt.Sprintf("breaker of %s is %s: %s", e.Name, e.State, e.Reason)
	if e.By != "" {
		msg += " (" + e.By + ")"
	}
	if d := e.RetryAfter(); d > 0 {
		msg += fmt.Sprintf("; next try in %s", d.Round(time.Millisecond))
	}
	return msg
}

// Is makes errors.Is(err, ErrOpen) true.
func (e *OpenError) Is(target error) bool { return target == ErrOpen }

// RetryAfter says how long from now a call has no chance, 0 if it may have one or if nobody knows.
func (e *OpenError) RetryAfter() time.Duration {
	if e.b == nil {
		return 0
	}
	e.b.mu.Lock()
	defer e.b.mu.Unlock()
	if e.gen != e.b.gen {
		return 0
	}
	return e.b.remaining(e.b.set.Now())
}
