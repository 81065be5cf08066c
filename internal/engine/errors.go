package engine

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/diag"
)

// ErrNoInput says that the app has no input with that name, or none at all.
var ErrNoInput = errors.New("no such input")

func noInput(name string, inputs []string) error {
	if name == "" {
		return fmt.Errorf("%w: this app has none that takes text", ErrNoInput)
	}
	return fmt.Errorf("%w: %q; there is %s", ErrNoInput, name, strings.Join(inputs, ", "))
}

// StartError says that an instance does not start, and what it said last.
type StartError struct {
	Unit   string
	Reason string
	Lines  []string
}

// Error implements error.
func (e *StartError) Error() string { return e.Unit + " does not start: " + e.Reason }

// ErrNoComponent says that the app has no component, or no instance of it, with that name.
var ErrNoComponent = errors.New("no such component")

func noComponent(name string, d app.Desired) error {
	var names []string
	for _, c := range d.Components {
		names = append(names, c.Name)
	}
	return fmt.Errorf("%w: %q; there is %s", ErrNoComponent, name, strings.Join(names, ", "))
}

func noOrdinal(name string, ordinal, replicas int) error {
	return fmt.Errorf("%w: %s.%d; it has %d, counted from 0", ErrNoComponent, name, ordinal, replicas)
}

func tooFew(name string) error {
	return fmt.Errorf("%s needs at least 1 instance; to have none of it for a while: ww stop %s", name, name)
}

// BrokenError says that the files as they are now cannot be run; the app goes on as it was.
type BrokenError struct {
	Problems diag.List
	Sources  diag.Sources
}

// Error implements error.
func (e *BrokenError) Error() string {
	return "nothing was reloaded, the app goes on as it was: " + e.Problems.Error()
}

// Unwrap gives the list of problems.
func (e *BrokenError) Unwrap() error { return e.Problems }

func noneLeft(file string) error {
	return fmt.Errorf("nothing was reloaded, the app goes on as it was: %s declares no component any more; to end the app: ww down", file)
}

func stillAlive(names []string) error {
	return fmt.Errorf("an earlier run of this app is still alive and does not end: %s", strings.Join(names, ", "))
}

// span writes a duration as people do: "15 s", "300 ms".
func span(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'g', 4, 64) + " s"
}

func tooLarge(used, most int64) string {
	return fmt.Sprintf("used %.1f MiB of memory with everything below it, and resources.memory allows %.1f MiB", float64(used)/(1<<20), float64(most)/(1<<20))
}

// errFaultLength refuses a practice fault that would not end soon enough.
var errFaultLength = fmt.Errorf("a practice fault lasts at most %v, and nothing of it is negative", MostFaultFor)

// errKillEdge refuses to end a connection like a process.
var errKillEdge = errors.New("kill ends a process, not what goes from one component to another: name one component, or drop FROM:TO")

func noFault(do string) error {
	return fmt.Errorf("there is no practice fault %q: they are kill, hang, slow and drop", do)
}

func noProcess(name string) error {
	return fmt.Errorf("%s has no process that could have a fault", name)
}
