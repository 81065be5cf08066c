package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	segExt = ".seg"
	tmpExt = ".tmp"
	badExt = ".bad"
)

// segment is one file of a journal, as found on disk.
type segment struct {
	head
	size   int64 // of the file
	limit  int64 // only that much counts: the next segment has the rest, or nobody
	intact int   // copies of the head that are; with none the mark was learned from a record
	dead   bool  // neither head nor record
}

func segPath(dir string, number uint32, ext string) string {
	return filepath.Join(dir, fmt.Sprintf("%08d%s", number, ext))
}

// segNumber reads a name as segPath writes it.
func segNumber(name, ext string) (uint32, bool) {
	digits, ok := strings.CutSuffix(name, ext)
	if !ok || len(digits) != 8 {
		return 0, false
	}
	var n uint32
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint32(c-'0')
	}
	return n, n > 0
}

// names returns the numbers of the files with that extension, ascending.
func names(dir, ext string) ([]uint32, error) {
	entries, err := list(dir)
	return numbers(entries, ext), err
}

// list is what a journal's directory holds, sorted.
func list(dir string) ([]os.DirEntry, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return entries, nil
}

// numbers are those of the files with an extension.
func numbers(entries []os.DirEntry, ext string) (ns []uint32) {
	for _, e := range entries {
		if n, ok := segNumber(e.Name(), ext); ok {
			ns = append(ns, n)
		}
	}
	return ns
}

func openSegment(dir string, number uint32) (*os.File, error) {
	path := segPath(dir, number, segExt)
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if !reads(f, path) {
		f.Close()
		return nil, fmt.Errorf("open journal: %w", gone(path))
	}
	return f, nil
}

// inspect reads what a segment says of itself, or learns what it can.
func inspect(f *os.File, number uint32) (segment, error) {
	s := segment{head: head{number: number}}
	st, err := f.Stat()
	if err != nil {
		return s, fmt.Errorf("read journal: %w", err)
	}
	s.size, s.limit = st.Size(), st.Size()
	r := &reader{r: f, end: s.size}
	h, intact, err := parseHead(r.peek(0, headLen))
	switch {
	case err != nil:
		return s, fmt.Errorf("%s: %w", f.Name(), err)
	case s.size < headLen: // nothing but a part of the head
		s.dead = true
	case intact == 0:
		s.dead = !r.findMark()
		s.mark = r.mark
	default:
		s.head, s.intact = h, intact
		s.number = number
	}
	return s, nil
}

// liveChain picks, oldest first, the segments that count: the newest one and those it goes on from. What is not in the
// chain was replaced by a checkpoint or is what a failed write left behind.
func liveChain(all []segment, rep *Report) []segment {
	var chain []segment
	for i := len(all) - 1; i >= 0; {
		s := all[i]
		if s.dead {
			rep.dead(s, len(chain) == 0)
			i--
			continue
		}
		if len(chain) > 0 {
			s.cut(chain[len(chain)-1], rep)
		}
		chain = append(chain, s)
		if s.intact > 0 && s.prev == 0 {
			break
		}
		i = before(all, i, s, rep)
	}
	for a, b := 0, len(chain)-1; a < b; a, b = a+1, b-1 {
		chain[a], chain[b] = chain[b], chain[a]
	}
	return chain
}

// cut limits s to what next says counts of it.
func (s *segment) cut(next segment, rep *Report) {
	if next.prev != s.number {
		return
	}
	if next.prevLen > s.size {
		rep.bad(s.number, s.size, next.prevLen-s.size, "file was cut short")
	}
	s.limit = min(s.size, next.prevLen)
}

// before finds the segment that s goes on from, or when s cannot say or that one is gone, the next older one.
func before(all []segment, i int, s segment, rep *Report) int {
	for j := i - 1; j >= 0; j-- {
		switch {
		case s.intact > 0 && all[j].number > s.prev: // left behind
		case s.intact > 0 && all[j].number < s.prev:
			rep.bad(s.prev, 0, 0, "segment is missing")
			return j
		default:
			return j
		}
	}
	if s.intact > 0 {
		rep.bad(s.prev, 0, 0, "segment is missing")
	}
	return -1
}

// read hands the counting records of s to fn and puts what is damaged into rep. It returns where the last intact
// frame ends.
func (s segment) read(f *os.File, rep *Report, fn func(frame []byte) error) (int64, error) {
	r := &reader{r: f, end: s.limit, mark: s.mark}
	if s.intact < 2 {
		rep.bad(s.number, 0, headLen, "head is damaged")
	}
	good, err := r.walk(func(b []byte) error {
		rep.Records++
		if fn == nil {
			return nil
		}
		return fn(b)
	}, func(off, n int64) { rep.bad(s.number, off, n, "record is damaged") })
	if r.err != nil {
		rep.bad(s.number, 0, 0, r.err.Error())
	}
	rep.Segments++
	rep.Bytes += good
	return good, err
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

func isGone(err error) bool { return errors.Is(err, fs.ErrNotExist) }
