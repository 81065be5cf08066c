// Package rounds does what a process has to do again and again when it is awake anyway. Every wake of a process that
// otherwise sleeps costs more than most of what it is woken for: two threads start, look for work and go to sleep again.
package rounds

import "time"

// Rounds calls for work about once in every period: when it is told that the process is awake, and by itself when
// nobody tells it.
type Rounds struct {
	every time.Duration
	awake chan struct{}
}

// New makes rounds that are due after each such period.
func New(every time.Duration) *Rounds {
	return &Rounds{every: every, awake: make(chan struct{}, 1)}
}

// Awake says that the process is awake. It never waits.
func (r *Rounds) Awake() {
	select {
	case r.awake <- struct{}{}:
	default:
	}
}

// Run does the work until done. A round comes at most a quarter of the period early or late.
func (r *Rounds) Run(done <-chan struct{}, work func()) {
	early, late := r.every-r.every/4, r.every+r.every/4
	last, alone := time.Now(), time.NewTimer(late)
	defer alone.Stop()
	for {
		select {
		case <-done:
			return
		case <-r.awake:
			if time.Since(last) < early {
				continue
			}
		case <-alone.C:
		}
		last = time.Now()
		alone.Reset(late)
		work()
	}
}
