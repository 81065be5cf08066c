package state

import "time"

// Breaker is one route of one caller: whether calls go through, and why not.
type Breaker struct {
	Caller, Target, Type string
	State                string // closed, open, half-open, forced open or forced closed
	Reason, By           string
	Failures             int       // in a row
	Threshold            int       // so many open it; 0: nobody said
	Window               []bool    // the last calls, oldest first; true: failed
	ReopenAt             time.Time // when the next call has a chance; zero when there is no such moment
	Since                time.Time // of this state; zero: always
	Calls, Refused       uint64
}

// Closed says that calls go through as usual.
func (b Breaker) Closed() bool { return b.State == "closed" }
