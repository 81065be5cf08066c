package localbus

import (
	"sync"
	"sync/atomic"
)

// lazy are the connections whose ACKs nobody waits for at the moment. To wake a goroutine for each ACK would cost more
// than the message itself, so whoever has just read a message takes them along; when nobody reads, the connection's own
// reader comes back after a lull.
type lazy struct {
	reads atomic.Uint64 // messages that were read in this process
	some  atomic.Bool   // list is not empty
	mu    sync.Mutex
	list  []*dialed
}

func (l *lazy) add(d *dialed) {
	l.mu.Lock()
	l.list = append(l.list, d)
	l.some.Store(true)
	l.mu.Unlock()
}

// collect takes the ACKs that have come. One goroutine at a time does.
func (l *lazy) collect() {
	l.reads.Add(1)
	if !l.some.Load() {
		return
	}
	l.mu.Lock()
	list := l.list
	l.list = nil
	l.some.Store(false)
	l.mu.Unlock()
	kept := list[:0]
	for _, d := range list {
		if d.collect() {
			kept = append(kept, d)
		}
	}
	if len(kept) == 0 {
		return
	}
	l.mu.Lock()
	l.list = append(l.list, kept...)
	l.some.Store(true)
	l.mu.Unlock()
}
