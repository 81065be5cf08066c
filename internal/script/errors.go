package script

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"syscall"
	"time"
)

// A StartError says why user code could not be started.
type StartError struct {
	Status  int // 126: it may not be run; 127: it is not there; 78: the declaration is wrong
	problem string
}

func (e *StartError) Error() string { return e.problem }

// ExitStatus is the status that a runner ends with: with these, starting again is of no use.
func (e *StartError) ExitStatus() int { return e.Status }

const (
	statusConfig    = 78
	statusDenied    = 126
	statusNotFound  = 127
	errNoRunner     = "ww guard: a part of ww that only its runners start; try `ww help`"
	directoryAdvice = "the project's directory is where user code runs"
)

var (
	errNoCommand = &StartError{Status: statusConfig, problem: `property "command" is missing: a list with the program and its arguments, as in command: ["python3", "agent.py"]`}
	errGuardDied = errors.New("its guard ended before the program ran")
)

func errGuard(err error) error { return fmt.Errorf("cannot start the guard: %w", err) }

func errConfine(err error) *StartError {
	return &StartError{Status: 126, problem: "it cannot be kept within its directories: " + err.Error()}
}

func errDirectory(dir string) *StartError {
	return &StartError{Status: statusConfig, problem: fmt.Sprintf("%q is not a directory: %s", dir, directoryAdvice)}
}

func errExec(name string, err error) *StartError {
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.Contains(name, "/"):
		return &StartError{statusNotFound, fmt.Sprintf("cannot start %q: it is not there, or the interpreter its first line names is not", name)}
	case errors.Is(err, fs.ErrNotExist):
		return &StartError{statusNotFound, fmt.Sprintf("cannot start %q: there is no such program on the PATH; install it, or write its path", name)}
	case errors.Is(err, fs.ErrPermission):
		return &StartError{statusDenied, fmt.Sprintf("cannot start %q: it may not be run; try chmod +x", name)}
	case errors.Is(err, syscall.ENOEXEC):
		return &StartError{statusDenied, fmt.Sprintf("cannot start %q: it is no program; a script begins with a line like #!/usr/bin/env python3", name)}
	default:
		return &StartError{statusDenied, fmt.Sprintf("cannot start %q: %v", name, err)}
	}
}

var (
	errBroken       = errors.New("it does not read its stdin any more")
	errClosedStdin  = errors.New("it closed its stdin")
	errClosedStdout = errors.New("it closed its stdout")
)

// ErrEnded is returned for requests that came after the end of the process. Nothing has seen them.
var ErrEnded = errors.New("the process has ended")

func errBeforeReady(end *EndError) error { return fmt.Errorf("%w, before it was ready", end) }

// An EndError says how user code ended that was not asked to.
type EndError struct {
	Exit  Exit
	Fault error // when ww ended it: what for
}

func (e *EndError) Error() string {
	switch {
	case e.Fault != nil:
		return "the process was ended: " + e.Fault.Error()
	case e.Exit == Exit{}:
		return "the process ended without being asked to (exit status 0)"
	default:
		return "the process ended: " + e.Exit.String()
	}
}

// ExitStatus is the status that a runner ends with: its own is that of the process it stands for. An end that nobody
// asked for is never a success, and the kill of a guard is what it looks like, a termination from outside.
func (e *EndError) ExitStatus() int {
	if e.Exit.Lost {
		return 128 + int(syscall.SIGTERM)
	}
	if status := e.Exit.Status(); e.Fault == nil && status != 0 {
		return status
	}
	return 1
}

// A CrashError ends a request whose process died. Alone says that no other request was worked on: then this one is to
// blame, unless the process was killed together with its guard.
type CrashError struct {
	End   EndError
	Alone bool
}

func (e *CrashError) Error() string { return e.End.Error() }

// Blames says whether it is proven that the request killed the process.
func (e *CrashError) Blames() bool { return e.Alone && !e.End.Exit.Lost }

func (e *RemoteError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("error %d", e.Code)
	}
	return e.Message
}

// UnmarshalJSON also takes a plain text, which is what people write first.
func (e *RemoteError) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &e.Message) == nil {
		return nil
	}
	type plain RemoteError
	return json.Unmarshal(b, (*plain)(e))
}

func errRefused(reason string) error {
	return fmt.Errorf("the component refused to start: %s", reason)
}

func errSilent(limit time.Duration) error {
	return fmt.Errorf(`the component did not say "ready" within %s: see its log, or set ready_timeout`, limit)
}

func errHung(silence time.Duration) error {
	return fmt.Errorf("no sign of life and no CPU used for %s", silence)
}

func errTooLong(size, most int) error {
	return fmt.Errorf("the component's answer has %d bytes, messages have at most %d", size, most)
}

func errEncoding(encoding string) error {
	return fmt.Errorf("the component's answer cannot be read: encoding %q", encoding)
}

func errResult(raw []byte) error {
	const most = 80
	if len(raw) > most {
		raw = append(raw[:most:most], "…"...)
	}
	return fmt.Errorf(`the component's answer is neither a text nor an object with "data": %s`, raw)
}

// WrongType says of JSON that does not have the form that is wanted which part of it is wrong, and what it should be.
func WrongType(err error) error {
	var bad *json.UnmarshalTypeError
	if !errors.As(err, &bad) {
		return err
	}
	want := map[reflect.Kind]string{
		reflect.String: "a text", reflect.Int: "a whole number", reflect.Int64: "a whole number", reflect.Float64: "a number", reflect.Bool: "true or false",
		reflect.Slice: "a list", reflect.Map: "an object", reflect.Struct: "an object",
	}[bad.Type.Kind()]
	if want == "" {
		return err
	}
	if bad.Field == "" {
		return fmt.Errorf("it must be %s, and is a JSON %s", want, bad.Value)
	}
	return fmt.Errorf("%s must be %s, and is a JSON %s", bad.Field, want, bad.Value)
}
