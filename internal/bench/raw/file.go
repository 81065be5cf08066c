package raw

import (
	"errors"

	"golang.org/x/sys/unix"
)

// File is a file that blocks are appended to: what a journal cannot be faster than.
type File struct {
	fd   int
	b    []byte
	sync bool
}

// CreateFile makes a new file for blocks of size bytes. With sync every block is on the disk when Append returns.
func CreateFile(path string, size int, sync bool) (*File, error) {
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_APPEND|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	return &File{fd: fd, b: make([]byte, size), sync: sync}, nil
}

// Append adds one block.
func (f *File) Append() error {
	if err := writeFull(f.fd, f.b); err != nil || !f.sync {
		return err
	}
	return syncData(f.fd)
}

// Close ends it.
func (f *File) Close() error { return errors.Join(unix.Close(f.fd)) }
