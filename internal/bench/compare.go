package bench

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Side is one of two ways to do the same thing once. It is called again and again, by one goroutine.
type Side func() error

// Timed is a Side of which only a part counts: it says itself how long that part took.
type Timed func() (time.Duration, error)

// Pair is one row to be: our way against the baseline's, in alternating windows, so that whatever else the machine does
// meets both.
type Pair struct {
	Name                string
	Baseline            string  // what the baseline is, in words
	Ours                Side    //
	Raw                 Side    //
	OursTimed, RawTimed Timed   // instead of Ours and Raw
	Unit                string  // of the row: µs (default) or ms
	Goal                float64 // the ratio that is promised; 0: none
	GoalText            string
}

// Windows and Window are how a pair is measured.
const (
	Windows = 7
	Window  = 400 * time.Millisecond
)

// noisy is how much slower the slowest window of the baseline may be than its fastest, before the ratio says more about
// the machine than about us.
const noisy = 2.0

// window is what one window of one side measured.
type window struct {
	p50, p99 time.Duration
	n        int
}

// Compare measures a pair in n alternating windows of length d each, after one of each to warm up.
func Compare(ctx context.Context, p Pair, n int, d time.Duration) (Row, error) {
	var ours, raw []window
	for i := range n + 1 {
		r, err := measure(ctx, p.Raw, p.RawTimed, d)
		if err != nil {
			return Row{}, err
		}
		o, err := measure(ctx, p.Ours, p.OursTimed, d)
		if err != nil {
			return Row{}, err
		}
		if i > 0 {
			raw, ours = append(raw, r), append(ours, o)
		}
	}
	return p.row(ours, raw), nil
}

func measure(ctx context.Context, once Side, timed Timed, d time.Duration) (window, error) {
	took := make([]time.Duration, 0, 1<<16)
	end := time.Now().Add(d)
	for begin := time.Now(); begin.Before(end); {
		if timed != nil {
			t, err := timed()
			if err != nil {
				return window{}, err
			}
			took, begin = append(took, t), time.Now()
			continue
		}
		if err := once(); err != nil {
			return window{}, err
		}
		now := time.Now()
		took = append(took, now.Sub(begin))
		begin = now
		if len(took)%1024 == 0 && ctx.Err() != nil {
			return window{}, ctx.Err()
		}
	}
	slices.Sort(took)
	return window{p50: quantile(took, 0.5), p99: quantile(took, 0.99), n: len(took)}, nil
}

// quantile of sorted durations.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

func (p Pair) row(ours, raw []window) Row {
	var ratios, values, bases, p99s, base99s []float64
	samples := 0
	scale := 1.0 // of microseconds
	if p.Unit == "ms" {
		scale = 1e-3
	}
	for i := range ours {
		ratios = append(ratios, float64(ours[i].p50)/float64(raw[i].p50))
		values, p99s = append(values, scale*micros(ours[i].p50)), append(p99s, scale*micros(ours[i].p99))
		bases, base99s = append(bases, scale*micros(raw[i].p50)), append(base99s, scale*micros(raw[i].p99))
		samples += ours[i].n
	}
	r := Row{
		Name: p.Name, Unit: cmp.Or(p.Unit, "µs"), Value: median(values), P99: median(p99s),
		Baseline: p.Baseline, BaselineValue: median(bases), BaselineP99: median(base99s),
		Ratio: median(ratios), RatioMin: slices.Min(ratios), RatioMax: slices.Max(ratios),
		Windows: len(ours), Samples: samples, Goal: p.GoalText,
	}
	if p.Goal > 0 && slices.Max(bases) <= noisy*slices.Min(bases) {
		ok := r.Ratio <= p.Goal
		r.OK = &ok
	}
	return r
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}
