package localbus

import (
	"time"
)

// Who reads a dialed connection. A caller that waits for its answer reads it itself, in the kernel, when nobody else
// waits: that spares two switches between goroutines. Otherwise the background goroutine reads, and it comes back
// when no caller has read for a lull, so that the death of the peer is seen.
type role int

const (
	roleIdle role = iota
	roleBackground
	roleCaller
)

// lull is how long a connection may be without a reader.
const lull = 4 * time.Millisecond

// reading is who reads a connection at the moment, and what decides who is next. It is guarded by the connection's mu.
type reading struct {
	role      role
	uses      uint // readings by others than the background goroutine
	seenUses  uint // when timer fired last
	timer     *time.Timer
	armed     bool   // timer runs
	isLazy    bool   // in the peer's list of those whose ACKs are collected in passing
	seenReads uint64 // of the peer, when the background goroutine read last
}

// run is the background reader.
func (d *dialed) run() {
	defer d.timer.Stop()
	for {
		select {
		case <-d.attend:
		case <-d.done:
			return
		}
		for standDown := false; !standDown; standDown = d.standDown() {
			if _, err := d.read(patient); err != nil {
				return
			}
		}
	}
}

// standDown leaves the reading to others when no call waits: to the next caller, or, for the ACKs of chain messages, to
// the readers of this process that are busy anyway.
func (d *dialed) standDown() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	reads := d.peer.lazy.reads.Load()
	busy := reads != d.seenReads
	d.seenReads = reads
	if d.peer.seats == 0 || d.calls > 0 || len(d.pending) > 0 && !busy {
		return false
	}
	d.idleLocked()
	return true
}

// idleLocked leaves the connection without a reader, for a lull at most.
func (d *dialed) idleLocked() {
	d.role = roleIdle
	if len(d.pending) > 0 && !d.isLazy {
		d.isLazy = true
		d.peer.lazy.add(d)
	}
	if !d.armed {
		d.armed = true
		d.timer.Reset(lull)
	}
}

// lulled gives the connection a reader again when nobody came.
func (d *dialed) lulled() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.role == roleBackground {
		d.armed = false
		return
	}
	if d.role == roleIdle && (d.calls > 0 || d.uses == d.seenUses) {
		d.armed = false
		d.attendLocked()
		return
	}
	d.seenUses = d.uses
	d.timer.Reset(lull)
}

// collect takes the ACKs that have come, in passing. It says whether to come again.
func (d *dialed) collect() bool {
	d.mu.Lock()
	if d.role != roleIdle || len(d.pending) == 0 || d.isClosed() {
		d.isLazy = false
		d.mu.Unlock()
		return false
	}
	d.role = roleCaller
	d.mu.Unlock()
	got, _ := d.read(impatient) // an error has closed the connection
	d.mu.Lock()
	defer d.mu.Unlock()
	if got {
		d.uses++
	}
	if d.calls > 0 {
		d.isLazy = false
		d.attendLocked()
		return false
	}
	d.role = roleIdle
	d.isLazy = len(d.pending) > 0
	return d.isLazy
}

func (d *dialed) attendLocked() {
	d.role = roleBackground
	select {
	case d.attend <- struct{}{}:
	default:
	}
}
