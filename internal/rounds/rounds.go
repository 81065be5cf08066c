// Package rounds does what a process has to do again and again when it is awake anyway. Every wake of a process that
// otherwise sleeps costs more than most of what it is woken for: two threads start, look for work and go to sleep again.
package rounds

import "time"

// Rounds calls for work about once in every period: when it is told that the process is awake, and by itself when
// nobody tells it.
type Rounds struct {
	every time.Duration
	awake chan struct{}
	soon  chan struct{}
}

// New makes rounds that are due after each such period.
func New(every time.Duration) *Rounds {
	return &Rounds{every: every, awake: make(chan struct{}, 1), soon: make(chan struct{}, 1)}
}

// Awake says that the process is awake. It never waits.
func (r *Rounds) Awake() {
	select {
	case r.awake <- struct{}{}:
	default:
	}
}

// Soon asks for a round now, or a fiftieth of the period after the last one. It never waits.
func (r *Rounds) Soon() {
	select {
	case r.soon <- struct{}{}:
	default:
	}
}

// Run does the work until done. A round that nobody asked for comes at most a quarter of the period early or late.
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
		case <-r.soon:
			if rest := r.every/50 - time.Since(last); rest > 0 {
				alone.Reset(rest)
				continue
			}
		case <-alone.C:
		}
		last = time.Now()
		alone.Reset(late)
		work()
	}
}
