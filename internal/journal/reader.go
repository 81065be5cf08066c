package journal

import (
	"bytes"
	"encoding/binary"
	"io"
)

const (
	window   = 64 << 10
	pageSize = 4 << 10
)

// reader reads one segment through a window, so that a long journal does not need its size in memory.
type reader struct {
	r    io.ReaderAt
	end  int64 // bytes from here on do not count
	mark uint32
	win  []byte
	at   int64 // offset of win[0]
	err  error // the first error the disk gave; what it hid reads as zeros
}

// peek returns n bytes at off, fewer at the end. They stay until the next peek.
func (r *reader) peek(off int64, n int) []byte {
	n = int(max(0, min(int64(n), r.end-off)))
	if off < r.at || off+int64(n) > r.at+int64(len(r.win)) {
		r.fill(off, int(min(int64(max(n, window)), r.end-off)))
	}
	b := r.win[off-r.at:]
	return b[:min(n, len(b))] // the file may be shorter than it was
}

func (r *reader) fill(off int64, n int) {
	if cap(r.win) < n {
		r.win = make([]byte, n)
	}
	r.win, r.at = r.win[:n], off
	got, err := r.r.ReadAt(r.win, off)
	if err == nil || got == n {
		return
	}
	if err == io.EOF { // shorter than it was: a live writer took back a failed append
		r.win = r.win[:got]
		r.end = off + int64(got)
		return
	}
	r.note(err)
	r.fillPages(off)
}

// fillPages reads around a bad spot of the disk. The checksum tells whether what it hid mattered.
func (r *reader) fillPages(off int64) {
	for i := 0; i < len(r.win); i += pageSize {
		page := r.win[i:min(i+pageSize, len(r.win))]
		if n, err := r.r.ReadAt(page, off+int64(i)); n < len(page) {
			clear(page[n:])
			r.note(err)
		}
	}
}

func (r *reader) note(err error) {
	if r.err == nil {
		r.err = err
	}
}

// frame returns the intact frame at off, or nil.
func (r *reader) frame(off int64) []byte {
	h := r.peek(off, frameLen)
	if len(h) < frameLen || binary.BigEndian.Uint32(h) != r.mark {
		return nil
	}
	n := frameLen + int64(binary.BigEndian.Uint32(h[4:]))
	if n > frameLen+MaxPayload || off+n > r.end {
		return nil
	}
	b := r.peek(off, int(n))
	if int64(len(b)) < n || binary.BigEndian.Uint32(b[8:]) != sum(off, b) {
		return nil
	}
	return b
}

// resync finds the next intact frame at off or later, -1 if there is none.
func (r *reader) resync(off int64) int64 {
	mark := binary.BigEndian.AppendUint32(nil, r.mark)
	for {
		b := r.peek(off, window)
		if len(b) < frameLen {
			return -1
		}
		i := bytes.Index(b, mark)
		switch {
		case i < 0:
			off += int64(len(b) - len(mark) + 1)
		case r.frame(off+int64(i)) != nil:
			return off + int64(i)
		default:
			off += int64(i) + 1
		}
	}
}

// findMark learns the mark of a segment whose head is gone from its first intact frame.
func (r *reader) findMark() bool {
	for off := int64(headLen); ; off++ {
		b := r.peek(off, frameLen)
		if len(b) < frameLen {
			return false
		}
		r.mark = binary.BigEndian.Uint32(b)
		if r.mark&markBits == markBits && r.frame(off) != nil {
			return true
		}
	}
}

// walk hands every intact frame to fn and every damaged stretch between two of them to bad. It returns where the last
// intact frame ends.
func (r *reader) walk(fn func(frame []byte) error, bad func(off, n int64)) (int64, error) {
	off := int64(headLen)
	for {
		f := r.frame(off)
		if f == nil {
			next := r.resync(off)
			if next < 0 {
				return off, nil
			}
			bad(off, next-off)
			off = next
			continue
		}
		n := int64(len(f))
		if err := fn(f); err != nil {
			return off, err
		}
		off += n
	}
}
