package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bench"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/internal/turn"
)

const (
	reloadSource = `in = input command_line { to: model }
model = llm scripted { script: "model.script", to: out }
out = output console {}
`
	benchedReloads = 20
	reloadTraffic  = 50 * time.Millisecond // between two turns that flow meanwhile
)

// reloadRows: how long a save takes until the new generation serves, and how long the order to reload does, while 20 turns
// a second flow. The baseline is a process of this binary that does nothing: the new generation is one, too.
func reloadRows(ctx context.Context, self bench.Self, dir string) ([]bench.Row, error) {
	script := func(n int) error {
		return os.WriteFile(filepath.Join(dir, "model.script"), fmt.Appendf(nil, "otherwise\n    say \"v%d\"\n", n), 0o600)
	}
	if err := script(0); err != nil {
		return nil, err
	}
	b, err := runBenched(ctx, dir, reloadSource)
	if err != nil {
		return nil, err
	}
	defer b.close() //nolint:errcheck // the figures are there
	stop := b.traffic(ctx)
	var saves, orders, spawns []time.Duration
	for n := 1; n <= 2*benchedReloads && err == nil; n++ {
		began := time.Now()
		if err = script(n); err != nil {
			break
		}
		if n%2 == 0 {
			if err = b.reloaded(ctx, n+1); err == nil {
				saves = append(saves, time.Since(began))
			}
		} else if _, err = b.engine.Reload(ctx, false); err == nil {
			orders = append(orders, time.Since(began))
		}
		began = time.Now()
		if err == nil {
			err = bench.Spawn(ctx, self, 1)
			spawns = append(spawns, time.Since(began))
		}
	}
	if lost := stop(); err == nil {
		err = lost
	}
	if err != nil {
		return nil, err
	}
	const base = "a process of this binary that does nothing, started and ended"
	return []bench.Row{
		bench.Single("a save → the new generation serves, 20 turns/s flow", saves, 150*time.Millisecond, 400*time.Millisecond).Beside(base, spawns),
		bench.Single("ww reload → the new generation serves, 20 turns/s flow", orders, 150*time.Millisecond, 400*time.Millisecond).Beside(base, spawns),
	}, nil
}

// reloaded waits for a generation.
func (b *benched) reloaded(ctx context.Context, generation int) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	s, events := b.engine.Subscribe(ctx)
	for s.Generation < generation {
		batch, ok := <-events
		if !ok {
			return fmt.Errorf("generation %d never came: %s", generation, s.Notice)
		}
		for _, e := range batch {
			s.Apply(e)
		}
	}
	return nil
}

// traffic asks turns until it is stopped; then it says whether all were answered.
func (b *benched) traffic(ctx context.Context) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	wg.Go(func() {
		t := time.NewTicker(reloadTraffic)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			wg.Go(func() {
				if err := b.ask(context.WithoutCancel(ctx), turn.NewSession(), "hi"); err != nil {
					mu.Lock()
					defer mu.Unlock()
					failed = err
				}
			})
		}
	})
	return func() error {
		cancel()
		wg.Wait()
		return failed
	}
}

// component waits until the picture shows a component as wanted.
func (b *benched) component(ctx context.Context, ok func(c state.Component) bool) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	s, events := b.engine.Subscribe(ctx)
	for {
		for _, c := range s.Components {
			if ok(c) {
				return nil
			}
		}
		batch, more := <-events
		if !more {
			return fmt.Errorf("a component did not come back")
		}
		for _, e := range batch {
			s.Apply(e)
		}
	}
}
