package session

import (
	"bytes"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// file is a session's file as a writer has it. Several processes may append to one file: the acceptor that owns the
// session's partition, another input that was given the same session, and `ww sessions end`. Each append is one write
// of whole lines under the file's lock.
type file struct {
	path   string
	header func() []byte // what an empty file begins with; nil: nothing is appended to one
	f      *os.File
	size   int64 // after our last append
}

// lockPatience is how long a writer waits for another one. One that is stopped keeps the lock for ever, and what the
// lock prevents is only a damaged line.
const lockPatience = 50 * time.Millisecond

var errEmpty = errors.New("the session is gone")

func (w *file) open() error {
	f, err := os.OpenFile(w.path, os.O_RDWR|os.O_CREATE|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	w.f, w.size = f, 0
	return nil
}

func (w *file) close() {
	if w.f != nil {
		_ = w.f.Close() // every write was checked
		w.f = nil
	}
}

// append adds whole lines, or nothing.
func (w *file) append(lines []byte) error {
	if w.f == nil {
		if err := w.open(); err != nil {
			return err
		}
	}
	w.lock()
	defer func() {
		if w.f != nil {
			_ = unix.Flock(int(w.f.Fd()), unix.LOCK_UN) // it goes with the file at the latest
		}
	}()
	var st unix.Stat_t
	if err := unix.Fstat(int(w.f.Fd()), &st); err != nil {
		return err
	}
	if st.Nlink == 0 { // it was the oldest one, and is used again
		if w.header == nil {
			return errEmpty
		}
		w.close()
		return w.append(lines)
	}
	if st.Size != w.size {
		size, err := cutTorn(w.f, st.Size)
		if err != nil {
			return err
		}
		w.size = size
	}
	if w.size == 0 {
		if w.header == nil {
			return errEmpty
		}
		lines = append(w.header(), lines...)
	}
	return w.write(lines)
}

func (w *file) write(lines []byte) error {
	n, err := w.f.Write(lines)
	if err != nil {
		if n > 0 {
			_ = w.f.Truncate(w.size) // if not, the next append cuts it
		}
		return err
	}
	w.size += int64(n)
	return nil
}

// lock takes the file's lock if it can be had in reasonable time.
func (w *file) lock() {
	for end := time.Now().Add(lockPatience); ; time.Sleep(time.Millisecond) { //nolint:forbidigo // another process holds the lock for one write
		err := unix.Flock(int(w.f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil || !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) || time.Now().After(end) {
			return
		}
	}
}

// cutTorn cuts what stands behind the last newline: its writer died.
func cutTorn(f *os.File, size int64) (int64, error) {
	const step = 64 << 10
	var last [1]byte
	if size > 0 {
		if _, err := f.ReadAt(last[:], size-1); err == nil && last[0] == '\n' {
			return size, nil
		}
	}
	buf := make([]byte, min(step, size))
	for end := size; end > 0; {
		b := buf[:min(int64(len(buf)), end)]
		at := end - int64(len(b))
		if _, err := f.ReadAt(b, at); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			keep := at + int64(i) + 1
			if keep == size {
				return size, nil
			}
			return keep, f.Truncate(keep)
		}
		end = at
	}
	if size == 0 {
		return 0, nil
	}
	return 0, f.Truncate(0)
}

// keysOf is what a file knows already.
func keysOf(path string) (map[key]bool, time.Time) {
	keys := map[key]bool{}
	var since time.Time
	b, err := readFile(path)
	if err != nil {
		return keys, since
	}
	for raw := range bytes.Lines(b) {
		if raw[len(raw)-1] != '\n' {
			break
		}
		l, ok := parseLine(raw)
		if !ok {
			continue
		}
		if l.Since != nil {
			since = *l.Since
		}
		if l.Turn != "" {
			keys[key{l.Kind, l.Turn}] = true
		}
	}
	return keys, since
}
