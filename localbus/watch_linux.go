package localbus

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// watchNotify hints at changes that the kernel tells of. It returns an error at once when it cannot watch, and nil when
// ctx has ended.
func watchNotify(ctx context.Context, dir string, hint func()) error {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), "inotify") // non-blocking, so that Close ends a Read
	defer f.Close()
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_MOVED_TO|unix.IN_DELETE|unix.IN_CLOSE_WRITE|unix.IN_MOVE_SELF|unix.IN_ONLYDIR); err != nil {
		if errors.Is(err, unix.ENOENT) {
			return errGone
		}
		return err
	}
	// A directory that somebody has open tells nothing of its own removal; the one above does.
	above, err := unix.InotifyAddWatch(fd, filepath.Dir(dir), unix.IN_DELETE|unix.IN_MOVED_FROM|unix.IN_ONLYDIR)
	if err != nil && !errors.Is(err, unix.ENOENT) {
		return err
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return errGone
	}
	stop := context.AfterFunc(ctx, func() { _ = f.Close() })
	defer stop()
	signs := make(chan struct{}, 1)
	probing, end := context.WithCancel(ctx)
	var prober sync.WaitGroup
	prober.Go(func() { repeat(probing, signs, hint) })
	defer prober.Wait()
	defer end()
	hint() // what changed before the watch was there
	b := make([]byte, 8<<10)
	for {
		n, err := f.Read(b)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		hint()
		if gone(b[:n], above, filepath.Base(dir)) {
			return errGone
		}
		if released(b[:n]) {
			select {
			case signs <- struct{}{}:
			default: // it begins anew anyhow
			}
		}
	}
}

// gone says whether one of the events is the end of the directory itself: it tells so, or the one above it says that the name is
// gone.
func gone(b []byte, above int, name string) bool {
	for len(b) >= unix.SizeofInotifyEvent {
		end := min(len(b), unix.SizeofInotifyEvent+int(binary.NativeEndian.Uint32(b[12:])))
		if binary.NativeEndian.Uint32(b[4:])&(unix.IN_IGNORED|unix.IN_MOVE_SELF) != 0 {
			return true
		}
		if int(binary.NativeEndian.Uint32(b)) == above && strings.TrimRight(string(b[unix.SizeofInotifyEvent:end]), "\x00") == name {
			return true
		}
		b = b[end:]
	}
	return false
}

// repeat repeats a hint after each sign of a death: the kernel tells that a lock file was closed before it gives the lock
// back. What else happens meanwhile is told at once, by the reader.
func repeat(ctx context.Context, signs <-chan struct{}, hint func()) {
	n := len(probeDelays)
	for {
		var next <-chan time.Time
		if n < len(probeDelays) {
			next = time.After(probeDelays[n])
		}
		select {
		case <-ctx.Done():
			return
		case <-signs:
			n = 0
		case <-next:
			hint()
			n++
		}
	}
}

// released says whether one of the events is the closing of a lease, or the loss of events.
func released(b []byte) bool {
	for len(b) >= unix.SizeofInotifyEvent {
		mask := binary.NativeEndian.Uint32(b[4:])
		size := int(binary.NativeEndian.Uint32(b[12:]))
		if len(b) < unix.SizeofInotifyEvent+size {
			return true
		}
		name := strings.TrimRight(string(b[unix.SizeofInotifyEvent:unix.SizeofInotifyEvent+size]), "\x00")
		if mask&unix.IN_Q_OVERFLOW != 0 || mask&unix.IN_CLOSE_WRITE != 0 && strings.HasSuffix(name, ".lock") {
			return true
		}
		b = b[unix.SizeofInotifyEvent+size:]
	}
	return false
}
