package turn

import (
	"fmt"

	"github.com/woodwork-lang/ww/internal/bus"
)

// GoneError says that nothing of the app is left to wait for.
type GoneError struct {
	Turn     Turn
	Accepted bool // the turn is in a journal, and the next ww dev answers it
}

// Error implements error.
func (e *GoneError) Error() string {
	if e.Accepted {
		return fmt.Sprintf("the app has ended; turn %s is pending in its journal: ww dev goes on with it", e.Turn.ID)
	}
	return "the app has ended before it accepted the turn; start it with: ww dev"
}

// LateError says that nobody waits any more for a turn that has not ended.
type LateError struct {
	Turn     Turn
	Accepted bool   // the turn is in a journal and goes on; else nobody has said that it is
	Reason   string // why it was not accepted, as far as somebody said
	Err      error  // of the context
}

// Error implements error.
func (e *LateError) Error() string {
	switch {
	case e.Accepted:
		return "the turn goes on"
	case e.Reason != "":
		return e.Turn.To + " did not accept the turn: " + e.Reason
	}
	return e.Turn.To + " did not say that it accepted the turn"
}

// Unwrap returns the error of the context.
func (e *LateError) Unwrap() error { return e.Err }

// RefusedError says that the input did not take the turn, and why.
type RefusedError struct {
	Turn   Turn
	Code   bus.Code
	Reason string
}

// Error implements error.
func (e *RefusedError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("%s does not take the turn: %s", e.Turn.To, e.Code)
	}
	return fmt.Sprintf("%s does not take the turn: %s", e.Turn.To, e.Reason)
}
