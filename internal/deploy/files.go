package deploy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// lock keeps others from writing or rolling back until unlock is called: two at a time would take each other's new text.
func (b Backups) lock() (unlock func(), err error) {
	d, err := os.Open(b.Dir)
	if err != nil {
		return nil, err
	}
	for err = unix.EINTR; errors.Is(err, unix.EINTR); {
		err = unix.Flock(int(d.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s cannot be locked: %w", b.Dir, err), d.Close())
	}
	return func() { _ = d.Close() }, nil // it only kept others out
}

// Writable refuses a file that its owner has locked, though the directory may allow to replace it, and a directory that
// nothing can be written to.
func Writable(file string) error {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	info, err := os.Stat(real)
	switch {
	case err != nil:
		return err
	case info.Mode().Perm()&0o222 == 0 || unix.Access(real, unix.W_OK) != nil:
		return readOnly(file, info.Mode())
	}
	if err := unix.Access(filepath.Dir(real), unix.W_OK); err != nil {
		return locked(real, err)
	}
	return nil
}

// likewise gives a new file the owner of the one that it replaces, where that may be done.
func likewise(path string, info fs.FileInfo) error {
	was, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(was.Uid) == os.Geteuid() && int(was.Gid) == os.Getegid() {
		return nil
	}
	if err := os.Chown(path, int(was.Uid), int(was.Gid)); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// durable writes a new file that is on the disk when it returns.
func durable(path string, b []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
}

// syncDir makes the names in a directory last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
