package recording

import (
	"errors"
	"fmt"
)

// ErrNone says that a session has no recording.
var ErrNone = errors.New("no recording")

func errNone(session string) error {
	return fmt.Errorf("%w of session %s is there: it was made with recording: off, or so long ago that it was removed", ErrNone, session)
}

func errLine(name string, line int, what string) error {
	return fmt.Errorf("%s:%d: %s", name, line, what)
}

func errVersion(name string, v int) error {
	return fmt.Errorf("%s: a recording of version %d, and this ww knows %d: it was made by a newer ww", name, v, Version)
}

func errEmpty(name string) error {
	return fmt.Errorf("%s is no recording: its first line is to be {\"v\":1,\"kind\":\"recording\",…}; ww sessions export ID --recording writes one", name)
}
