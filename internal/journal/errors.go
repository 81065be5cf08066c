package journal

import (
	"errors"
	"fmt"
)

// What a caller can tell apart.
var (
	// ErrLocked says that another process owns the journal.
	ErrLocked = errors.New("journal is owned by another process")
	// ErrClosed says that the journal was closed.
	ErrClosed = errors.New("journal is closed")
	// ErrTooLarge says that a record's payload is above [MaxPayload]. Nothing was written.
	ErrTooLarge = fmt.Errorf("journal record is larger than %d MiB", MaxPayload>>20)
)

// errOvertaken says that a new segment was begun while a checkpoint was written, so that its number would not be the last.
var errOvertaken = errors.New("a new segment was begun meanwhile")

// VersionError says that a journal was written by a ww that uses another format.
type VersionError struct {
	Version int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("journal has format %d, this ww reads format %d: use the ww that wrote it, or move the file away", e.Version, version)
}

// DiskError says which operation on which file failed. Its cause (as syscall.ENOSPC) is found by errors.Is.
type DiskError struct {
	Op   Op
	Path string
	Err  error
}

func (e *DiskError) Error() string {
	return fmt.Sprintf("%s %s: %v; not stored, will be tried again with the next record", e.Op, e.Path, e.Err)
}

// Unwrap returns what the system said.
func (e *DiskError) Unwrap() error { return e.Err }
