package metrics

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/woodwork-lang/ww/golden"
)

func TestMain(m *testing.M) {
	code := golden.Check(m.Run(), "metrics")
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func family(t testing.TB, s Snapshot, name string) Family {
	t.Helper()
	for _, f := range s.Families {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no family %s", name)
	return Family{}
}

func TestWhatWasCountedIsInTheSnapshot(t *testing.T) {
	set := New()
	set.Calls.With("agent", "llm", "ok").Inc()
	set.Calls.With("agent", "llm", "ok").Add(2)
	set.Calls.With("agent", "llm", "DEADLINE").Inc()
	set.InFlight.With("agent").Set(3)
	set.InFlight.With("agent").Add(-1)
	h := set.Service.With("agent")
	for _, d := range []time.Duration{-time.Second, 0, 100 * time.Microsecond, 100*time.Microsecond + 1, time.Second, time.Hour} {
		h.Observe(d)
	}
	s := set.Snapshot()
	want := []Series{
		{Values: []string{"agent", "llm", "DEADLINE"}, Count: 1},
		{Values: []string{"agent", "llm", "ok"}, Count: 3},
	}
	if diff := cmp.Diff(want, family(t, s, "ww_cross_component_calls_total").Series); diff != "" {
		t.Error(diff)
	}
	if got := family(t, s, "ww_hops_in_flight").Series[0].Value; got != 2 {
		t.Errorf("in flight: %d", got)
	}
	f := family(t, s, "ww_hop_service_seconds")
	got := f.Series[0]
	if got.Count != 6 || got.Buckets[0] != 3 || got.Buckets[1] != 1 || got.Buckets[len(got.Buckets)-1] != 1 {
		t.Errorf("histogram %+v", got)
	}
	if want := int64(time.Hour + time.Second + 200*time.Microsecond + 1); got.Sum != want {
		t.Errorf("sum %d, want %d", got.Sum, want)
	}
	if !slices.IsSorted(f.Bounds) || len(slices.Compact(slices.Clone(f.Bounds))) != len(f.Bounds) {
		t.Errorf("bounds are not ascending: %v", f.Bounds)
	}
}

func TestLabelsCannotGrowAProcess(t *testing.T) {
	set := New()
	for i := range 10 * maxSeries {
		set.Turns.With("in", fmt.Sprint("status", i)).Inc()
	}
	f := family(t, set.Snapshot(), "ww_turns_total")
	if len(f.Series) != maxSeries+1 {
		t.Fatalf("%d series", len(f.Series))
	}
	var total, rest uint64
	for _, s := range f.Series {
		total += s.Count
		if slices.Equal(s.Values, []string{overflow, overflow}) {
			rest = s.Count
		}
	}
	if total != 10*maxSeries || rest != 9*maxSeries {
		t.Errorf("counted %d, %d of them as overflow", total, rest)
	}
}

func TestLabelValuesAreMadeFit(t *testing.T) {
	set := New()
	set.Turns.With("a\xff", "x").Inc()
	set.Turns.With("a\xfe", "x").Inc() // the same after cleaning: one series, not two of one name
	set.Turns.With(strings.Repeat("ä", 1000), "x", "one too many").Inc()
	set.Turns.With().Inc()
	want := []Series{
		{Values: []string{"", ""}, Count: 1},
		{Values: []string{"a", "x"}, Count: 2},
		{Values: []string{strings.Repeat("ä", maxValue/2), "x"}, Count: 1},
	}
	if diff := cmp.Diff(want, family(t, set.Snapshot(), "ww_turns_total").Series); diff != "" {
		t.Error(diff)
	}
}

func TestCountingFromManyGoroutines(t *testing.T) {
	set := New()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 1000 {
				set.Turns.With(fmt.Sprint(i%50), "ok").Inc()
				set.TurnTime.With("in").Observe(time.Duration(g) * time.Millisecond)
				if i%100 == 0 {
					f := family(t, set.Snapshot(), "ww_turn_seconds")
					for _, s := range f.Series {
						if sum(s.Buckets) != s.Count {
							t.Error("a snapshot whose buckets and count disagree")
						}
					}
				}
			}
		})
	}
	wg.Wait()
	s := set.Snapshot()
	var n uint64
	for _, one := range family(t, s, "ww_turns_total").Series {
		n += one.Count
	}
	if n != 4000 || family(t, s, "ww_turn_seconds").Series[0].Count != 4000 {
		t.Errorf("counted %d", n)
	}
}

func sum(ns []uint64) (total uint64) {
	for _, n := range ns {
		total += n
	}
	return total
}

// drawSnapshot makes the snapshot of a random process.
func drawSnapshot(t *rapid.T) Snapshot {
	set := New()
	name := rapid.SampledFrom([]string{"a", "b", "c"})
	for range rapid.IntRange(0, 20).Draw(t, "observations") {
		switch n := rapid.Uint64Range(0, 1000).Draw(t, "n"); rapid.IntRange(0, 3).Draw(t, "which") {
		case 0:
			set.Calls.With(name.Draw(t, "from"), name.Draw(t, "to"), "ok").Add(n)
		case 1:
			set.InFlight.With(name.Draw(t, "c")).Add(int64(n) - 500)
		case 2:
			set.BreakerState.With(name.Draw(t, "from"), name.Draw(t, "to")).Set(int64(n) % 3)
		case 3:
			set.Queueing.With(name.Draw(t, "c")).Observe(time.Duration(n) * time.Millisecond)
		}
	}
	return set.Snapshot()
}

func merge(t testing.TB, s ...Snapshot) Snapshot {
	t.Helper()
	out, err := Merge(s...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheOrderOfAddingUpDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b, c := drawSnapshot(rt), drawSnapshot(rt), drawSnapshot(rt)
		before, err := json.Marshal(a)
		if err != nil {
			rt.Fatal(err)
		}
		abc := merge(t, a, b, c)
		for _, other := range []Snapshot{merge(t, c, a, b), merge(t, merge(t, a, b), c), merge(t, a, merge(t, c, b)), merge(t, merge(t), abc)} {
			if diff := cmp.Diff(abc, other); diff != "" {
				rt.Fatal(diff)
			}
		}
		if after, err := json.Marshal(a); err != nil || string(after) != string(before) {
			rt.Fatalf("adding up has changed what was added: %v", err)
		}
		if abc.Processes != 3 {
			rt.Fatalf("%d processes", abc.Processes)
		}
	})
}

func TestSumsAndMaxima(t *testing.T) {
	a, b := New(), New()
	a.Turns.With("in", "ok").Add(2)
	b.Turns.With("in", "ok").Add(3)
	b.Turns.With("in", "failed").Add(1)
	a.InFlight.With("in").Set(2)
	b.InFlight.With("in").Set(3)
	a.BreakerState.With("in", "llm").Set(BreakerOpen)
	b.BreakerState.With("in", "llm").Set(BreakerHalfOpen)
	a.TurnTime.With("in").Observe(time.Second)
	b.TurnTime.With("in").Observe(time.Minute)
	s := merge(t, a.Snapshot(), b.Snapshot())
	if got := family(t, s, "ww_turns_total").Series; got[1].Count != 5 || got[0].Count != 1 {
		t.Errorf("turns: %+v", got)
	}
	if got := family(t, s, "ww_hops_in_flight").Series[0].Value; got != 5 {
		t.Errorf("in flight: %d", got)
	}
	if got := family(t, s, "ww_circuit_breaker_state").Series[0].Value; got != BreakerOpen {
		t.Errorf("breaker: %d", got)
	}
	if got := family(t, s, "ww_turn_seconds").Series[0]; got.Count != 2 || sum(got.Buckets) != 2 || got.Sum != int64(61*time.Second) {
		t.Errorf("turn time: %+v", got)
	}
}

func TestASnapshotTravelsAsJSON(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := drawSnapshot(rt)
		want.At = want.At.Round(0).UTC()
		b, err := json.Marshal(want)
		if err != nil {
			rt.Fatal(err)
		}
		var got Snapshot
		if err := json.Unmarshal(b, &got); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(merge(t, want), merge(t, got)); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestWhatCannotBeAddedIsRefused(t *testing.T) {
	good := New()
	good.Turns.With("in", "ok").Inc()
	good.TurnTime.With("in").Observe(1)
	for name, spoil := range map[string]func(*Snapshot){
		"version":      func(s *Snapshot) { s.V = 2 },
		"kind":         func(s *Snapshot) { at(s, "ww_turns_total").Kind = KindGauge },
		"unknown kind": func(s *Snapshot) { at(s, "ww_turns_total").Kind = "summary" },
		"labels":       func(s *Snapshot) { at(s, "ww_turns_total").Labels[1] = "end" },
		"bounds":       func(s *Snapshot) { at(s, "ww_turn_seconds").Bounds[0]++ },
		"maximum":      func(s *Snapshot) { at(s, "ww_hops_in_flight").Max = true },
		"values":       func(s *Snapshot) { at(s, "ww_turns_total").Series[0].Values = []string{"in"} },
		"buckets":      func(s *Snapshot) { f := at(s, "ww_turn_seconds"); f.Series[0].Buckets = f.Series[0].Buckets[1:] },
		"name":         func(s *Snapshot) { at(s, "ww_turns_total").Name = "ww turns" },
		"label name":   func(s *Snapshot) { at(s, "ww_turns_total").Labels[0] = "a\"b" },
	} {
		b, err := json.Marshal(good.Snapshot())
		if err != nil {
			t.Fatal(err)
		}
		var bad Snapshot
		if err := json.Unmarshal(b, &bad); err != nil {
			t.Fatal(err)
		}
		spoil(&bad)
		_, err = Merge(good.Snapshot(), bad)
		var fe *FamilyError
		var ve *VersionError
		if !errors.As(err, &fe) && !errors.As(err, &ve) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func at(s *Snapshot, name string) *Family {
	i := slices.IndexFunc(s.Families, func(f Family) bool { return f.Name == name })
	return &s.Families[i]
}

func TestTotalsNeverGoRound(t *testing.T) {
	a := New()
	a.Turns.With("in", "ok").Add(math.MaxUint64 - 1)
	s := merge(t, a.Snapshot(), a.Snapshot())
	if got := family(t, s, "ww_turns_total").Series[0].Count; got != math.MaxUint64 {
		t.Errorf("got %d", got)
	}
}

func TestObservationsAllocateNothing(t *testing.T) {
	set := New()
	from, to := "agent", "llm"
	for name, f := range map[string]func(){
		"counter":   set.Turns.With("in", "ok").Inc,
		"gauge":     func() { set.InFlight.With("in").Add(1) },
		"histogram": func() { set.Service.With("in").Observe(time.Second) },
		"labels":    func() { set.Calls.With(from, to, "ok").Inc() },
	} {
		f()
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	set := New()
	counter, gauge, histogram := set.Turns.With("in", "ok"), set.InFlight.With("in"), set.Service.With("in")
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"counter", counter.Inc},
		{"gauge", func() { gauge.Add(1) }},
		{"histogram", func() { histogram.Observe(30 * time.Millisecond) }},
		{"histogram10min", func() { histogram.Observe(10 * time.Minute) }},
		{"labels1", func() { set.Service.With("agent").Observe(30 * time.Millisecond) }},
		{"labels3", func() { set.Calls.With("agent", "llm", "ok").Inc() }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.f()
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		New()
	}
}
