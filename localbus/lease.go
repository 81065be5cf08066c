package localbus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// lease is the lock on an instance's life. The kernel gives it back at death, whatever the cause. Its file must stay
// reachable for as long as the lease is meant to be held: a file that is collected is closed, and the lock is gone.
type lease struct{ file *os.File }

// leaseWait is how long takeLease believes that a lock which it cannot have is only being probed.
const leaseWait = 100 * time.Millisecond

func leasePath(dir, instance string) string {
	return filepath.Join(instancesDir(dir), instance+".lock")
}

// takeLease takes the lease of an instance.
func takeLease(dir, instance string) (*lease, error) {
	path := leasePath(dir, instance)
	for until := time.Now().Add(leaseWait); ; {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		err = flock(f, unix.LOCK_EX|unix.LOCK_NB)
		if err == nil && sameFile(f, path) {
			return &lease{f}, nil
		}
		_ = f.Close() // nothing was written
		switch {
		case err == nil: // somebody cleaned up between open and flock: the lock is on a file without a name
		case !errors.Is(err, unix.EWOULDBLOCK):
			return nil, fmt.Errorf("lock %s: %w", path, err)
		case time.Now().After(until):
			return nil, fmt.Errorf("%s: %w", instance, ErrHeld)
		default:
			time.Sleep(time.Millisecond) //nolint:forbidigo // the kernel frees a lock a moment after its holder is gone, and tells nobody
		}
	}
}

func (l *lease) release() error { return l.file.Close() }

// sameFile says whether path still names f.
func sameFile(f *os.File, path string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}

// flock locks f, again when a signal came between.
func flock(f *os.File, how int) error {
	for {
		if err := unix.Flock(int(f.Fd()), how); err != unix.EINTR {
			return err
		}
	}
}

// Alive says whether somebody holds the lease of an instance. It opens the file for reading only: closing one that is
// open for writing would look like a death to those who watch.
func Alive(dir, instance string) bool {
	f, err := os.Open(leasePath(dir, instance))
	if err != nil { // out of descriptors, say: who cannot look must not call anybody dead
		return !errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close()
	return errors.Is(flock(f, unix.LOCK_SH|unix.LOCK_NB), unix.EWOULDBLOCK)
}

// Gone says whether an instance is dead, after a sign of its death: the sign comes before the lock is free, so it asks
// again after 1, 10 and 100 ms.
func Gone(ctx context.Context, dir, instance string) bool {
	if !Alive(dir, instance) {
		return true
	}
	for _, d := range probeDelays {
		select {
		case <-time.After(d):
		case <-ctx.Done():
			return !Alive(dir, instance)
		}
		if !Alive(dir, instance) {
			return true
		}
	}
	return false
}

var probeDelays = [...]time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond}
