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
