package breaker

import (
	"context"
	"errors"
	"time"
)

// Do makes the call if the breaker lets it, with [Settings].Timeout as the longest silence. A panic of the call counts
// as a failure and goes on.
func (b *Breaker) Do(ctx context.Context, f func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err // too late to be the target's fault
	}
	t, err := b.Allow(timeLeft(ctx))
	if err != nil {
		return err
	}
	defer t.Done(Failure) // only if f does not return: the first Done counts
	err = quietly(ctx, b.set.Timeout, f)
	r, after := b.judge(ctx, err)
	t.finish(r, after)
	return err
}

func timeLeft(ctx context.Context) time.Duration {
	end, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return max(1, time.Until(end))
}

// judge decides what an error says about the target. A caller that left says nothing.
func (b *Breaker) judge(ctx context.Context, err error) (Result, time.Duration) {
	if err != nil && ctx.Err() == context.Canceled && errors.Is(err, context.Canceled) {
		return Ignored, 0
	}
	if b.set.Classify != nil {
		return b.set.Classify(err)
	}
	return Classify(err)
}

// Classify judges an error as far as that can be done without knowing what was called: an error that has a method
// RetryAfter is an overload, [ErrSilent] and a deadline are timeouts, a refusal by another breaker or a bulkhead is
// ignored, anything else is a failure.
func Classify(err error) (r Result, retryAfter time.Duration) {
	if err == nil {
		return Success, 0
	}
	after := comeBack(err)
	switch {
	case errors.Is(err, ErrOpen), errors.Is(err, ErrFull):
		return Ignored, 0
	case after > 0:
		return Overload, after
	case errors.Is(err, ErrSilent), errors.Is(err, context.DeadlineExceeded):
		return Timeout, 0
	}
	return Failure, 0
}

// comeBack is when an error says that the target wants to hear of us again, 0 if it does not say.
func comeBack(err error) time.Duration {
	var later interface{ RetryAfter() time.Duration }
	if !errors.As(err, &later) {
		return 0
	}
	return later.RetryAfter()
}
