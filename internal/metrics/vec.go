package metrics

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The bounds of what labels may cost. Beyond maxSeries combinations, values are counted together as overflow: a label
// that grows with what users type would otherwise grow a process, and every page that is made of it, without end.
const (
	maxLabels = 3
	maxSeries = 128
	maxValue  = 64 // bytes of a label value
	overflow  = "_other"
)

// Vec is a family of instruments that differ in their label values.
type Vec[T any] struct {
	def  Def
	make func() *T

	mu     sync.RWMutex
	byKey  map[[maxLabels]string]*T // by the values as given
	series []labelled[T]
}

type labelled[T any] struct {
	values [maxLabels]string
	one    *T
}

// With returns the instrument for label values, in the order of the catalog; a missing one is empty. It may be kept:
// using it is then cheaper.
func (v *Vec[T]) With(values ...string) *T {
	var key [maxLabels]string
	for i := range min(len(values), len(v.def.Labels)) {
		key[i] = values[i][:min(len(values[i]), maxValue)]
	}
	v.mu.RLock()
	one := v.byKey[key]
	v.mu.RUnlock()
	if one == nil {
		one = v.add(key)
	}
	return one
}

func (v *Vec[T]) add(key [maxLabels]string) *T {
	v.mu.Lock()
	defer v.mu.Unlock()
	if one := v.byKey[key]; one != nil {
		return one
	}
	if len(v.byKey) >= maxSeries {
		var rest [maxLabels]string
		for i := range v.def.Labels {
			rest[i] = overflow
		}
		return v.findLocked(rest)
	}
	raw := key
	for i := range key {
		raw[i] = strings.Clone(key[i]) // it may be a piece of something large
		key[i] = strings.ToValidUTF8(raw[i], "")
	}
	one := v.findLocked(key)
	v.byKey[raw] = one
	return one
}

// findLocked returns the series with exactly these values: keys that differ in what is not UTF-8 share one.
func (v *Vec[T]) findLocked(values [maxLabels]string) *T {
	if i := slices.IndexFunc(v.series, func(l labelled[T]) bool { return l.values == values }); i >= 0 {
		return v.series[i].one
	}
	one := v.make()
	v.series = append(v.series, labelled[T]{values, one})
	return one
}

// snapshot reads all series, sorted by their values.
func (v *Vec[T]) snapshot() Family {
	v.mu.RLock()
	series := slices.Clone(v.series)
	v.mu.RUnlock()
	f := Family{Name: v.def.Name, Help: v.def.Help, Kind: v.def.Kind, Labels: v.def.Labels, Max: v.def.Max}
	if v.def.Kind == KindHistogram {
		f.Bounds = nanoseconds(latencies())
	}
	for _, l := range series {
		s := Series{Values: slices.Clone(l.values[:len(v.def.Labels)])}
		any(l.one).(instrument).read(&s)
		f.Series = append(f.Series, s)
	}
	slices.SortFunc(f.Series, func(a, b Series) int { return slices.Compare(a.Values, b.Values) })
	return f
}

func newVec[T any](d Def, one func() *T) *Vec[T] {
	v := &Vec[T]{def: d, make: one, byKey: map[[maxLabels]string]*T{}}
	if len(d.Labels) == 0 {
		v.With() // it is worth saying that nothing happened yet
	}
	return v
}

func counters(d Def) *Vec[Counter] { return newVec(d, func() *Counter { return new(Counter) }) }
func gauges(d Def) *Vec[Gauge]     { return newVec(d, func() *Gauge { return new(Gauge) }) }

func histograms(d Def) *Vec[Histogram] {
	bounds := latencies()
	return newVec(d, func() *Histogram {
		return &Histogram{bounds: bounds, buckets: make([]atomic.Uint64, len(bounds)+1)}
	})
}

func nanoseconds(ds []time.Duration) []int64 {
	out := make([]int64, len(ds))
	for i, d := range ds {
		out[i] = int64(d)
	}
	return out
}

// total is the sum of everything that was counted: it changes with every observation.
func (v *Vec[T]) total() uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	n := uint64(0)
	for _, l := range v.series {
		if c, ok := any(l.one).(interface{ count() uint64 }); ok {
			n += c.count()
		}
	}
	return n
}
