package localbus

import (
	"errors"
	"fmt"

	"github.com/woodwork-lang/ww/internal/bus"
)

// ErrHeld is returned when another process holds the lease of an instance.
var ErrHeld = errors.New("another process holds this lease")

// ErrClosed is returned by a peer that has left the bus.
var ErrClosed = errors.New("this seat on the bus is closed")

var (
	errShortFrame   = errors.New("frame shorter than its fixed part")
	errLongFrame    = errors.New("frame longer than the limit")
	errHeaderLength = errors.New("header longer than its frame")
	errUnknownFrame = errors.New("frame of an unknown type that must be understood")
	errNoHello      = errors.New("the first frame is not HELLO")
	errStalled      = errors.New("the peer reads nothing")
)

// DirError says why a directory cannot hold the sockets of an app.
type DirError struct {
	Path   string
	What   string // what is wrong with it
	Fix    string // what to do
	Length int    // of the longest socket path, when that is what is wrong
	Limit  int
	Err    error
}

// Error implements error.
func (e *DirError) Error() string {
	s := "run directory " + e.Path + ": " + e.What
	if e.Limit > 0 {
		s += fmt.Sprintf(" (a socket there has %d bytes, this system takes %d)", e.Length, e.Limit)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Fix != "" {
		s += "; " + e.Fix
	}
	return s
}

// Unwrap implements errors.Unwrap.
func (e *DirError) Unwrap() error { return e.Err }

// foreignError is the refusal of a peer that another user runs.
type foreignError struct{ uid int }

func (e *foreignError) Error() string {
	return fmt.Sprintf("the peer belongs to user %d", e.uid)
}

// versionError is the refusal of a peer that speaks another protocol.
type versionError struct{ low, high int }

func (e *versionError) Error() string {
	return fmt.Sprintf("the peer speaks versions %d to %d of the protocol, we speak %d to %d; start both from the same ww",
		e.low, e.high, minVersion, maxVersion)
}

// appError is the refusal of a peer of another app.
type appError struct{ theirs, ours string }

func (e *appError) Error() string {
	return fmt.Sprintf("the peer belongs to app %s, this is %s", e.theirs, e.ours)
}

func noTarget(to, reason string) error {
	return &bus.Error{Code: bus.NoTarget, To: to, Reason: reason}
}

func peerDied(to string, err error) *bus.Error {
	reason := "connection lost"
	if err != nil {
		reason += ": " + err.Error()
	}
	return &bus.Error{Code: bus.PeerDied, To: to, Reason: reason}
}

// died is the end of a call whose connection was lost. Several that waited on it tell of one death, not of many.
func died(instance string, err error, echo bool) error {
	e := peerDied("", err)
	e.Echo, e.Instance = echo, instance
	return e
}
