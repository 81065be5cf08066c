package breaker

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// silence cancels a call that gives no sign of life.
type silence struct {
	limit time.Duration
	timer *time.Timer
}

type silenceKey struct{}

// Alive says, from within a call of [Breaker.Do], that the target has given a sign of life, as a piece of a stream: its
// time begins anew. Elsewhere it does nothing.
func Alive(ctx context.Context) {
	if s, ok := ctx.Value(silenceKey{}).(*silence); ok {
		s.timer.Reset(s.limit)
	}
}

// quietly runs f, whose context ends with the cause [ErrSilent] when nothing was heard for that long.
func quietly(ctx context.Context, limit time.Duration, f func(context.Context) error) error {
	if limit < 0 {
		return f(ctx)
	}
	c, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &silence{limit: limit}
	s.timer = time.AfterFunc(limit, func() { cancel(ErrSilent) })
	defer s.timer.Stop()
	err := f(context.WithValue(c, silenceKey{}, s))
	if err != nil && errors.Is(context.Cause(c), ErrSilent) {
		return fmt.Errorf("%w of %s: %w", ErrSilent, limit, err)
	}
	return err
}
