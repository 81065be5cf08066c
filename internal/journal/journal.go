// Package journal is a crash-safe record of messages and steps.
//
// It keeps records, each a kind and a payload, in the order in which they were appended, and knows nothing of what they
// mean. [Open] makes the caller the one owner of a journal; [Scan] reads one that somebody else owns.
//
// # What holds
//
//  1. An Append is one write(2), without a buffer in the process. When it has returned nil, the records survive the death
//     of any process; with [Options.Disk] they survive the death of the machine.
//  2. What is read back is a prefix of what was appended. One Append of several records may come back in part, never in
//     another order.
//  3. An Append that returned an error has stored nothing that this owner will read. (If the process dies before the disk
//     obeys again, the next owner may find the records: an error then means "unknown".)
//  4. One damaged record costs that record: the ones around it are read, and the [Report] names the stretch. Damage is
//     never silent, with one exception that no format can tell: a last record that is gone to its last byte.
//  5. A checkpoint takes the place of everything before it at one instant, or not at all, and holds up no append while it
//     is written.
//
// The format is drawn in docs/journal.md.
package journal

import (
	"os"
	"sync"
	"time"
)

// Record is one entry.
type Record struct {
	Kind    byte
	Payload []byte
}

// Options say how a journal is kept. The zero value is right for "process" durability.
type Options struct {
	Disk        bool          // Append returns when the records are on the disk
	SegmentSize int64         // a segment ends before it grows beyond this; default 8 MiB
	LockWait    time.Duration // how long a held lock is asked for before it is believed; default 100 ms, negative: once
	Fault       Fault         // nil: none
}

const defaultSegment = 8 << 20

func (o Options) withDefaults() Options {
	if o.SegmentSize <= 0 {
		o.SegmentSize = defaultSegment
	}
	if o.LockWait == 0 {
		o.LockWait = lockWait
	}
	return o
}

// Journal is an open journal. Its methods may be called from many goroutines.
type Journal struct {
	dir  string
	opts Options
	disk disk
	lock *os.File // LOCK, held while it is open; a field, because a collected file is a lost lock

	mu    sync.Mutex
	tail  tail      // guarded by mu
	group group     // guarded by mu
	segs  []segment // what counts, oldest first, the last is the tail; guarded by mu
	next  uint32    // number of the next segment; guarded by mu
	size  size      // guarded by mu
	buf   []byte    // scratch of Append; guarded by mu
	done  bool      // closed; guarded by mu

	aside     *aside         // a checkpoint under way; guarded by mu
	overtaken bool           // the last one was given up; guarded by mu
	beside    sync.WaitGroup // writes checkpoints, and removes what they replace; Go under mu and not when done
}

// tail is the segment that takes appends.
type tail struct {
	f     *file // nil: there is none yet
	off   int64 // end of the last record that counts
	dirty bool  // there may be bytes behind off
	spent bool  // must not be appended to again: a sync failed, or a successor may be visible
}

// size counts the bytes of the live segments.
type size struct {
	total int64
	base  int64 // total after the last checkpoint
	retry int64 // a checkpoint failed: none is due before total reaches this
}

// Open makes the caller the owner of the journal in dir, which is created if need be. Until [Journal.Close] or the death
// of the process everybody else gets [ErrLocked]. It cuts what a dead owner left half written and reports what is damaged.
func Open(dir string, o Options) (*Journal, Report, error) {
	var rep Report
	o = o.withDefaults()
	d := disk{fault: o.Fault}
	if err := makeDir(d, dir, o.Disk); err != nil {
		return nil, rep, err
	}
	lock, err := takeLock(dir, o.LockWait)
	if err != nil {
		return nil, rep, err
	}
	j := &Journal{dir: dir, opts: o, disk: d, lock: lock, next: 1}
	j.group.init(&j.mu)
	if err := j.recover(&rep); err != nil {
		j.closeFiles()
		return nil, rep, err
	}
	return j, rep, nil
}

// Replay hands every record to fn, oldest first; fn may keep the payload. Records that are appended meanwhile are not
// among them.
func (j *Journal) Replay(fn func(Record) error) error {
	snap, err := j.snapshot()
	defer closeAll(snap.files)
	if err != nil {
		return err
	}
	var rep Report // Open has reported it
	return snap.replay(&rep, fn)
}

// snapshot opens what counts now, so that a checkpoint meanwhile cannot take it away.
func (j *Journal) snapshot() (snap snapshot, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.done {
		return snap, ErrClosed
	}
	for i, s := range j.segs {
		f, err := openSegment(j.dir, s.number)
		if err != nil {
			return snap, err
		}
		if i == len(j.segs)-1 {
			s.limit = j.tail.off
		}
		snap.segs, snap.files = append(snap.segs, s), append(snap.files, f)
	}
	return snap, nil
}

// Size returns the bytes of all live segments.
func (j *Journal) Size() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.size.total
}

// Dir returns the directory of the journal.
func (j *Journal) Dir() string { return j.dir }

// Close gives the journal up. With [Options.Disk] it first brings to the disk what is not there yet.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.done {
		j.mu.Unlock()
		return nil
	}
	j.done = true // nothing is added from here on, so one settle leaves nobody waiting
	err := j.settle()
	j.mu.Unlock()
	j.beside.Wait() // it sees that the journal is closed
	j.closeFiles()
	return err
}

func (j *Journal) closeFiles() {
	if j.tail.f != nil {
		j.tail.f.Close()
	}
	j.lock.Close()
}
