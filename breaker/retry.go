package breaker

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// Retry makes a call again that failed. A zero field means its default.
type Retry struct {
	Attempts int           // at most so many in all; 3
	Base     time.Duration // the first wait is a random share of this, the next one of twice as much; 100 ms
	Cap      time.Duration // no wait is longer; 10 s
	// Again says whether an error is worth it; nil means everything except a refusal by a breaker and a cancellation.
	Again func(error) bool
	// Free says whether an error only means that the target could not be asked. Such a retry counts against neither
	// Attempts nor Budget, and waits a second at most; nil means none.
	Free func(error) bool
	// Budget keeps an outage from being amplified; nil means none.
	Budget *Budget
}

// Do makes the call until it succeeds. It does not wait for what lies behind ctx's deadline, and returns the last error.
func (r Retry) Do(ctx context.Context, f func(context.Context) error) error {
	orInt(&r.Attempts, 3)
	orTime(&r.Base, 100*time.Millisecond)
	orTime(&r.Cap, 10*time.Second)
	if r.Again == nil {
		r.Again = worthIt
	}
	r.Budget.call()
	for n, free := 1, 1; ; {
		err := f(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		var wait time.Duration
		switch {
		case r.Free != nil && r.Free(err):
			wait = max(min(r.wait(free), freeCap), notBefore(err))
			free++
		case n >= r.Attempts || !r.Again(err) || !r.Budget.retry():
			return err
		default:
			wait = max(r.wait(n), notBefore(err))
			n++
		}
		if left := timeLeft(ctx); left > 0 && wait >= left || !sleep(ctx, wait) {
			return err
		}
	}
}

// freeCap is the longest wait for a target that could not be asked.
const freeCap = time.Second

func worthIt(err error) bool { return !errors.Is(err, ErrOpen) && !errors.Is(err, context.Canceled) }

// wait is a random time, so that many callers do not come back together.
func (r Retry) wait(attempt int) time.Duration {
	d := min(r.Cap, r.Base<<min(attempt-1, 20))
	return rand.N(d) + 1
}

// notBefore is when the target wants us back. A probe that is under way may end at any time.
func notBefore(err error) time.Duration {
	var open *OpenError
	if errors.As(err, &open) && open.State == HalfOpen {
		return 0
	}
	return comeBack(err)
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Budget lets one call in five be a retry, over the recent ones.
type Budget struct {
	mu    sync.Mutex
	fifth int // guarded by mu; a call adds one, a retry takes five
}

// budgetMax is what a quiet time saves up for: ten retries.
const budgetMax = 50

// NewBudget makes a budget that is full.
func NewBudget() *Budget { return &Budget{fifth: budgetMax} }

func (b *Budget) call() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fifth = min(b.fifth+1, budgetMax)
}

func (b *Budget) retry() bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fifth < 5 {
		return false
	}
	b.fifth -= 5
	return true
}
