package chains

import (
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// bar is one hop of a turn on the time line of its turn.
type bar struct {
	hop        event.Hop
	depth      int
	last       bool          // of its siblings
	queued     time.Duration // from the start of the turn: it was received
	start, end time.Duration
}

// waterfall puts the hops of a turn on a time line. A hop knows how long it waited and worked, not when: it was received
// when its parent was done. Hops of one component that come again are told apart by their order.
func waterfall(hops []event.Hop) []bar {
	bars := make([]bar, len(hops))
	for i, h := range hops {
		b := bar{hop: h, last: true}
		if p := parent(hops, i); p >= 0 {
			b.depth, b.queued = bars[p].depth+1, bars[p].end
		}
		b.start = b.queued + ms(h.QueueMS)
		b.end = b.start + ms(h.ServiceMS)
		bars[i] = b
	}
	for i := range bars {
		for j := i + 1; j < len(bars) && bars[j].depth >= bars[i].depth; j++ {
			if bars[j].depth == bars[i].depth {
				bars[i].last = false
				break
			}
		}
	}
	return bars
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
