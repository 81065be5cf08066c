package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/woodwork-lang/ww/breaker"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/localbus"
)

// breakerCalls is how many calls through a breaker are measured together: one is shorter than the clock is exact.
const breakerCalls = 1000

// openBreaker makes the pairs of the area "breaker".
func openBreaker(ctx context.Context, self Self, dir string) ([]Pair, func() error, error) {
	var undo cleanup
	other, err := openOtherRoute(ctx, self, dir, &undo)
	if err != nil {
		return nil, nil, errors.Join(err, undo.run())
	}
	return []Pair{openClosed(), other}, undo.run, nil
}

// openClosed: what a breaker adds to a call that it lets pass.
func openClosed() Pair {
	b := breaker.New(breaker.Settings{Timeout: -1})
	var mu sync.Mutex
	began := time.Now()
	return Pair{
		Name: "a call through a closed breaker, asking and telling", Unit: "ns", Each: breakerCalls,
		Baseline: "a mutex locked twice and the clock read twice",
		Ours: func() error {
			for range breakerCalls {
				t, err := b.Allow(0)
				if err != nil {
					return err
				}
				t.Done(breaker.Success)
			}
			return nil
		},
		Raw: func() error {
			for range breakerCalls {
				for range 2 {
					mu.Lock()
					_ = time.Since(began)
					mu.Unlock()
				}
			}
			return nil
		},
		Tails: []Tail{{Q: 0.5, Name: ": absolutely", Limit: 150 * breakerCalls * time.Nanosecond, GoalText: "≤ 150 ns"}},
	}
}

// breakerRows are the figures of the area "breaker" that are no pairs.
func breakerRows(ctx context.Context, self Self, dir string) ([]Row, error) {
	d, err := newDead(ctx, self, filepath.Join(dir, "k"))
	if err != nil {
		return nil, err
	}
	defer d.close() //nolint:errcheck // the run directory is removed with all its files
	if err := d.until(ctx, func() bool { return d.probed() >= deadProbes }); err != nil {
		return nil, err
	}
	return append([]Row{allocations()}, d.rows()...), nil
}

// allocations is what a call through a breaker leaves to the garbage collector.
func allocations() Row {
	b := breaker.New(breaker.Settings{Timeout: -1})
	const n = 100_000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		if t, err := b.Allow(0); err == nil {
			t.Done(breaker.Success)
		}
	}
	runtime.ReadMemStats(&after)
	each := float64(after.Mallocs-before.Mallocs) / n
	ok := each < 0.01 // the runtime allocates now and then
	return Row{Name: "allocations of a call through a breaker", Unit: "", Value: each, P99: each, Samples: n, Goal: "0", OK: &ok}
}

// What the dead callee is measured with.
const (
	deadEvery   = 2 * time.Millisecond   // 500 calls a second
	deadOpen    = 300 * time.Millisecond // how long its breaker is open
	deadLook    = 20 * time.Millisecond  // how long a call looks for it
	deadProbes  = 10
	onSchedule  = 5 * time.Millisecond // 500 calls a second come every 2 ms; the rest is the scheduler's
	failFast    = 5 * time.Millisecond
	otherRoutes = 1.25 // p99 of other routes meanwhile: unchanged, as far as two windows agree
)

// dead is a callee that was killed, and 500 calls a second to it.
type dead struct {
	peer *localbus.Peer
	b    *breaker.Breaker
	on   atomic.Bool // calls are made
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu      sync.Mutex
	refused []time.Duration // how long a call took that was refused by the breaker
	late    []time.Duration // how long after they were due probes were made
	due     time.Time       // of the next probe; zero before the breaker has opened
}

// newDead starts a component, kills it, and calls it from then on.
func newDead(ctx context.Context, self Self, run string) (*dead, error) {
	if err := os.Mkdir(run, 0o700); err != nil {
		return nil, err
	}
	child, err := self.start(ctx, childBus, run, "dead")
	if err != nil {
		return nil, err
	}
	if err := child.cut(); err != nil {
		return nil, err
	}
	d := &dead{}
	d.peer, err = localbus.Join(ctx, localbus.Options{Dir: run, App: benchApp, Component: "caller", Role: localbus.RoleClient, TargetWait: deadLook})
	if err != nil {
		return nil, err
	}
	d.b = breaker.New(breaker.Settings{Name: "dead", RecoveryTimeout: deadOpen, OnChange: d.changed})
	calling, stop := context.WithCancel(ctx)
	d.stop = stop
	d.on.Store(true)
	d.wg.Go(func() { d.run(calling) })
	return d, nil
}

func (d *dead) changed(c breaker.Change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.To == breaker.Open {
		d.due = c.At.Add(c.For)
	}
}

// run calls every two milliseconds, whatever became of the calls before.
func (d *dead) run(ctx context.Context) {
	t := time.NewTicker(deadEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if d.on.Load() {
				d.wg.Go(func() { d.call(ctx) })
			}
		}
	}
}

func (d *dead) call(ctx context.Context) {
	began := time.Now()
	err := d.b.Do(ctx, func(ctx context.Context) error {
		d.mu.Lock()
		if !d.due.IsZero() && time.Now().After(d.due) {
			d.late = append(d.late, time.Since(d.due))
			d.due = time.Time{} // until it has failed
		}
		d.mu.Unlock()
		_, err := d.peer.Call(ctx, "dead", question(), nil)
		return err
	})
	if errors.Is(err, breaker.ErrOpen) {
		d.mu.Lock()
		d.refused = append(d.refused, time.Since(began))
		d.mu.Unlock()
	}
}

func (d *dead) probed() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.late)
}

// until waits for something.
func (d *dead) until(ctx context.Context, enough func() bool) error {
	t := time.NewTicker(10 * time.Millisecond)
	defer t.Stop()
	late := time.NewTimer(time.Minute)
	defer late.Stop()
	for !enough() {
		select {
		case <-t.C:
		case <-late.C:
			return errors.New("the breaker of a dead callee makes no probes")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (d *dead) rows() []Row {
	d.mu.Lock()
	defer d.mu.Unlock()
	return []Row{
		limited("a dead callee at 500 calls/s: refusal after the trip", "µs", d.refused, failFast, "p99 < 5 ms"),
		limited(fmt.Sprintf("a dead callee at 500 calls/s: probe after it was due, every %v", deadOpen), "µs", d.late, onSchedule, "p99 ≤ 5 ms"),
	}
}

// limited is a row of single measurements with a limit on its p99.
func limited(name, unit string, took []time.Duration, limit time.Duration, goal string) Row {
	s := slices.Sorted(slices.Values(took))
	p99 := quantile(s, 0.99)
	ok := len(s) > 0 && p99 <= limit
	scale := 1.0
	if unit == "ms" {
		scale = 1e-3
	}
	return Row{Name: name, Unit: unit, Value: scale * micros(quantile(s, 0.5)), P99: scale * micros(p99), Samples: len(s), Goal: goal, OK: &ok}
}

func (d *dead) close() error {
	d.stop()
	d.wg.Wait()
	return d.peer.Close()
}

// openOtherRoute: calls to a component that lives, while another one is dead and called 500 times a second.
func openOtherRoute(ctx context.Context, self Self, dir string, undo *cleanup) (Pair, error) {
	run := filepath.Join(dir, "o")
	d, err := newDead(ctx, self, run)
	if err != nil {
		return Pair{}, err
	}
	undo.add(d.close)
	child, err := self.start(ctx, childBus, run, "other")
	if err != nil {
		return Pair{}, err
	}
	undo.add(child.end)
	b := breaker.New(breaker.Settings{Name: "other"})
	call := func(beside bool) Side {
		return func() error {
			d.on.Store(beside)
			return b.Do(ctx, func(ctx context.Context) error {
				_, err := d.peer.Call(ctx, "other", question(), nil)
				var be *bus.Error
				if errors.As(err, &be) {
					return fmt.Errorf("a call to a component that lives: %w", err)
				}
				return err
			})
		}
	}
	return Pair{
		Name: "call, 1 KiB, while a dead callee is called 500 times a second", Baseline: "the same call alone",
		Ours: call(true), Raw: call(false),
		Tails: []Tail{{Q: 0.99, Name: ": p99", Goal: otherRoutes, GoalText: "unchanged (≤ 1.25 ×)"}},
	}, nil
}
