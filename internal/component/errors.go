package component

import (
	"errors"
	"fmt"

	"github.com/woodwork-lang/ww/internal/event"
)

// ErrCrashed is wrapped by a Handle error when a process died while it worked on exactly this message.
var ErrCrashed = errors.New("the process died while it worked on this message")

// ErrInterrupted is wrapped by a Handle error when a process died while it worked on this message and on others, or by
// somebody else's hand: the message is neither to blame nor failed, and runs again. The kind calls Env.Fatal besides.
var ErrInterrupted = errors.New("the process died while it worked on several messages")

// ErrBadRequest is wrapped by an Answer error when the request itself was wrong: asked again it would fail again, and it
// says nothing about the component.
var ErrBadRequest = errors.New("the request is wrong")

// ErrSetAside is wrapped by a Handle error when the message cannot be delivered to the outside, now or later by itself: it
// becomes a dead letter, with the error as its reason, for a person to look at and to try again.
var ErrSetAside = errors.New("the message was set aside")

var (
	errClosed   = errors.New("the inbox is closed")
	errOrphaned = errors.New("ww dev is gone")
	errDeadline = errors.New("the turn's deadline passed")
)

// errStrange ends a turn that was begun before its handler, or what it works with, became another one.
func errStrange(n int, was, is event.Message) error {
	return fmt.Errorf("the app was changed in the middle of this turn: its step %d was a %s to %s, and is now a %s to %s; ask again",
		n, was.Type, was.Subject, is.Type, is.Subject)
}

// detourError says that a call did not get by the component that hands it on. It tells nothing of the one that is called.
type detourError struct {
	to, by string
	err    error
}

func (e *detourError) Error() string {
	return fmt.Sprintf("%s is called by way of %s, which did not hand the request on: %v", e.to, e.by, e.err)
}

func (e *detourError) Unwrap() error { return e.err }

// isDetour says whether a call ended on its way.
func isDetour(err error) bool {
	var d *detourError
	return errors.As(err, &d)
}
