package script

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// Exit is how user code ended.
type Exit struct {
	Code   int  `json:"code,omitempty"`
	Signal int  `json:"signal,omitempty"`
	Lost   bool `json:"lost,omitempty"` // its guard was killed, and it with the guard: it is not to blame
}

// Status is the exit status a shell would show: the code, or 128 + n for signal n.
func (e Exit) Status() int {
	switch {
	case e.Lost:
		return 128 + int(syscall.SIGKILL)
	case e.Signal != 0:
		return 128 + e.Signal
	default:
		return e.Code
	}
}

func (e Exit) String() string {
	switch {
	case e.Lost:
		return "its guard was killed"
	case e.Signal != 0:
		if name := unix.SignalName(syscall.Signal(e.Signal)); name != "" {
			return "killed by " + name
		}
		return fmt.Sprintf("killed by signal %d", e.Signal)
	default:
		return fmt.Sprintf("exit status %d", e.Code)
	}
}
