package component

import (
	"context"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/fault"
)

// drain ends in an orderly way: nothing new is taken from faces, what runs may finish within the drain time, what is
// left stays in the journals.
func (r *Runner) drain(cancel context.CancelFunc) {
	r.at(fault.DrainBefore)
	defer r.at(fault.DrainAfter)
	r.refuseUnlessOrdered()
	r.setState(StateShuttingDown)
	r.announceLogged("")
	r.slots.close()
	if !r.jobs.wait(r.spec.Timing.Drain) {
		r.log.Warn("turns were still running at the end of the drain; they stay in the journal")
	}
	cancel()
}

// What is said to those who come with a new turn. Where the app ends, that is the last word. One instance that ends, as it
// does when it is replaced or started again, has a successor: who asks finds it when it asks again.
const (
	stoppingRefusal = "app is stopping"
	endingRefusal   = "it is shutting down"
	leavingRefusal  = "this instance is leaving; another one takes its place"
)

func (r *Runner) refuseWith(why string) {
	r.refuse.Store(&bus.Verdict{Code: bus.Draining, Reason: why})
}

// refuseUnlessOrdered refuses new turns when nobody has said yet why they are refused.
func (r *Runner) refuseUnlessOrdered() {
	r.refuse.CompareAndSwap(nil, &bus.Verdict{Code: bus.NotOwner, Reason: leavingRefusal})
}

// waitIdle waits until every partition is idle or ctx ends, and returns how many were not.
func (r *Runner) waitIdle(ctx context.Context) int {
	t := time.NewTicker(5 * time.Millisecond)
	defer t.Stop()
	for {
		open := r.busyInboxes()
		if open == 0 {
			return 0
		}
		select {
		case <-ctx.Done():
			return open
		case <-t.C:
		}
	}
}

func (r *Runner) busyInboxes() int {
	n := 0
	for _, in := range r.inboxes {
		in.mu.Lock()
		if in.journal != nil && !in.part.Idle() {
			n++
		}
		in.mu.Unlock()
	}
	return n
}
