package engine

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrNoInput says that the app has no input with that name, or none at all.
var ErrNoInput = errors.New("no such input")

func noInput(name string, inputs []string) error {
	if name == "" {
		return fmt.Errorf("%w: this app has none that takes text", ErrNoInput)
	}
	return fmt.Errorf("%w: %q; there is %s", ErrNoInput, name, strings.Join(inputs, ", "))
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
