package logbuf

import (
	"bytes"
	"io"
	"os"
	"time"
)

// overlap is how much of a line is held back when it is cut, so that a secret across the cut is still masked.
const overlap = 4 << 10

// batchBytes bounds the lines that one write takes.
const batchBytes = 256 << 10

// Writer takes the bytes of one stream. It never fails for want of space: lines that cannot be written are counted,
// and the component goes on.
type Writer struct {
	log    *Log
	stream string

	// Guarded by log.mu.
	rest  []byte // the line that has begun
	open  bool   // its beginning is in the file already, marked Unended
	timer *time.Timer
	turn  int // tells a timer that was stopped too late
	ended bool
}

// Write takes what the component printed. It fails only after Close.
func (w *Writer) Write(p []byte) (int, error) {
	l := w.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.ended || l.closed {
		return 0, os.ErrClosed
	}
	now, n := time.Now(), len(p)
	for {
		line, rest, found := bytes.Cut(p, []byte{'\n'})
		if !found {
			break
		}
		w.lineLocked(now, line)
		p = rest
	}
	w.rest = append(w.rest, p...)
	w.shortenLocked(now)
	w.waitLocked()
	l.flushLocked(now)
	return n, nil
}

// ReadFrom copies r to its end in one write a read. It is what io.Copy uses.
func (w *Writer) ReadFrom(r io.Reader) (int64, error) {
	buf := make([]byte, 64<<10) // what a pipe holds
	var total int64
	for {
		n, err := r.Read(buf)
		total += int64(n)
		if n > 0 {
			if _, werr := w.Write(buf[:n]); werr != nil {
				return total, werr
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// Close writes what has begun, marked [Unended]. The log stays open.
func (w *Writer) Close() error {
	l := w.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.ended || l.closed {
		return os.ErrClosed
	}
	now := time.Now()
	w.endLocked(now)
	l.flushLocked(now)
	return nil
}

func (w *Writer) endLocked(now time.Time) {
	if w.ended {
		return
	}
	w.ended = true
	w.stopLocked()
	w.openLocked(now)
}

// lineLocked takes the end of a line.
func (w *Writer) lineLocked(now time.Time, end []byte) {
	line := end
	if len(w.rest) > 0 {
		w.rest = append(w.rest, end...)
		line = w.rest
	}
	if len(line) > 0 || !w.open { // the newline of an open line says nothing new
		text := w.cutLocked(now, w.log.options.Mask(line), w.log.options.MaxLine)
		w.log.addLocked(now, w.stream, Whole, text)
	}
	w.rest, w.open = w.rest[:0], false
	w.stopLocked()
}

// shortenLocked cuts a line that has no end in sight.
func (w *Writer) shortenLocked(now time.Time) {
	if len(w.rest) <= w.log.options.MaxLine+overlap {
		return
	}
	left := w.cutLocked(now, w.log.options.Mask(w.rest), w.log.options.MaxLine+overlap)
	w.rest = append([]byte(nil), left...) // also lets go of a large array
	w.open = false
}

// cutLocked writes full pieces of text until at most limit bytes are left, and returns those.
func (w *Writer) cutLocked(now time.Time, text []byte, limit int) []byte {
	for len(text) > limit {
		w.log.addLocked(now, w.stream, Cut, text[:w.log.options.MaxLine])
		text = text[w.log.options.MaxLine:]
	}
	return text
}

// openLocked writes what there is of a line without an end.
func (w *Writer) openLocked(now time.Time) {
	if len(w.rest) == 0 {
		return
	}
	text := w.cutLocked(now, w.log.options.Mask(w.rest), w.log.options.MaxLine)
	w.log.addLocked(now, w.stream, Unended, text)
	w.rest, w.open = w.rest[:0], true
}

// waitLocked gives the rest of a line that has begun its time.
func (w *Writer) waitLocked() {
	if len(w.rest) == 0 || w.timer != nil {
		return
	}
	turn := w.turn
	w.timer = time.AfterFunc(w.log.options.Patience, func() { w.late(turn) })
}

func (w *Writer) stopLocked() {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	w.turn++
}

func (w *Writer) late(turn int) {
	l := w.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if turn != w.turn || w.ended || l.closed {
		return
	}
	now := time.Now()
	w.stopLocked()
	w.openLocked(now)
	l.flushLocked(now)
}
