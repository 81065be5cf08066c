package pyfile

import (
	"errors"
	"fmt"
	"time"

	"github.com/woodwork-lang/ww/internal/script"
)

var (
	errLimit  = errors.New("its time was over")
	errClosed = errors.New("the component ends")
	errUnseen = errors.New("the process ended before it saw the request")
)

func errNotOwned(component, file string) error {
	return fmt.Errorf("%s does not run %s", component, file)
}

func errPipe(why string) error { return errors.New(why) }

// errTooSlow tells where a function was when its time was over, if it said so.
func errTooSlow(limit time.Duration, err error) error {
	var said *script.RemoteError
	if errors.As(err, &said) {
		return fmt.Errorf("it did not return within %s and was stopped: %s", limit, said.Message)
	}
	return fmt.Errorf("it did not return within %s and was stopped", limit)
}

func errDied(file string, err error) error {
	return fmt.Errorf("the Python process of %s died while it worked on this call, so whether it took effect is unknown: %w", file, err)
}

// explain says what to do when Python itself is missing.
func explain(python, file string, err error) error {
	var start *script.StartError
	if err == nil || !errors.As(err, &start) {
		return err
	}
	return fmt.Errorf("%s needs Python, and %s cannot be started (%w); install Python 3.8 or later, or make an environment: python3 -m venv .venv", file, python, err)
}
