package breaker

import (
	"context"
	"sync/atomic"
)

// Bulkhead bounds the calls of a route that are under way, so that a slow target cannot take all of its caller.
type Bulkhead struct {
	limit  int64
	inside atomic.Int64
}

// NewBulkhead makes a bulkhead for that many calls at a time.
func NewBulkhead(limit int) *Bulkhead { return &Bulkhead{limit: int64(max(1, limit))} }

// Do makes the call if there is a place, else it returns [ErrFull] at once.
func (b *Bulkhead) Do(ctx context.Context, f func(context.Context) error) error {
	defer b.inside.Add(-1)
	if b.inside.Add(1) > b.limit {
		return ErrFull
	}
	return f(ctx)
}

// Inside returns how many calls are under way.
func (b *Bulkhead) Inside() int { return int(b.inside.Load()) }
