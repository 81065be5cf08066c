package component

import "errors"

// ErrCrashed is wrapped by a Handle error when a process died while it worked on exactly this message.
var ErrCrashed = errors.New("the process died while it worked on this message")

var (
	errClosed   = errors.New("the inbox is closed")
	errOrphaned = errors.New("ww dev is gone")
	errCanceled = errors.New("canceled")
	errDeadline = errors.New("the turn's deadline passed")
)
