package session

import (
	"path/filepath"
	"time"

	"github.com/woodwork-lang/ww/internal/sched"
)

// writer is what only the goroutine touches.
type writer struct {
	o       Options
	open    map[string]*pending     // by session
	seen    map[string]map[key]bool // what files know, while a replay runs
	since   map[string]time.Time    // from when on a file is kept, while a replay runs
	dirty   []*pending              // in order of their first line of this batch
	floor   time.Time               // sessions that were last used before this may have been removed
	waiting int                     // bytes of this batch that are not written
	written int64                   // since the last look at the bounds
	tick    int64                   // of the last use of a file
	failing bool                    // the last write failed; said once
	spare   []byte                  // empty, for the lines of a batch
}

// pending is an open file and the lines of this batch.
type pending struct {
	file
	id    string
	at    time.Time // of the first line in buf
	buf   []byte
	lines int
	used  int64
}

func newWriter(o Options) *writer {
	return &writer{o: o, open: map[string]*pending{}, seen: map[string]map[key]bool{}, since: map[string]time.Time{}, floor: readFloor(o.Dir)}
}

// batch writes lines with one append per session, and returns how many were lost.
func (w *writer) batch(ops []op) (lost int) {
	for i := range ops {
		if i%politeLines == politeLines-1 {
			sched.Yield()
		}
		o := &ops[i]
		if o.flush != nil {
			lost += w.flush()
			clear(w.seen)
			clear(w.since)
			continue
		}
		if o.replay && w.known(o) {
			continue
		}
		lost += w.add(o)
		if w.waiting > politeBytes {
			lost += w.flush()
		}
	}
	return lost + w.flush()
}

// How much the writer does in one go, while turns may wait for its processor.
const (
	politeLines = 16
	politeBytes = 64 << 10
)

// known reports whether a replayed line must not be written: the file has it, or it was removed to save space.
func (w *writer) known(o *op) bool {
	id := o.m.Session
	keys, ok := w.seen[id]
	if !ok {
		var since time.Time
		keys, since = keysOf(w.path(id))
		if len(keys) == 0 {
			since = w.floor
		}
		w.seen[id], w.since[id] = keys, since
		if p := w.open[id]; p != nil { // lines of this very batch
			p.keys(keys)
		}
	}
	switch {
	case keys[key{o.kind, o.m.Turn}]:
		return true
	case !o.at.After(w.since[id]):
		return true
	case o.kind == kindEnd && !keys[key{kindTurn, o.m.Turn}]:
		return true // its TURN went with a checkpoint, which comes after the file; so somebody removed the file
	}
	return false
}

// keys adds what waits to be written.
func (p *pending) keys(to map[key]bool) {
	f := newFold(p.id)
	f.bytes(p.buf)
	for k := range f.seen {
		to[k] = true
	}
}

func (w *writer) path(id string) string { return filepath.Join(w.o.Dir, fileName(id)) }

func (w *writer) add(o *op) (lost int) {
	p := w.open[o.m.Session]
	if p == nil {
		lost = w.makeRoom()
		p = w.newPending(o.m.Session)
		w.open[p.id] = p
	}
	w.tick++
	p.used = w.tick
	if len(p.buf) == 0 {
		p.at = o.at
		w.dirty = append(w.dirty, p)
		if p.buf == nil {
			p.buf, w.spare = w.spare, nil
		}
	}
	before := len(p.buf)
	if o.kind == kindTurn {
		p.buf = appendTurn(p.buf, &o.m, o.at)
	} else {
		p.buf = appendEnd(p.buf, &o.m, o.at)
	}
	w.waiting += len(p.buf) - before
	p.lines++
	if keys := w.seen[p.id]; keys != nil {
		keys[key{o.kind, o.m.Turn}] = true
	}
	return lost
}

func (w *writer) newPending(id string) *pending {
	p := &pending{id: id}
	p.path = w.path(id)
	p.header = func() []byte { return appendHeader(nil, id, w.o.TTL, nil, p.at, nil) }
	return p
}

// makeRoom closes the file that was not used for longest.
func (w *writer) makeRoom() (lost int) {
	if len(w.open) < maxOpen {
		return 0
	}
	var oldest *pending
	for _, p := range w.open {
		if oldest == nil || p.used < oldest.used {
			oldest = p
		}
	}
	if len(oldest.buf) > 0 {
		lost = w.flush()
	}
	oldest.close()
	delete(w.open, oldest.id)
	return lost
}

// flush writes the lines of this batch.
func (w *writer) flush() (lost int) {
	for _, p := range w.dirty {
		if err := p.append(p.buf); err != nil {
			lost += p.lines
			w.failed(err)
			p.close()
			delete(w.open, p.id)
			delete(w.seen, p.id)
		} else {
			w.failing = false
			w.written += int64(len(p.buf))
		}
		w.recycle(p)
	}
	w.dirty, w.waiting = w.dirty[:0], 0
	if w.written >= pruneEvery {
		w.prune()
	}
	return lost
}

// What is kept between two batches: by each file, and by the one buffer that goes to whoever has much to say.
const (
	maxBuffer = 4 << 10
	maxSpare  = 256 << 10
)

func (w *writer) recycle(p *pending) {
	p.lines, p.buf = 0, p.buf[:0]
	if n := cap(p.buf); n > maxBuffer {
		if n > cap(w.spare) && n <= maxSpare {
			w.spare = p.buf
		}
		p.buf = nil
	}
}

func (w *writer) failed(err error) {
	if !w.failing {
		w.o.Log.Warn("a session cannot be recorded now; it is in the journal", "error", err)
	}
	w.failing = true
}

func (w *writer) close() {
	for _, p := range w.open {
		p.close()
	}
}
