package journal

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"github.com/woodwork-lang/ww/internal/sched"
)

// shedStep is how much of a replaced segment goes at a time. To take eight megabytes from the kernel's cache at once costs a
// millisecond of a processor, for which a message in another process may have to wait; a step is some thirty microseconds.
const shedStep = 256 << 10

// shed removes segments that a checkpoint has replaced, and makes way between the steps. What cannot be taken away is no harm: it
// is not in the chain, and the next owner tries again.
func (j *Journal) shed(old []segment) {
	for _, s := range old {
		seg, tmp := segPath(j.dir, s.number, segExt), segPath(j.dir, s.number, tmpExt)
		if j.disk.rename(seg, tmp) != nil {
			j.disk.remove(seg) //nolint:errcheck // see above
			continue
		}
		j.disk.dwindle(tmp) // under this name nobody begins to read it
	}
}

// dwindle cuts a file down step by step, unless somebody reads it or it has a second name, and removes it.
func (d disk) dwindle(path string) {
	f, err := os.OpenFile(path, os.O_WRONLY|unix.O_NOFOLLOW, 0)
	if err == nil {
		defer f.Close() // the lock outlives the name
		d.shrink(&file{File: f, path: path})
	}
	d.remove(path) //nolint:errcheck // the next owner does it
}

func (d disk) shrink(f *file) {
	var st unix.Stat_t
	if flock(f.File, unix.LOCK_EX) != nil || unix.Fstat(int(f.Fd()), &st) != nil || st.Nlink != 1 {
		return
	}
	for size := st.Size - shedStep; size > 0; size -= shedStep {
		if d.truncate(f, size) != nil {
			return
		}
		sched.Yield()
	}
}

// reads says that f, which was opened as path, is being read, so that it is not cut down meanwhile. False when it is about to be, or
// was: a file loses its name as a segment before that, so who holds the lock while it has it reads all of it.
func reads(f *os.File, path string) bool {
	if errors.Is(flock(f, unix.LOCK_SH), unix.EWOULDBLOCK) {
		return false // where there are no locks nothing is cut down, either
	}
	held, err := f.Stat()
	if err != nil {
		return true // the first read meets the same
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(held, named)
}

// flock does not wait.
func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
		if err != unix.EINTR {
			return err
		}
	}
}

// gone is the error of a segment that was replaced between the look at the directory and its opening.
func gone(path string) error { return &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist} }
