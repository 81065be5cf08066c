package chains

import (
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
)

// bar is one hop of a turn on the time line of its turn, or a call that a hop made.
type bar struct {
	hop        event.Hop
	call       bool
	nth        int // among the hops of its component, from 1
	depth      int
	last       bool          // of its siblings
	queued     time.Duration // from the start of the turn: it was received
	start, end time.Duration
}

// waterfall puts the hops of a turn on a time line. A hop knows how long it waited and worked, not when: it was received
// when its parent was done. Hops of one component that come again are told apart by their order.
func waterfall(hops []event.Hop) []bar {
	bars := make([]bar, len(hops))
	nth := map[string]int{}
	for i, h := range hops {
		nth[h.Component]++
		b := bar{hop: h, last: true, nth: nth[h.Component]}
		if p := parent(hops, i); p >= 0 {
			b.depth, b.queued = bars[p].depth+1, bars[p].end
		}
		b.start = b.queued + ms(h.QueueMS)
		b.end = b.start + ms(h.ServiceMS)
		bars[i] = b
	}
	return ends(bars)
}

// ends marks the bars that are the last ones of their siblings.
func ends(bars []bar) []bar {
	for i := range bars {
		bars[i].last = true
		for j := i + 1; j < len(bars) && bars[j].depth >= bars[i].depth; j++ {
			if bars[j].depth == bars[i].depth {
				bars[i].last = false
				break
			}
		}
	}
	return bars
}

// barsOf are the hops of a turn that has ended, each with the calls that it made, as far as somebody has heard of them. A
// call is under the first hop, or the first call, of the component that made it.
func barsOf(t state.Turn) []bar {
	if t.End == nil {
		return nil
	}
	hops := waterfall(t.End.Hops)
	if len(t.Calls) == 0 {
		return hops
	}
	under := map[string][]state.Call{}
	for _, c := range t.Calls {
		under[c.From] = append(under[c.From], c)
	}
	var bars []bar
	var put func(b bar)
	put = func(b bar) {
		bars = append(bars, b)
		calls := under[b.hop.Component]
		delete(under, b.hop.Component)
		for _, c := range calls {
			put(called(c, t, b.depth+1))
		}
	}
	for _, b := range hops {
		put(b)
	}
	return ends(bars)
}

// called is a call as a bar. When it began is known by the clock of whoever heard of it.
func called(c state.Call, t state.Turn, depth int) bar {
	b := bar{call: true, depth: depth, hop: event.Hop{Component: c.To, Parent: c.From, Attempt: 1, BytesIn: len(c.Data), BytesOut: len(c.Result), Error: c.Error}}
	if c.Fallback != "" {
		b.hop.Fallbacks = c.To + ":" + c.Fallback
	}
	if !c.StartedAt.IsZero() && !t.StartedAt.IsZero() {
		b.start = max(0, c.StartedAt.Sub(t.StartedAt))
	}
	b.queued, b.end = b.start, b.start+c.Took
	return b
}

// parent is the hop that sent the i-th one: the nearest before it with that name.
func parent(hops []event.Hop, i int) int {
	for p := i - 1; p >= 0; p-- {
		if hops[p].Component == hops[i].Parent {
			return p
		}
	}
	return -1
}

func ms(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }

// length is how long the time line is: as long as the turn took, or its hops did.
func length(bars []bar, took time.Duration) time.Duration {
	for _, b := range bars {
		took = max(took, b.end)
	}
	return max(took, time.Microsecond)
}
