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
	for n := 1; ; n++ {
		err := f(ctx)
		if err == nil || n >= r.Attempts || ctx.Err() != nil || !r.Again(err) {
			return err
		}
		wait := r.wait(n, err)
		if left := timeLeft(ctx); left > 0 && wait >= left || !r.Budget.retry() || !sleep(ctx, wait) {
			return err
		}
	}
}

func worthIt(err error) bool { return !errors.Is(err, ErrOpen) && !errors.Is(err, context.Canceled) }

// wait is a random time (so that many callers do not come back together), but not before the target wants us back.
func (r Retry) wait(attempt int, err error) time.Duration {
	d := min(r.Cap, r.Base<<min(attempt-1, 20))
	d = rand.N(d) + 1
	return max(d, comeBack(err))
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
