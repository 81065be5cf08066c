package breaker

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"
)

// fallbackTimeout is what a fallback may take that does not say.
const fallbackTimeout = 5 * time.Second

// Answer is a value and how it came about. A caller cannot take a fallback for an answer of the target by mistake: it
// has to look past Fallback to get at Value.
type Answer[T any] struct {
	Value    T
	Fallback string // empty: the target answered. Else "static", "component" or "cached"
	Cause    error  // why there was no answer, if Fallback is not empty
}

// Fallback is what to say when a call has failed for good.
type Fallback[T any] struct {
	Kind string // goes into the answer
	Make func(ctx context.Context, cause error) (T, error)
	// Timeout is how long Make may take: somebody has been waiting already; 0: 5 s.
	Timeout time.Duration
}

// Static answers always the same.
func Static[T any](v T) *Fallback[T] {
	return &Fallback[T]{Kind: "static", Make: func(context.Context, error) (T, error) { return v, nil }}
}

// Component asks somebody else.
func Component[T any](ask func(context.Context) (T, error)) *Fallback[T] {
	return &Fallback[T]{Kind: "component", Make: func(ctx context.Context, _ error) (T, error) { return ask(ctx) }}
}

// Cache remembers the last answer of the target.
type Cache[T any] struct {
	mu   sync.Mutex
	last *T // guarded by mu
}

// Fallback answers what the target said last; before that there is none.
func (c *Cache[T]) Fallback() *Fallback[T] {
	return &Fallback[T]{Kind: "cached", Make: func(_ context.Context, cause error) (T, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.last == nil {
			var none T
			return none, cause
		}
		return *c.last, nil
	}}
}

// Keep remembers an answer of the target; those of a fallback it passes over.
func (c *Cache[T]) Keep(a Answer[T]) {
	if a.Fallback != "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = &a.Value
}

// Policy is how calls of a route are made. What is nil is left out.
type Policy struct {
	Retry    *Retry
	Breaker  *Breaker
	Bulkhead *Bulkhead
}

// Call makes a call under p, in the one order that works: fallback( retry( breaker( bulkhead( deadline( call ))))). A nil
// fallback means that the error is the answer. A caller that left gets no fallback.
func Call[T any](ctx context.Context, p Policy, fb *Fallback[T], call func(context.Context) (T, error)) (Answer[T], error) {
	var a Answer[T]
	err := p.run(ctx, func(ctx context.Context) (err error) {
		a.Value, err = call(ctx)
		return err
	})
	switch {
	case err == nil:
		return a, nil
	case fb == nil || ctx.Err() != nil:
		return Answer[T]{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(fb.Timeout, fallbackTimeout))
	defer cancel()
	v, ferr := fb.Make(ctx, err)
	if ferr != nil && !errors.Is(ferr, err) {
		err = errors.Join(err, ferr)
	}
	if ferr != nil {
		return Answer[T]{}, err
	}
	return Answer[T]{Value: v, Fallback: fb.Kind, Cause: err}, nil
}

// run puts the parts around f, from the inside out. The deadline is set by the breaker's Do; it may stand outside the
// bulkhead because the bulkhead does not wait.
func (p Policy) run(ctx context.Context, f func(context.Context) error) error {
	type part = func(context.Context, func(context.Context) error) error
	wrap := func(do part) {
		inner := f
		f = func(ctx context.Context) error { return do(ctx, inner) }
	}
	if p.Bulkhead != nil {
		wrap(p.Bulkhead.Do)
	}
	if p.Breaker != nil {
		wrap(p.Breaker.Do)
	}
	if p.Retry != nil {
		wrap(p.Retry.Do)
	}
	return f(ctx)
}
