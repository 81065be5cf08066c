package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bench"
	"github.com/woodwork-lang/ww/internal/turn"
)

// How growth is measured.
const (
	growthWindows  = 5
	growthMessages = 4000 // a window
	growthAtOnce   = 8
	growthRest     = 10 * time.Millisecond
	growthGoal     = 1.10 // a doubling
)

// sized is an app of a certain size and what its messages cost.
type sized struct {
	*benched
	n      int           // components, or sessions
	fan    int           // branches of a turn
	atOnce int           // turns
	rest   time.Duration // after each, so that with every number of components all are equally idle when the next one comes
	pool   []string      // sessions
	next   int
	cost   []float64 // microseconds of processor time a message, by window
}

// fanned is an app whose input sends every turn to n models, each with an output of its own: 2n+1 components.
func fanned(n int) string {
	var b strings.Builder
	names := make([]string, n)
	for i := range n {
		names[i] = fmt.Sprintf("m%d", i)
		fmt.Fprintf(&b, "m%d = llm echo { to: out%d }\nout%d = output console {}\n", i, i, i)
	}
	return fmt.Sprintf("in = input command_line { to: [%s] }\n%s", strings.Join(names, ", "), b.String())
}

// messagesOf is how many messages a turn of such an app is: the turn, and on each branch one to the model, one to the output
// and the report.
func messagesOf(n int) int { return 1 + 3*n }

// growthRows: whether a message costs more processor time when there are more components, or more sessions. The apps of all
// sizes run at the same time and are asked in turn.
func growthRows(ctx context.Context, _ bench.Self, dir string) ([]bench.Row, error) {
	components, err := growthOf(ctx, filepath.Join(dir, "c"), []int{5, 25, 100}, func(n int) *sized {
		return &sized{n: 2*n + 1, fan: n, atOnce: 1, rest: growthRest, pool: sessions(loadSessions)}
	}, "components")
	if err != nil {
		return nil, err
	}
	many, err := growthOf(ctx, filepath.Join(dir, "s"), []int{10, 1000, 10_000}, func(n int) *sized {
		return &sized{n: n, fan: 1, atOnce: growthAtOnce, pool: sessions(n)}
	}, "sessions")
	return append(components, many...), err
}

func sessions(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = turn.NewSession()
	}
	return out
}

func growthOf(ctx context.Context, dir string, sizes []int, make func(n int) *sized, what string) (rows []bench.Row, err error) {
	var apps []*sized
	defer func() {
		for _, a := range apps {
			err = errors.Join(err, a.close())
		}
	}()
	for _, n := range sizes {
		a := make(n)
		d := filepath.Join(dir, fmt.Sprint(n))
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
		if a.benched, err = runBenched(ctx, d, fanned(a.fan)); err != nil {
			return nil, err
		}
		apps = append(apps, a)
		if err := a.turns(ctx, max(len(a.pool), a.count())); err != nil { // everything was used once
			return nil, err
		}
	}
	for range growthWindows {
		for _, a := range apps {
			if err := a.window(ctx); err != nil {
				return nil, err
			}
		}
	}
	return rowsOfGrowth(apps, what), nil
}

// window measures a number of turns.
func (a *sized) window(ctx context.Context) error {
	pids := a.runnerPIDs()
	before, err := bench.CPUTime(pids)
	if err != nil {
		return err
	}
	if err := a.turns(ctx, a.count()); err != nil {
		return err
	}
	after, err := bench.CPUTime(pids)
	a.cost = append(a.cost, float64((after-before).Nanoseconds())/1000/float64(a.count()*messagesOf(a.fan)))
	return err
}

// count is the turns of a window.
func (a *sized) count() int { return max(growthAtOnce, growthMessages/messagesOf(a.fan)) }

// turns asks n turns, some at once, over all sessions.
func (a *sized) turns(ctx context.Context, n int) error {
	work, errs := make(chan string), make([]error, a.atOnce)
	var wg sync.WaitGroup
	for i := range a.atOnce {
		wg.Go(func() {
			for session := range work {
				if errs[i] == nil {
					errs[i] = errors.Join(a.ask(ctx, session, "hello"), rest(ctx, a.rest))
				}
			}
		})
	}
	for range n {
		a.next++
		work <- a.pool[a.next%len(a.pool)]
	}
	close(work)
	wg.Wait()
	return errors.Join(errs...)
}

func rowsOfGrowth(apps []*sized, what string) []bench.Row {
	var rows []bench.Row
	first, last := apps[0], apps[len(apps)-1]
	for _, a := range apps {
		rows = append(rows, bench.Row{
			Name: fmt.Sprintf("processor time of all runners for a message, %d %s", a.n, what), Unit: "µs",
			Value: middle(a.cost), P99: slices.Max(a.cost), Windows: len(a.cost), Samples: a.count() * messagesOf(a.fan) * len(a.cost),
		})
	}
	var slopes []float64
	for i := range first.cost {
		slopes = append(slopes, slope(first.cost[i], last.cost[i], float64(last.n)/float64(first.n)))
	}
	ok := middle(slopes) <= growthGoal
	return append(rows, bench.Row{
		Name: fmt.Sprintf("growth of that from %d to %d %s, a doubling", first.n, last.n, what), Unit: "×", Value: middle(slopes), P99: slices.Max(slopes),
		Ratio: middle(slopes), RatioMin: slices.Min(slopes), RatioMax: slices.Max(slopes), Windows: len(slopes), Goal: "≤ 1.10", OK: &ok,
	})
}

// slope is by how much a doubling multiplies, when times times multiply small into large.
func slope(small, large, times float64) float64 {
	return math.Pow(large/small, 1/math.Log2(times))
}

func middle(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}
