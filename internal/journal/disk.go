package journal

import (
	"errors"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Op is something the journal asks of the disk.
type Op uint8

// The operations, in the order in which a new segment needs them.
const (
	OpCreate Op = iota + 1
	OpWrite
	OpSync
	OpRename
	OpSyncDir
	OpTruncate
	OpRemove
)

var opNames = [...]string{"", "create", "write", "sync", "rename", "sync directory", "truncate", "remove"}

// String is the operation's name in error messages.
func (o Op) String() string { return opNames[o] }

// Fault stands between the journal and the disk. It is asked before each operation; size is the number of bytes of a
// write, else 0. It returns how many of them pass, and the error the journal is to see. Tests and chaos runs set one.
type Fault func(op Op, path string, size int) (pass int, err error)

// disk is the one place that touches files.
type disk struct {
	fault Fault
}

func (d disk) ask(op Op, path string, size int) (int, error) {
	if d.fault == nil {
		return size, nil
	}
	n, err := d.fault(op, path, size)
	return min(n, size), wrap(op, path, err)
}

// file is a segment that takes appends.
type file struct {
	*os.File
	path string // what it is called now; os.File remembers its first name
}

func (d disk) create(path string) (*file, error) {
	if _, err := d.ask(OpCreate, path, 0); err != nil {
		return nil, err
	}
	// A link planted under this name must not be written through.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, wrap(OpCreate, path, err)
	}
	return &file{File: f, path: path}, nil
}

// write is exactly one write(2): a partial one is an error, never continued. (os.File.Write would go on.)
func (d disk) write(f *file, b []byte) error {
	pass, ferr := d.ask(OpWrite, f.path, len(b))
	if pass == 0 && ferr != nil {
		return ferr
	}
	n, err := writeOnce(int(f.Fd()), b[:pass])
	switch {
	case ferr != nil:
		return ferr
	case err != nil:
		return wrap(OpWrite, f.path, err)
	case n < len(b):
		return wrap(OpWrite, f.path, io.ErrShortWrite)
	}
	return nil
}

func writeOnce(fd int, b []byte) (int, error) {
	for {
		n, err := unix.Write(fd, b)
		if !errors.Is(err, syscall.EINTR) { // interrupted before the first byte
			return n, err
		}
	}
}

func (d disk) sync(f *file) error {
	if _, err := d.ask(OpSync, f.path, 0); err != nil {
		return err
	}
	return wrap(OpSync, f.path, syncData(f.File))
}

func (d disk) truncate(f *file, size int64) error {
	if _, err := d.ask(OpTruncate, f.path, 0); err != nil {
		return err
	}
	return wrap(OpTruncate, f.path, f.Truncate(size))
}

func (d disk) rename(from, to string) error {
	if _, err := d.ask(OpRename, to, 0); err != nil {
		return err
	}
	return wrap(OpRename, to, os.Rename(from, to))
}

func (d disk) remove(path string) error {
	if _, err := d.ask(OpRemove, path, 0); err != nil {
		return err
	}
	err := os.Remove(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return wrap(OpRemove, path, err)
}

// syncDir makes created, renamed and removed names survive power loss.
func (d disk) syncDir(dir string) error {
	if _, err := d.ask(OpSyncDir, dir, 0); err != nil {
		return err
	}
	f, err := os.Open(dir)
	if err != nil {
		return wrap(OpSyncDir, dir, err)
	}
	defer f.Close()
	return wrap(OpSyncDir, dir, f.Sync())
}

// wrap names the operation, once; the text of a *PathError would repeat it.
func wrap(op Op, path string, err error) error {
	if err == nil {
		return nil
	}
	var p *os.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		err = l.Err
	}
	return &DiskError{Op: op, Path: path, Err: err}
}
