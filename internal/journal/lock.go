package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const (
	lockName = "LOCK"
	lockWait = 100 * time.Millisecond
	lockStep = 5 * time.Millisecond
)

// takeLock takes dir/LOCK for as long as the returned file is open and referenced. Somebody who only probes the lock
// holds it shared for a moment, and a killed owner's lock outlives it by microseconds: so it asks again for a while
// before it believes that the lock is held. The file is never removed: with two files of one name there would be two owners.
func takeLock(dir string, wait time.Duration) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	deadline := time.Now().Add(wait)
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open journal lock: %w", err)
		}
		err = tryLock(f, path)
		if err == nil {
			return f, nil
		}
		f.Close()
		if !errors.Is(err, ErrLocked) {
			return nil, err
		}
		if !time.Now().Before(deadline) {
			return nil, fmt.Errorf("%w: %s", ErrLocked, dir)
		}
		time.Sleep(lockStep) //nolint:forbidigo // the kernel frees a lock a moment after its holder is gone, and tells nobody
	}
}

// tryLock locks f and makes sure that path still names it.
func tryLock(f *os.File, path string) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == unix.EINTR {
			continue
		}
		if err == unix.EWOULDBLOCK {
			return ErrLocked
		}
		if err != nil {
			return fmt.Errorf("lock %s: %w", path, err)
		}
		break
	}
	held, err := f.Stat()
	if err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	named, err := os.Lstat(path)
	if err != nil || !os.SameFile(held, named) {
		return ErrLocked // replaced under us: the next try opens the new file
	}
	return nil
}
