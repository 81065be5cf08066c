package cli

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"github.com/woodwork-lang/ww/internal/rounds"
)

// A runner lives for long and keeps little. With the usual setting a heap of half a megabyte is collected every four
// megabytes, which is every two hundred messages, and each collection holds up the turn that it meets. So a runner has more
// room while it works, and gives it back when it rests.
const (
	heapRoom    = 12 << 20 // what may be allocated between two collections, at least
	heapPercent = 100      // of what lives, when that is more
	heapRest    = 5 * time.Second
	heapIdle    = 256 << 10 // who allocates less than this in heapRest has nothing to do
)

// tuneHeap keeps the room until ctx ends. It looks whether there is a rest when the process is awake anyway.
func tuneHeap(ctx context.Context) *rounds.Rounds {
	h := newHeap()
	debug.SetGCPercent(int(h.percent.Load()))
	h.afterEach()
	looks := rounds.New(heapRest)
	go looks.Run(ctx.Done(), h.look)
	return looks
}

// percentFor is the percentage for a heap of which so much lives.
func percentFor(live uint64) int {
	const least = 4 << 20 // the runtime counts no heap as smaller
	return int(max(heapPercent, 100*heapRoom/max(live, least)))
}

// heap watches the memory of this process.
type heap struct {
	percent atomic.Int64 // that is set
	allocs  uint64       // at the last look
	given   uint64       // allocs when memory was given back last
}

func newHeap() *heap {
	h := &heap{}
	h.percent.Store(int64(percentFor(0)))
	return h
}

// afterEach sets the percentage to what lives, after each collection: what nobody can reach then is a sign of it.
func (h *heap) afterEach() {
	type token struct{ _ [16]byte }
	runtime.AddCleanup(new(token), func(h *heap) {
		h.adapt()
		h.afterEach()
	}, h)
}

// adapt sets the percentage when it should be quite another one.
func (h *heap) adapt() {
	live, _ := readHeap()
	p, old := percentFor(live), int(h.percent.Load())
	if 5*p < 4*old || 4*p > 5*old {
		h.percent.Store(int64(p))
		debug.SetGCPercent(p)
	}
}

// look gives memory back when nothing much was allocated since the last look, and something since it was given back.
func (h *heap) look() {
	_, allocs := readHeap()
	idle := allocs-h.allocs < heapIdle
	h.allocs = allocs
	if idle && allocs-h.given > 2*heapIdle {
		debug.FreeOSMemory()
		_, h.given = readHeap()
		h.allocs = h.given
	}
}

// readHeap is what lived after the last collection, and what was ever allocated.
func readHeap() (live, allocs uint64) {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64(), s[1].Value.Uint64()
}
