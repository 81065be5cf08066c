package cli

import (
	"runtime"
	"testing"
)

func TestRoomDoesNotGrowWithWhatLives(t *testing.T) {
	tests := []struct {
		live uint64
		want int
	}{{0, 300}, {500 << 10, 300}, {4 << 20, 300}, {6 << 20, 200}, {12 << 20, 100}, {1 << 30, 100}}
	for _, tt := range tests {
		if got := percentFor(tt.live); got != tt.want {
			t.Errorf("%d bytes live: %d %%, want %d", tt.live, got, tt.want)
		}
	}
}

// Not parallel to others: it counts what this process allocates.
func TestMemoryIsGivenBackAfterWork(t *testing.T) {
	h := newHeap()
	steps := []struct {
		name  string
		work  int // allocated before the look, in pieces of 64 KiB
		given bool
	}{{"the first look", 16, false}, {"in the middle of the work", 64, false}, {"at rest", 0, true}, {"still at rest", 0, false}}
	for _, s := range steps {
		for range s.work {
			sink = make([]byte, 64<<10)
		}
		before := collections()
		h.look()
		if given := collections() > before; given != s.given {
			t.Errorf("%s: given back %v, want %v", s.name, given, s.given)
		}
	}
}

var sink []byte

// collections counts those that were asked for; the runtime's own come when they like.
func collections() uint32 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.NumForcedGC
}
