package localbus

import (
	"sync"
	"sync/atomic"
)

// The bounds of what waits to be written to one peer. Above pushBound what may be lost is kept in its own ring or
// dropped; above sendBound links keep their messages to themselves; above answerBound nothing more is read from who does not
// take its answers.
const (
	pushBound   = 256 << 10
	sendBound   = 1 << 20
	answerBound = 4 << 20
	spareBound  = 64 << 10 // larger buffers are not kept
)

// outbox is the writing side of a connection. Frames are appended under mu; whoever finds nobody writing writes them
// at once, in one write with what others append meanwhile. Only what the socket does not take is left to a goroutine
// of its own, so that nobody who sends ever waits for a slow reader.
type outbox struct {
	w     wire
	spawn func(func()) bool // starts a goroutine that the peer waits for; false when the peer leaves
	fail  func(error)       // ends the connection
	empty func()            // called without mu when the goroutine has written everything
	slow  atomic.Bool       // the goroutine is at work

	mu      sync.Mutex
	buf     []byte // frames not yet taken by a writer
	spare   []byte
	rest    int  // bytes in the hands of the goroutine
	held    int  // > 0: frames collect until release
	writing bool // somebody writes
	err     error
}

// waiting is how many bytes are not written yet.
func (o *outbox) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.buf) + o.rest
}

// hold makes frames collect until release.
func (o *outbox) hold() {
	o.mu.Lock()
	o.held++
	o.mu.Unlock()
}

func (o *outbox) release() {
	o.mu.Lock()
	o.held--
	o.flushLocked()
}

// flush writes what waits, unless somebody does already.
func (o *outbox) flush() {
	o.mu.Lock()
	o.flushLocked()
}

// bare appends and writes a frame without a message.
func (o *outbox) bare(t frameType, stream uint32, header, body []byte) error {
	o.mu.Lock()
	if o.err != nil {
		defer o.mu.Unlock()
		return o.err
	}
	o.buf = appendBare(o.buf, t, 0, stream, header, body)
	o.flushLocked()
	return nil
}

// flushLocked gives mu back.
func (o *outbox) flushLocked() {
	if o.writing || o.held > 0 || o.err != nil {
		o.mu.Unlock()
		return
	}
	o.writing = true
	for len(o.buf) > 0 {
		buf := o.takeLocked()
		o.mu.Unlock()
		n, err := o.w.tryWrite(buf)
		o.mu.Lock()
		if err != nil {
			o.failLocked(err)
			return
		}
		if n < len(buf) {
			o.rest = len(buf) - n
			o.slow.Store(true)
			o.mu.Unlock()
			o.spawn(func() { o.drain(buf[n:]) })
			return
		}
		o.giveLocked(buf)
	}
	o.writing = false
	o.mu.Unlock()
}

// drain is the goroutine that writes what the socket did not take at once.
func (o *outbox) drain(buf []byte) {
	for {
		_, err := o.w.Write(buf)
		o.mu.Lock()
		if err != nil {
			o.failLocked(err)
			return
		}
		o.rest = 0
		if len(o.buf) == 0 {
			o.writing = false
			o.slow.Store(false)
			o.mu.Unlock()
			o.empty()
			return
		}
		o.giveLocked(buf)
		buf = o.takeLocked()
		o.rest = len(buf)
		o.mu.Unlock()
	}
}

func (o *outbox) takeLocked() []byte {
	buf := o.buf
	o.buf, o.spare = o.spare[:0], nil
	return buf
}

// giveLocked keeps a written buffer for the next frames.
func (o *outbox) giveLocked(buf []byte) {
	if cap(buf) <= spareBound {
		o.spare = buf[:0]
	}
}

// failLocked gives mu back. writing stays true: nobody writes again.
func (o *outbox) failLocked(err error) {
	if o.err == nil {
		o.err = err
	}
	o.buf, o.spare = nil, nil
	o.mu.Unlock()
	o.fail(err)
}
