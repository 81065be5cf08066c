// Package metrics counts and measures what a process does, cheaply enough to be always on, and adds processes up.
//
// A process has one [Set], whose instruments are named in catalog.go. A [Snapshot] of it is a value that travels as
// JSON; [Merge] adds the snapshots of several processes, and [WriteText] writes one in Prometheus text form.
//
// Why this is not prometheus/client_golang: v1.25.0 was measured in a program that otherwise has JSON and sockets, as
// every runner has. It adds 4.0 MB to the binary (2.5 to 6.5 MB; all of ww had 7.7 MB then) and 82 package inits
// that take 1.0 to 1.6 ms and 0.26 MB in every process, used or not, where all others together take 0.2 ms there and
// 0.7 to 1.2 ms in ww; the start of the process goes from 1.9 to 2.8 ms. Initialising it late does not help: package
// inits run before main. What would be left to write by hand is the larger half all the same: it has no bound on
// label values and no sum over processes. Speed decides nothing: a counter takes 7 ns in both, a histogram 23 ns there
// and 12 to 15 ns here, finding one by its labels 39 and 36 ns. Its parser takes the text that is written here.
//
// Nothing is initialised before [New]. An observation takes atomic additions only and allocates nothing.
package metrics

import (
	"math"
	"sync/atomic"
	"time"
)

// Kind is what an instrument is.
type Kind string

// The kinds of instrument, by their Prometheus names.
const (
	KindCounter   Kind = "counter"
	KindGauge     Kind = "gauge"
	KindHistogram Kind = "histogram"
)

// Counter only goes up.
type Counter struct{ n atomic.Uint64 }

// Inc counts one.
func (c *Counter) Inc() { c.n.Add(1) }

// Add counts n.
func (c *Counter) Add(n uint64) { c.n.Add(n) }

func (c *Counter) count() uint64 { return c.n.Load() }

// Gauge goes up and down.
type Gauge struct{ n atomic.Int64 }

// Set says how much it is.
func (g *Gauge) Set(n int64) { g.n.Store(n) }

// Add says how much more it is, or less.
func (g *Gauge) Add(n int64) { g.n.Add(n) }

// Histogram counts durations by size.
type Histogram struct {
	bounds  []time.Duration // ascending; shared by all histograms of a family
	buckets []atomic.Uint64 // one more than bounds; not cumulative
	sum     atomic.Int64    // nanoseconds
}

func (h *Histogram) count() (n uint64) {
	for i := range h.buckets {
		n += h.buckets[i].Load()
	}
	return n
}

// Observe counts one duration. A clock that went backwards counts as no time at all.
func (h *Histogram) Observe(d time.Duration) {
	d = max(d, 0)
	i := 0
	for i < len(h.bounds) && d > h.bounds[i] {
		i++
	}
	h.buckets[i].Add(1)
	h.sum.Add(int64(d))
}

// Since observes the time that has passed since start.
func (h *Histogram) Since(start time.Time) { h.Observe(time.Since(start)) }

// instrument is what a family is made of.
type instrument interface{ read(*Series) }

func (c *Counter) read(s *Series) { s.Count = c.n.Load() }
func (g *Gauge) read(s *Series)   { s.Value = g.n.Load() }

// read derives the count from the buckets, so that they agree even when somebody observes meanwhile.
func (h *Histogram) read(s *Series) {
	s.Buckets = make([]uint64, len(h.buckets))
	for i := range h.buckets {
		s.Buckets[i] = h.buckets[i].Load()
		s.Count += s.Buckets[i]
	}
	s.Sum = h.sum.Load()
}

// latencies are the bounds of every histogram: from below a hop on this machine to a long turn.
func latencies() []time.Duration {
	out := make([]time.Duration, 0, 20)
	for step := 100 * time.Microsecond; step <= time.Second; step *= 10 {
		out = append(out, step, step*5/2, step*5)
	}
	return append(out, 10*time.Second, 30*time.Second, time.Minute, 5*time.Minute, 10*time.Minute)
}

// seconds are nanoseconds as Prometheus wants them.
func seconds(ns int64) float64 { return float64(ns) / float64(time.Second) }

// addCapped adds without going round: a snapshot from a broken process must not make a total small.
func addCapped(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}
