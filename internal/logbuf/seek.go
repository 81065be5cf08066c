package logbuf

import (
	"bytes"
	"io"
	"os"
)

// seek puts the cursor where the answer to q begins, or before it: at a file that is young enough, and for a tail at
// a line behind which there are enough that q wants. Ten megabytes are not read for ten lines.
func (c *cursor) seek(q Query) {
	all := versions(c.dir, c.component)
	for len(all) > 1 && !q.Since.IsZero() && all[0].info.ModTime().Before(q.Since) {
		all = all[1:]
	}
	if len(all) == 0 {
		return
	}
	if q.Tail == 0 {
		c.open(all[0], 0)
		return
	}
	missing := max(q.Tail, 0)
	for i := len(all) - 1; i >= 0; i-- {
		off, found := tailOffset(all[i], q, missing)
		if missing -= found; missing <= 0 || i == 0 {
			c.open(all[i], off)
			return
		}
	}
}

// tailOffset returns where the last n lines of a file begin that q wants, and how many there are. It may find fewer than
// there are, and so begin too early: whether a line is wanted may depend on the one before it.
func tailOffset(v version, q Query, n int) (off int64, found int) {
	f, err := os.Open(v.path)
	if err != nil {
		return 0, 0
	}
	defer f.Close()
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, 0
	}
	back := backward{file: f, off: end}
	back.skipTorn()
	off = back.at()
	for found < n {
		line, ok := back.line()
		if !ok {
			return 0, found
		}
		off = back.at()
		if r, ok := parse(line); ok && q.surely(&r) || !ok && q.all() {
			found++
		}
	}
	return off, found
}

// backward reads lines from the end of a file to its beginning.
type backward struct {
	file *os.File
	off  int64  // where buf begins
	buf  []byte // up to and with the newline of the line that comes next
}

// at is where the last line that was read begins.
func (b *backward) at() int64 { return b.off + int64(len(b.buf)) }

// skipTorn leaves out what has no newline yet.
func (b *backward) skipTorn() {
	for {
		if i := bytes.LastIndexByte(b.buf, '\n'); i >= 0 {
			b.buf = b.buf[:i+1]
			return
		}
		if !b.more() {
			b.buf = nil
			return
		}
	}
}

// line returns the line before the last one.
func (b *backward) line() ([]byte, bool) {
	for {
		if len(b.buf) > 0 {
			text := b.buf[:len(b.buf)-1]
			if i := bytes.LastIndexByte(text, '\n'); i >= 0 || b.off == 0 {
				b.buf = b.buf[:i+1]
				return text[i+1:], true
			}
		}
		if !b.more() {
			return nil, false
		}
	}
}

// more reads the block before buf.
func (b *backward) more() bool {
	n := min(b.off, 64<<10)
	if n == 0 {
		return false
	}
	block := make([]byte, n, int(n)+len(b.buf))
	if _, err := b.file.ReadAt(block, b.off-n); err != nil {
		return false
	}
	b.buf = append(block, b.buf...)
	b.off -= n
	return true
}
