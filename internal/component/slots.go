package component

import (
	"math/bits"
	"sync"

	"github.com/woodwork-lang/ww/internal/delivery"
)

// defaultConcurrent is how many turns a component runs at once when its kind does not say.
const defaultConcurrent = 10

// slots bound how many handlers run at once, over all partitions. Until begin, while suspects run alone, and after
// close, nothing is admitted.
type slots struct {
	mu      sync.Mutex
	max     int
	used    int
	closed  bool
	begun   bool
	waiters uint32 // bit n: partition n has something that waits for a slot
}

func (s *slots) open(t Traits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.max = t.MaxConcurrent
	if s.max <= 0 {
		s.max = defaultConcurrent
	}
}

func (s *slots) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun = true
}

func (s *slots) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

func (s *slots) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *slots) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !s.begun || s.used >= s.max {
		return false
	}
	s.used++
	return true
}

// force takes a slot for a suspect, which runs while nothing else is admitted.
func (s *slots) force() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used++
}

func (s *slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used--
}

func (s *slots) inFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used
}

func (s *slots) load() (used, limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used, s.max
}

// waiting notes whether a partition has something that waits for a slot.
func (s *slots) waiting(partition int, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if is {
		s.waiters |= 1 << partition
	} else {
		s.waiters &^= 1 << partition
	}
}

// nextWaiting is a partition that could start something now; -1 when there is none or no slot is free.
func (s *slots) nextWaiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiters == 0 || s.closed || !s.begun || s.used >= s.max {
		return -1
	}
	n := bits.TrailingZeros32(s.waiters)
	s.waiters &^= 1 << n
	return n % delivery.Partitions
}
