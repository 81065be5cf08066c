package breaker

import "time"

// window is the last calls, in a ring.
type window struct {
	rate   Rate
	calls  []call
	first  int // the oldest
	n      int
	failed int // of the n
}

type call struct {
	at     time.Duration
	failed bool
}

func newWindow(r Rate) window { return window{rate: r, calls: make([]call, r.Calls)} }

func (w *window) add(now time.Duration, failed bool) {
	if w.n == len(w.calls) {
		w.dropFirst()
	}
	i := w.first + w.n
	if i >= len(w.calls) {
		i -= len(w.calls)
	}
	w.calls[i] = call{now, failed}
	w.n++
	if failed {
		w.failed++
	}
}

func (w *window) dropFirst() {
	if w.calls[w.first].failed {
		w.failed--
	}
	if w.first++; w.first == len(w.calls) {
		w.first = 0
	}
	w.n--
}

// expire forgets what is too old to count.
func (w *window) expire(now time.Duration) {
	for w.n > 0 && now-w.calls[w.first].at > w.rate.MaxAge {
		w.dropFirst()
	}
}

// tripped says whether too many of the calls failed.
func (w *window) tripped(now time.Duration) bool {
	w.expire(now)
	return w.n >= w.rate.MinCalls && float64(w.failed) >= w.rate.Share*float64(w.n)
}

func (w *window) reset() { w.first, w.n, w.failed = 0, 0, 0 }

// failures returns for each call, oldest first, whether it failed.
func (w *window) failures() []bool {
	out := make([]bool, w.n)
	for i := range out {
		out[i] = w.calls[(w.first+i)%len(w.calls)].failed
	}
	return out
}
