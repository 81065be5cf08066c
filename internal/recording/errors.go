package recording

import (
	"encoding/json"
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

func errShort(name string, here, all int) error {
	return fmt.Errorf("%s was cut off: %d lines follow its first one, and that says %d; export it again, or, if lines were taken away on purpose, take \"lines\" away there", name, here, all)
}

// plain says in what a line is wrong, in words of the file and not of the program.
func plain(err error) string {
	var typed *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &typed):
		return fmt.Sprintf("%s cannot be this %s", typed.Field, typed.Value)
	case errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input":
		return "it ends in the middle: was the file cut off?"
	}
	return err.Error()
}
