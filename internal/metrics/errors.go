package metrics

import "fmt"

// VersionError is the refusal of a snapshot of another format.
type VersionError struct{ Got int }

// Error implements error.
func (e *VersionError) Error() string {
	return fmt.Sprintf("metrics of format %d, we read %d: restart the app with this ww", e.Got, Version)
}

// FamilyError says why a family of metrics cannot be used.
type FamilyError struct{ Name, What string }

// Error implements error.
func (e *FamilyError) Error() string { return "metrics: " + e.Name + " " + e.What }

// ShelfError is a file with numbers that cannot be read; they are lost, and nothing else is.
type ShelfError struct {
	Path string
	Err  error
}

func (e *ShelfError) Error() string {
	return "metrics: the numbers of " + e.Path + " cannot be read: " + e.Err.Error() + "; remove the file to count on without them"
}

func (e *ShelfError) Unwrap() error { return e.Err }
