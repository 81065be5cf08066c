// Package breaker stops calling what keeps failing.
//
// A [Breaker] belongs to one caller and one route (what is called, with which kind of message). It asks before every call
// ([Breaker.Allow]) and hears how it ended ([Token.Done]); [Breaker.Do] does both.
//
//	closed    --5 failures in a row, half of the last 20, or an overload that was declared-->  open
//	open      --its time is over, or the target has a new instance-->                          half-open
//	half-open --3 probes in a row went well-->                                                 closed
//	half-open --a probe failed, or its lease ran out-->                                        open
//
// What holds:
//
//  1. It never wedges: a half-open breaker lends its one probe for the time of its lease. A probe that is never heard of
//     again is a failure when the lease ends.
//  2. Who was let in before the state changed does not vote after it.
//  3. It is as old as the question: there is no goroutine and no timer in it. What time has done is worked out when somebody
//     asks, with the instant at which it happened. So no change is announced when an open breaker's time is over; show
//     [Status].ReopenIn and count down.
//  4. Changes are announced in order, with no lock held: the listener may ask and order what it likes.
//  5. Time is monotonic. Setting the clock changes nothing.
package breaker

import (
	"math"
	"sync"
	"time"
)

// State is what a breaker does with the next call.
type State uint8

// The states.
const (
	Closed       State = iota // every call passes, failures are counted
	Open                      // no call passes until a time
	HalfOpen                  // one call at a time passes, to see
	ForcedOpen                // by hand: no call passes
	ForcedClosed              // by hand: every call passes, whatever happens
)

var stateNames = [...]string{"closed", "open", "half-open", "forced open", "forced closed"}

// String is the state in words.
func (s State) String() string { return stateNames[s] }

// Result is how a call ended.
type Result uint8

// The results. Ignored is for what says nothing about the target: the caller cancelled, or asked for nonsense.
const (
	Success Result = iota
	Failure
	Timeout // a failure; counted apart
	Ignored
	Overload // the target says when to come back, see [Token.Overload]
)

// Breaker guards one route of one caller. Its methods may be called from many goroutines.
type Breaker struct {
	set Settings

	mu        sync.Mutex // guards everything below
	state     State
	gen       uint64 // grows with every change of state: who has an older one does not vote
	since     time.Duration
	until     time.Duration // when Open ends; Forced*: when, or 0 for never
	fails     int           // in a row, while closed
	successes int           // in a row, while half-open
	probe     probe
	window    window
	cause     cause
	counts    Counts
	news      news
}

// probe is the one call that a half-open breaker has let through.
type probe struct {
	n    uint64 // its number; 0: there is none
	last uint64
	ends time.Duration
}

// cause is why the state is what it is.
type cause struct {
	reason  string
	by      string     // who, if by hand
	refusal *OpenError // what refused callers get; made once, so that refusing costs no memory

	overload bool // the target asked for it
}

// Token is the leave to make one call. Tell it once how that ended; more is harmless.
type Token struct {
	b     *Breaker
	gen   uint64
	probe uint64
}

// New makes a closed breaker.
func New(s Settings) *Breaker {
	s = s.withDefaults()
	b := &Breaker{set: s, window: newWindow(s.Rate)}
	b.since = s.Now()
	return b
}

// Allow asks for leave to make a call that has left to run for that long (0: not known). Its error is an [*OpenError].
func (b *Breaker) Allow(left time.Duration) (Token, error) {
	b.mu.Lock()
	if b.state == Closed { // time does not change a closed breaker, so the clock need not be read
		t := Token{b: b, gen: b.gen}
		b.mu.Unlock()
		return t, nil
	}
	now := b.advance()
	t, err := b.admit(now, left)
	b.unlock()
	return t, err
}

func (b *Breaker) admit(now, left time.Duration) (Token, error) {
	t := Token{b: b, gen: b.gen}
	switch {
	case b.state == Closed || b.state == ForcedClosed:
		return t, nil
	case b.state == HalfOpen && b.probe.n == 0:
		lease := b.set.Lease
		if left > 0 {
			lease = min(lease, left)
		}
		b.probe.last++
		b.probe.n, b.probe.ends = b.probe.last, now+lease
		t.probe = b.probe.n
		return t, nil
	}
	b.counts.Rejected++
	return Token{}, b.cause.refusal
}

// Done says how the call ended. For Overload use [Token.Overload].
func (t *Token) Done(r Result) { t.finish(r, 0) }

// Overload says that the target refused because it has too much to do, and when to come back. The breaker opens for
// exactly that long. A target that does not say when has failed.
func (t *Token) Overload(retryAfter time.Duration) { t.finish(Overload, retryAfter) }

func (t *Token) finish(r Result, retryAfter time.Duration) {
	b := t.b
	if b == nil {
		return
	}
	t.b = nil
	b.mu.Lock()
	now := b.advance()
	if t.gen != b.gen || t.probe != b.probe.n {
		b.counts.Stale++
		b.unlock()
		return
	}
	if r == Overload && retryAfter <= 0 {
		r = Failure
	}
	b.counts.add(r)
	if b.state == HalfOpen {
		b.probed(now, r, retryAfter)
	} else {
		b.called(now, r, retryAfter)
	}
	b.unlock()
}

// called counts a call of a closed breaker. Only a failure can open it.
func (b *Breaker) called(now time.Duration, r Result, retryAfter time.Duration) {
	switch r {
	case Success:
		b.fails = 0
		b.window.add(now, false)
	case Failure, Timeout:
		b.fails++
		b.window.add(now, true)
		if b.state == Closed && b.fails >= b.set.FailureThreshold {
			b.open(now, b.set.RecoveryTimeout, failuresInARow(b.fails))
		} else if b.state == Closed && b.window.tripped(now) {
			b.open(now, b.set.RecoveryTimeout, failureRate(b.window.failed, b.window.n))
		}
	case Overload:
		if b.state == Closed {
			b.open(now, retryAfter, reasonOverload)
		}
	}
}

// probed judges the probe of a half-open breaker.
func (b *Breaker) probed(now time.Duration, r Result, retryAfter time.Duration) {
	b.probe.n = 0
	switch r {
	case Success:
		if b.successes++; b.successes >= b.set.SuccessThreshold {
			b.become(Closed, now, now, 0, reasonProbesOK, "")
		}
	case Failure, Timeout:
		b.open(now, b.set.RecoveryTimeout, reasonProbeFailed)
	case Overload:
		b.open(now, retryAfter, reasonOverload)
	}
}

func (b *Breaker) open(now, long time.Duration, reason string) {
	until := now + long
	if until < now { // a target may say what it likes
		until = math.MaxInt64
	}
	b.become(Open, now, now, until, reason, "")
}

// advance does what time has done since somebody last asked, and returns the time.
func (b *Breaker) advance() time.Duration {
	now := b.set.Now()
	for {
		switch {
		case b.state == Open && now >= b.until:
			b.become(HalfOpen, now, b.until, 0, reasonWaited, "")
		case b.state == HalfOpen && b.probe.n != 0 && now >= b.probe.ends:
			b.counts.LeaseExpired++
			ended := b.probe.ends
			b.become(Open, now, ended, ended+b.set.RecoveryTimeout, reasonLease, "")
		case b.state == ForcedOpen && b.until > 0 && now >= b.until:
			b.become(HalfOpen, now, b.until, 0, reasonForceOver, "")
		case b.state == ForcedClosed && b.until > 0 && now >= b.until:
			b.become(Closed, now, b.until, 0, reasonForceOver, "")
		default:
			return now
		}
	}
}

// become changes the state as of the instant at, which is not after now.
func (b *Breaker) become(to State, now, at, until time.Duration, reason, by string) {
	from := b.state
	b.state, b.since, b.until = to, at, until
	b.gen++
	b.probe.n, b.successes = 0, 0
	if to == Closed || to == ForcedClosed {
		b.fails = 0
		b.window.reset()
	}
	over := reason == reasonOverload || to == HalfOpen && b.cause.overload
	b.cause = cause{reason: reason, by: by, overload: over}
	switch to {
	case Open, ForcedOpen:
		b.cause.refusal = &OpenError{Name: b.set.Name, State: to, Reason: reason, By: by, Overload: over, b: b, gen: b.gen}
	case HalfOpen:
		b.cause.refusal = &OpenError{Name: b.set.Name, State: to, Reason: reasonProbing, Overload: over, b: b, gen: b.gen}
	}
	b.announce(Change{
		Name: b.set.Name, From: from, To: to, Reason: reason, By: by,
		At: time.Now().Add(at - now), For: max(0, until-at),
	})
}
