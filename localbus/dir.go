package localbus

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// RunBase is the directory that holds the run directories of all apps of this user: $WW_RUN_DIR, else
// $XDG_RUNTIME_DIR/ww when that is usable, else /tmp/ww-<uid>.
func RunBase() string {
	if base := os.Getenv("WW_RUN_DIR"); base != "" {
		return base
	}
	if xdg := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(xdg) && private(xdg) == nil && unix.Access(xdg, unix.W_OK) == nil {
		return filepath.Join(xdg, "ww")
	}
	return "/tmp/ww-" + strconv.Itoa(os.Geteuid())
}

// OpenRunDir makes the run directory of an app, checks it, and returns its path. The error is a *DirError.
func OpenRunDir(app string) (string, error) {
	base := RunBase()
	dir := filepath.Join(base, app)
	for _, d := range []string{base, dir} {
		if err := makePrivate(d); err != nil {
			return "", err
		}
	}
	return dir, prepare(dir)
}

// InspectRunDir returns the run directory of an app for those who only read. The error is a *DirError, which wraps
// fs.ErrNotExist when the app never ran.
func InspectRunDir(app string) (string, error) {
	base := RunBase()
	dir := filepath.Join(base, app)
	if err := checkSocketPath(dir); err != nil {
		return dir, err
	}
	if err := private(base); err != nil {
		return dir, err
	}
	return dir, private(dir)
}

// prepare checks a run directory and makes the place of the instances in it.
func prepare(dir string) error {
	if err := private(dir); err != nil {
		return err
	}
	if err := makePrivate(instancesDir(dir)); err != nil {
		return err
	}
	return checkSocketPath(dir)
}

// checkSocketPath says whether the longest socket path fits.
func checkSocketPath(dir string) error {
	longest := filepath.Join(instancesDir(dir), ".t-xxxxxxxx-xxxx.s")
	if len(longest) <= socketPathLimit || socketsByDescriptor {
		return nil
	}
	return &DirError{
		Path: dir, What: "its path is too long for sockets", Length: len(longest), Limit: socketPathLimit,
		Fix: "set WW_RUN_DIR to a shorter one",
	}
}

// makePrivate makes one directory that nobody else can enter, or checks the one that is there.
func makePrivate(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(dir), 0o700); err == nil {
			err = os.Mkdir(dir, 0o700)
		}
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return &DirError{Path: dir, What: "cannot be made", Err: err, Fix: "set WW_RUN_DIR to a directory that you can write"}
	}
	return private(dir)
}

// private checks that dir is a directory, ours, and closed to others.
func private(dir string) error {
	st, err := os.Lstat(dir)
	if err != nil {
		return &DirError{Path: dir, What: "cannot be read", Err: err}
	}
	const fix = "remove it or set WW_RUN_DIR to another directory"
	if st.Mode()&fs.ModeSymlink != 0 {
		return &DirError{Path: dir, What: "is a symbolic link", Fix: fix}
	}
	if !st.IsDir() {
		return &DirError{Path: dir, What: "is not a directory", Fix: fix}
	}
	if uid := ownerOf(st); uid != os.Geteuid() {
		return &DirError{Path: dir, What: "belongs to user " + strconv.Itoa(uid), Fix: "set WW_RUN_DIR to a directory of your own"}
	}
	if st.Mode().Perm()&0o077 != 0 {
		return &DirError{Path: dir, What: "is open to others (mode " + st.Mode().Perm().String() + ")", Fix: "chmod 700 " + dir}
	}
	return nil
}

// dirLock is the lock of a run directory, held while files of others are removed.
type dirLock struct{ file *os.File }

func lockDir(dir string) (*dirLock, error) {
	f, err := os.Open(instancesDir(dir))
	if err != nil {
		return nil, err
	}
	if err := flock(f, unix.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &dirLock{f}, nil
}

func (l *dirLock) unlock() { _ = l.file.Close() } // closing a directory that was only read cannot lose anything
