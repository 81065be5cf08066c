package app

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Owner is what the holder of the lock says of itself. It outlives its writer: ask the lock before you believe it.
type Owner struct {
	PID   int       `json:"pid"`
	Start time.Time `json:"start"`
	Nonce string    `json:"nonce"` // marks every process of this run
}

// Lock is the right to be the app's one supervisor. The kernel takes it back when the process ends.
type Lock struct {
	file *os.File // referenced for as long as the lock is: a collected file is a lost lock
	// Last is what the previous holder wrote, zero when there was none. Its processes may still be alive.
	Last Owner
}

// lockPatience is how long the lock may seem to be held although nobody has it for good: another command probes it, or
// its holder was killed and the kernel has not finished.
const lockPatience = 300 * time.Millisecond

// Lock takes the app's lock, or answers with a *HeldError. The state directory must be open.
func (a App) Lock() (*Lock, error) {
	f, err := os.OpenFile(a.path(lockName), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := take(f); err != nil {
		last := readOwner(f)
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &HeldError{App: a, Owner: last}
		}
		return nil, err
	}
	return &Lock{file: f, Last: readOwner(f)}, nil
}

// take waits out the probes of other commands, which hold the lock for an instant.
func take(f *os.File) error {
	for end := time.Now().Add(lockPatience); ; time.Sleep(5 * time.Millisecond) { //nolint:forbidigo // the kernel frees a lock a moment after its holder is gone, and tells nobody
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil || !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) || time.Now().After(end) {
			return err
		}
	}
}

// Write says who holds the lock; the zero Owner leaves nothing behind.
func (l *Lock) Write(o Owner) error {
	if o == (Owner{}) {
		return l.file.Truncate(0)
	}
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(append(b, '\n'), 0)
	return err
}

// Touch says that the holder is there: the time of the file outlives it.
func (l *Lock) Touch() error {
	now := time.Now()
	return os.Chtimes(l.file.Name(), now, now)
}

// LastSeen is when the holder of the lock last touched it.
func (a App) LastSeen() (time.Time, error) {
	info, err := os.Stat(a.path(lockName))
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}

// Close gives the lock back.
func (l *Lock) Close() error { return l.file.Close() }

// Busy is Owner for those who want the lock: it looks again before it believes that somebody holds it.
func (a App) Busy() (Owner, bool, error) {
	for end := time.Now().Add(lockPatience); ; time.Sleep(5 * time.Millisecond) { //nolint:forbidigo // as in take
		o, held, err := a.Owner()
		if err != nil || !held || time.Now().After(end) {
			return o, held, err
		}
	}
}

// Owner says who holds the app's lock; false when nobody does, and then the last holder is returned.
func (a App) Owner() (Owner, bool, error) {
	f, err := os.OpenFile(a.path(lockName), os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return Owner{}, false, nil
	}
	if err != nil {
		return Owner{}, false, err
	}
	defer f.Close()
	err = unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB)
	if err != nil && !errors.Is(err, unix.EWOULDBLOCK) {
		return Owner{}, false, err
	}
	return readOwner(f), err != nil, nil
}

func readOwner(f *os.File) Owner {
	var o Owner
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 4096))
	if err != nil || json.Unmarshal(b, &o) != nil {
		return Owner{} // torn or foreign: the lock itself still tells the truth
	}
	return o
}
