package breaker

import "time"

// Change is one change of state.
type Change struct {
	Name     string
	From, To State
	Reason   string
	By       string        // who ordered it, if by hand
	At       time.Time     // when it took effect; noticed perhaps later
	For      time.Duration // how long it will last at most, if that is known
}

// Counts is what a breaker has seen since it was made.
type Counts struct {
	Succeeded, Failed, TimedOut, Ignored, Overloaded uint64
	Rejected                                         uint64 // calls that were not made
	Stale                                            uint64 // results that came too late to vote
	LeaseExpired                                     uint64 // probes that did not come back in time
}

func (c *Counts) add(r Result) {
	switch r {
	case Success:
		c.Succeeded++
	case Failure:
		c.Failed++
	case Timeout:
		c.TimedOut++
	case Ignored:
		c.Ignored++
	case Overload:
		c.Overloaded++
	}
}

// Status is a breaker at one instant.
type Status struct {
	Name      string
	State     State
	Reason    string // of the last change; empty if there was none
	By        string
	Failures  int           // in a row, while closed
	Threshold int           // failures in a row that open it
	Successes int           // probes in a row, while half-open
	Window    []bool        // the last calls that count, oldest first: whether each failed
	Since     time.Time     // when the state began
	ReopenIn  time.Duration // when the next call has a chance: end of the open time, or of the probe's lease
	ReopenAt  time.Time     // the same on the clock; zero if there is nothing to wait for
	Counts    Counts
}

// Status returns how the breaker is now. It is a copy.
func (b *Breaker) Status() Status {
	b.mu.Lock()
	defer b.unlock()
	now, wall := b.advance(), time.Now()
	b.window.expire(now)
	s := Status{
		Name: b.set.Name, State: b.state, Reason: b.cause.reason, By: b.cause.by,
		Failures: b.fails, Threshold: b.set.FailureThreshold, Successes: b.successes, Window: b.window.failures(),
		Since: wall.Add(b.since - now), ReopenIn: b.remaining(now), Counts: b.counts,
	}
	if s.ReopenIn > 0 {
		s.ReopenAt = wall.Add(s.ReopenIn)
	}
	return s
}

// remaining is how long a call has no chance.
func (b *Breaker) remaining(now time.Duration) time.Duration {
	switch {
	case b.state == Open || b.state == ForcedOpen && b.until > 0:
		return max(0, b.until-now)
	case b.state == HalfOpen && b.probe.n != 0:
		return max(0, b.probe.ends-now)
	}
	return 0
}

// news is what is to be announced.
type news struct {
	waiting []Change
	telling bool // somebody is announcing; he takes what comes up meanwhile along
}

func (b *Breaker) announce(c Change) {
	if b.set.OnChange != nil {
		b.news.waiting = append(b.news.waiting, c)
	}
}

// unlock releases the breaker and then announces what has changed. One goroutine at a time announces, so that the order
// holds, and a listener that causes another change only adds to the list.
func (b *Breaker) unlock() {
	if len(b.news.waiting) == 0 || b.news.telling {
		b.mu.Unlock()
		return
	}
	b.news.telling = true
	told := false
	defer func() {
		if !told { // the listener panicked
			b.mu.Lock()
		}
		b.news.telling = false
		b.mu.Unlock()
	}()
	for len(b.news.waiting) > 0 {
		c := b.news.waiting[0]
		b.news.waiting = b.news.waiting[1:]
		b.mu.Unlock()
		told = false
		b.set.OnChange(c)
		b.mu.Lock()
		told = true
	}
}
