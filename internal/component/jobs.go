package component

import (
	"sync"
	"time"
)

// jobs counts the goroutines that work. Unlike with a sync.WaitGroup, one may begin while somebody waits: the last messages
// taken from a connection start theirs while the drain begins.
type jobs struct {
	mu   sync.Mutex
	busy int
	idle chan struct{} // closed when nothing is at work; nil when nobody waits
}

// Go runs f in a goroutine of its own.
func (j *jobs) Go(f func()) {
	j.mu.Lock()
	j.busy++
	j.mu.Unlock()
	go func() {
		defer j.ended()
		f()
	}()
}

func (j *jobs) ended() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.busy--; j.busy == 0 && j.idle != nil {
		close(j.idle)
		j.idle = nil
	}
}

// wait waits until nothing is at work, or for d: false when that was not long enough.
func (j *jobs) wait(d time.Duration) bool {
	idle := j.whenIdle()
	if idle == nil {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-idle:
		return true
	case <-t.C:
		return false
	}
}

// whenIdle is nil when nothing is at work now.
func (j *jobs) whenIdle() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.busy == 0 {
		return nil
	}
	if j.idle == nil {
		j.idle = make(chan struct{})
	}
	return j.idle
}
