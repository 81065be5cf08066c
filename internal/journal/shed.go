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
		if j.disk.rename(seg, tmp) != nil { // from now on nobody begins to read it
			j.disk.remove(seg) //nolint:errcheck // see above
			continue
		}
		j.disk.shrink(tmp)
		j.disk.remove(tmp) //nolint:errcheck // see above
	}
}

// shrink cuts a file down step by step, unless somebody reads it.
func (d disk) shrink(path string) {
	f, err := os.OpenFile(path, os.O_WRONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil || unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return
	}
	for size := st.Size() - shedStep; size > 0; size -= shedStep {
		if d.truncate(&file{File: f, path: path}, size) != nil {
			return
		}
		sched.Yield()
	}
}

// reads says that f is being read: it is not cut down meanwhile. False when that has begun already, and the file is gone for those
// who come now.
func reads(f *os.File) bool {
	err := unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false
	}
	var st unix.Stat_t // without locks on this file system nothing is cut down, either
	return unix.Fstat(int(f.Fd()), &st) != nil || st.Nlink > 0
}

// gone is the error of a segment that was replaced between the look at the directory and its opening.
func gone(path string) error { return &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist} }
