package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/woodwork-lang/ww/internal/bench"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/turn"
)

// How the throughput of the chain is measured.
const (
	loadSessions  = 64
	loadBody      = 100
	loadWarm      = 2 * time.Second
	loadWarmTurns = 20_000 // at least: what is remembered of turns is remembered by then
	loadFor       = 10 * time.Second
	loadGoal      = 10_000 // turns a second
	loadDiskGoal  = 5_000  // the same, on the disk
	loadP99       = 50 * time.Millisecond
	loadFlat      = 1.25 // memory and journals at the end, of those after the warm-up
)

// pressure is many sessions that ask one turn after the other.
type pressure struct {
	stop context.CancelFunc
	all  sync.WaitGroup
	took [loadSessions]struct { // one writer each
		sync.Mutex
		list []time.Duration
	}
	failed atomic.Pointer[error]
}

// press begins to ask turns in 64 sessions, each as fast as it is answered.
func (b *benched) press(ctx context.Context) *pressure {
	ctx, cancel := context.WithCancel(ctx)
	l := &pressure{stop: cancel}
	text := strings.Repeat("x", loadBody)
	for i := range l.took {
		session := turn.NewSession()
		l.all.Go(func() {
			mine := &l.took[i]
			for ctx.Err() == nil {
				began := time.Now()
				err := b.ask(ctx, session, text)
				if err != nil {
					if ctx.Err() == nil {
						l.failed.CompareAndSwap(nil, &err)
						cancel()
					}
					return
				}
				mine.Lock()
				mine.list = append(mine.list, time.Since(began))
				mine.Unlock()
			}
		})
	}
	return l
}

// take returns what the turns since the last time took.
func (l *pressure) take() ([]time.Duration, error) {
	var all []time.Duration
	for i := range l.took {
		mine := &l.took[i]
		mine.Lock()
		all = append(all, mine.list...)
		mine.list = mine.list[:0]
		mine.Unlock()
	}
	if err := l.failed.Load(); err != nil {
		return nil, *err
	}
	slices.Sort(all)
	return all, nil
}

func (l *pressure) close() {
	l.stop()
	l.all.Wait()
}

// burden is a chain under 64 sessions, and how many turns a second it is to bear.
type burden struct {
	durability string
	goal       float64
}

// throughputRows: how many turns a second go through the chain, the ones who ask included, and what that leaves behind.
func throughputRows(ctx context.Context, _ bench.Self, dir string) ([]bench.Row, error) {
	var all []bench.Row
	for _, l := range []burden{{"process", loadGoal}, {"disk", loadDiskGoal}} {
		rows, err := l.rows(ctx, filepath.Join(dir, l.durability))
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

func (l burden) rows(ctx context.Context, dir string) ([]bench.Row, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	b, err := runBenched(ctx, dir, fmt.Sprintf("durability = %q\n", l.durability)+chainSource)
	if err != nil {
		return nil, err
	}
	p := b.press(ctx)
	rows, err := l.measure(ctx, b, p, dir)
	p.close()
	return rows, errors.Join(err, b.close())
}

func (l burden) measure(ctx context.Context, b *benched, p *pressure, dir string) ([]bench.Row, error) {
	for warm := 0; warm < loadWarmTurns; {
		if err := rest(ctx, loadWarm); err != nil {
			return nil, err
		}
		took, err := p.take()
		if err != nil {
			return nil, err
		}
		warm += len(took)
	}
	memory, journals := sum(runnersPSS(b)), journalBytes(dir)
	began := time.Now()
	if err := rest(ctx, loadFor); err != nil {
		return nil, err
	}
	lasted := time.Since(began)
	took, err := p.take()
	if err != nil {
		return nil, err
	}
	memory2, journals2 := sum(runnersPSS(b)), journalBytes(dir)
	rate := float64(len(took)) / lasted.Seconds()
	fast, flat := rate >= l.goal, memory2 <= loadFlat*memory
	p50, p99 := quantile(took, 0.5), quantile(took, 0.99)
	quick := p99 <= loadP99
	what := fmt.Sprintf("%d sessions at once, %d B, durability %s, who asks included: ", loadSessions, loadBody, l.durability)
	return []bench.Row{
		{Name: what + "turns a second", Unit: "/s", Value: rate, P99: rate, Samples: len(took), Goal: fmt.Sprintf("≥ %.0f on 2 cores", l.goal), OK: &fast},
		{Name: what + "a turn", Unit: "ms", Value: millis(p50), P99: millis(p99), Samples: len(took), Goal: "p99 ≤ 50 ms", OK: &quick},
		{
			Name: what + "memory of the three runners after 10 s", Unit: "MiB", Value: memory2, P99: memory2, Baseline: "after the warm-up of 2 s",
			BaselineValue: memory, Ratio: memory2 / max(memory, 1), Goal: "flat (≤ 1.25 ×)", OK: &flat,
		},
		journalRow(what, journals, journals2),
	}, nil
}

// journalRow: journals are bounded by segments of 8 MiB, of which a partition has two for a moment.
func journalRow(what string, before, after float64) bench.Row {
	const bound = 3 * 16 * 2 * 8 // three components, sixteen partitions, two segments
	ok := after <= bound
	return bench.Row{
		Name: what + "journals after 10 s", Unit: "MiB", Value: after, P99: after, Baseline: "after the warm-up of 2 s", BaselineValue: before,
		Ratio: after / max(before, 1), Goal: fmt.Sprintf("bounded (≤ %d MiB)", bound), OK: &ok,
	}
}

func rest(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return s
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// quantile of sorted durations.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// journalBytes is the size of all journals below a project, in MiB.
func journalBytes(dir string) float64 {
	n := int64(0)
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.Contains(path, string(filepath.Separator)+"j"+string(filepath.Separator)) {
			return nil //nolint:nilerr // segments come and go
		}
		if st, err := e.Info(); err == nil {
			n += st.Size()
		}
		return nil
	})
	return float64(n) / (1 << 20)
}

// openDeaths: kill -9 of a runner in the middle of 64 sessions of turns, and who has a connection to it.
func openDeaths(ctx context.Context, self bench.Self, dir string) ([]bench.Pair, func() error, error) {
	d := filepath.Join(dir, "load")
	if err := os.Mkdir(d, 0o700); err != nil {
		return nil, nil, err
	}
	b, err := runBenched(ctx, d, chainSource)
	if err != nil {
		return nil, nil, err
	}
	l := b.press(ctx)
	undo := func() error {
		l.close()
		_, err := l.take()
		return errors.Join(err, b.close())
	}
	return []bench.Pair{{
		Name: "kill -9 of a runner under load → a connected peer knows", Baseline: "kill -9 → a blocking read of a raw socket ends, same load",
		OursTimed: func() (time.Duration, error) { return b.killRunner(ctx, "model") },
		RawTimed:  func() (time.Duration, error) { return bench.RawDeath(ctx, self, dir) },
		Window:    2 * time.Second,
		Tails:     []bench.Tail{{Q: 0.99, Name: ": p99", Limit: 50 * time.Millisecond, GoalText: "≤ 50 ms"}},
	}}, undo, nil
}

// killRunner kills a component's runner, says how long it took until a subscriber of it knew, and waits for the next one.
func (b *benched) killRunner(ctx context.Context, name string) (time.Duration, error) {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	changes, err := b.seat.Registry().Watch(watching, bus.Query{Name: name})
	if err != nil {
		return 0, err
	}
	there, err := b.appears(ctx, changes, "")
	if err != nil {
		return 0, err
	}
	heard, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		once := sync.OnceFunc(func() { close(heard) })
		ended <- b.seat.SubscribeInstance(ctx, there.ID, event.EventReady, func(event.Message) { once() })
	}()
	select {
	case <-heard: // a ready component says so to everybody who comes
	case err := <-ended:
		return 0, fmt.Errorf("the subscription to a runner that lives ended: %w", err)
	}
	p, err := os.FindProcess(there.ProcessID)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := p.Kill(); err != nil {
		return 0, err
	}
	if err := <-ended; err == nil {
		return 0, errors.New("the subscription to a killed runner ended well")
	}
	took := time.Since(began)
	_, err = b.appears(ctx, changes, there.ID)
	return took, err
}

// appears waits for an instance that is another one than not.
func (b *benched) appears(ctx context.Context, changes <-chan bus.Change, not string) (bus.ComponentInfo, error) {
	late := time.After(30 * time.Second)
	for {
		select {
		case c := <-changes:
			if !c.Gone && c.Info.ID != not && c.Info.ID != "" {
				return c.Info, nil
			}
		case <-late:
			return bus.ComponentInfo{}, errors.New("a killed runner was not started again")
		case <-ctx.Done():
			return bus.ComponentInfo{}, ctx.Err()
		}
	}
}

// runnerPIDs are the processes of an app's runners.
func (b *benched) runnerPIDs() []int {
	var pids []int
	for _, r := range engine.Rows(b.engine.Picture(), time.Now()) {
		if r.PIDs.Runner > 1 {
			pids = append(pids, r.PIDs.Runner)
		}
	}
	return pids
}
