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
	Unit                string  // of the row: µs (default), ns or ms
	Goal                float64 // the ratio that is promised; 0: none
	GoalText            string
	Tails               []Tail        // more rows of the same windows
	Window              time.Duration // length of a window; Window when 0
	Each                int           // what is measured is this many of the thing: the row is about one; 1 when 0
}

// Tail is a promise about the slow ones: a row beside that of the median.
type Tail struct {
	Q        float64 // which of the sorted ones, as in 0.99
	Name     string  // added to that of the pair
	Goal     float64 // the ratio to the same of the baseline; 0: none
	GoalText string
	// Limit is what is promised absolutely, on machines where the baseline's p99.9 is not above RawLimit; 0: nothing.
	Limit, RawLimit time.Duration
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
	sorted   []time.Duration // all of them, when there are tails
}

// Compare measures a pair in n alternating windows of length d each, after one of each to warm up. The first row is that
// of the median, the others are its tails.
func Compare(ctx context.Context, p Pair, n int, d time.Duration) ([]Row, error) {
	d = cmp.Or(p.Window, d)
	var ours, raw []window
	for i := range n + 1 {
		r, err := measure(ctx, p.Raw, p.RawTimed, d)
		if err != nil {
			return nil, err
		}
		o, err := measure(ctx, p.Ours, p.OursTimed, d)
		if err != nil {
			return nil, err
		}
		if len(p.Tails) == 0 {
			r.sorted, o.sorted = nil, nil
		}
		if i > 0 {
			raw, ours = append(raw, r), append(ours, o)
		}
	}
	rows := []Row{p.row(ours, raw)}
	for _, t := range p.Tails {
		rows = append(rows, p.tail(t, ours, raw))
	}
	return rows, nil
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
	return window{p50: quantile(took, 0.5), p99: quantile(took, 0.99), n: len(took), sorted: took}, nil
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
	scale := p.scale()
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
	if p.Goal > 0 && quiet(raw) {
		ok := r.Ratio <= p.Goal
		r.OK = &ok
	}
	return r
}

// scale turns microseconds into the unit of the row, for one of the things that are measured together.
func (p Pair) scale() float64 {
	each := 1 / float64(max(1, p.Each))
	switch p.Unit {
	case "ms":
		return each * 1e-3
	case "ns":
		return each * 1e3
	}
	return each
}

// quiet says whether the baseline was steady enough to compare with.
func quiet(raw []window) bool {
	slow, fast := raw[0].p50, raw[0].p50
	for _, w := range raw {
		slow, fast = max(slow, w.p50), min(fast, w.p50)
	}
	return float64(slow) <= noisy*float64(fast)
}

// tail is the row of a tail.
func (p Pair) tail(t Tail, ours, raw []window) Row {
	var ratios, values, bases, worst []float64
	samples := 0
	for i := range ours {
		o, b := quantile(ours[i].sorted, t.Q), quantile(raw[i].sorted, t.Q)
		ratios = append(ratios, float64(o)/float64(b))
		values, bases = append(values, p.scale()*micros(o)), append(bases, p.scale()*micros(b))
		worst = append(worst, micros(quantile(raw[i].sorted, 0.999)))
		samples += ours[i].n
	}
	r := Row{
		Name: p.Name + t.Name, Unit: cmp.Or(p.Unit, "µs"), Value: median(values), P99: median(values), Baseline: p.Baseline,
		BaselineValue: median(bases), BaselineP99: median(bases), Ratio: median(ratios), RatioMin: slices.Min(ratios),
		RatioMax: slices.Max(ratios), Windows: len(ours), Samples: samples, Goal: t.GoalText,
	}
	ok := t.Goal == 0 || r.Ratio <= t.Goal
	if t.Limit > 0 {
		ok = ok && r.Value <= p.scale()*micros(t.Limit)
	}
	if quiet(raw) && (t.RawLimit == 0 || median(worst) <= micros(t.RawLimit)) {
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
