package app

import (
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// ErrNotRunning says that nobody holds the app's lock.
var ErrNotRunning = errors.New("not running")

// HeldError says that another supervisor runs the app.
type HeldError struct {
	App   App
	Owner Owner
}

// Error says where it runs and how to join it.
func (e *HeldError) Error() string {
	who := "another ww dev"
	if e.Owner.PID != 0 {
		who = fmt.Sprintf("ww dev (pid %d)", e.Owner.PID)
	}
	since := ""
	if !e.Owner.Start.IsZero() {
		since = " since " + e.Owner.Start.Local().Format(time.TimeOnly)
	}
	return fmt.Sprintf("%s is already running: %s holds it%s\n  talk to it:  ww chat -f %s \"hello\"\n  stop it:     ww down -f %s",
		e.App.File, who, since, e.App.File, e.App.File)
}

func fileError(file string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file; name another one, or make a small project with: ww init", file)
	}
	return fmt.Errorf("%s: %w", file, err)
}

func notOurs(path string) error {
	return fmt.Errorf("%s: it belongs to another user, so ww does not write there; remove it or run ww from a copy of the project", path)
}

func notADirectory(path string) error {
	return fmt.Errorf("%s: it is a symbolic link or a file, and ww keeps its state only in a directory of its own; move it away", path)
}

func unwritable(state string, err error) error {
	return fmt.Errorf("%s: ww cannot keep its state there (%w) and neither XDG_STATE_HOME nor HOME names another place", state, err)
}

func inUseElsewhere(state, component string) error {
	return fmt.Errorf("%s was made under another HOME, and %s of that run still uses it; end it there first: ww down", state, component)
}

func setAsideNote(state, to string) string {
	return fmt.Sprintf("%s was not made by ww on this machine (it came with the project?), so it is not used; it is in %s", state, to)
}
