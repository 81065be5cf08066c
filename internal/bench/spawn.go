package bench

import (
	"context"
	"errors"
	"sync"
)

// Spawn starts n processes of this binary that do nothing, at once, and waits until all of them have said so and are
// gone: the floor of everything that starts n processes.
func Spawn(ctx context.Context, self Self, n int) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = spawnOne(ctx, self) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func spawnOne(ctx context.Context, self Self) error {
	p, err := self.start(ctx, childNop)
	if err != nil {
		return err
	}
	return p.end()
}
