package event

import "fmt"

// HeaderError says why bytes are not a header that ww takes.
type HeaderError struct {
	At   int    // offset in the header
	What string // what is wrong there
}

// Error implements error.
func (e *HeaderError) Error() string {
	return fmt.Sprintf("event header, byte %d: %s", e.At, e.What)
}
