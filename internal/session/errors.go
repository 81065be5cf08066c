package session

import (
	"errors"
	"fmt"
)

// ErrNotFound says that no file knows the session or the turn.
var ErrNotFound = errors.New("not found")

func noSession(id string) error {
	return fmt.Errorf("there is no session %q: %w; all sessions: ww sessions list", id, ErrNotFound)
}

func exists(id string) error {
	return fmt.Errorf("there is a session %q already; end it or choose another id", id)
}

func noTurn(id string) error {
	return fmt.Errorf("no session has a turn %q: %w; all sessions: ww sessions list", id, ErrNotFound)
}

func newer(path string, v int) error {
	return fmt.Errorf("%s: version %d was written by a newer ww", path, v)
}
