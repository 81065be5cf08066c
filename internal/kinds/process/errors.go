package process

import (
	"fmt"

	"github.com/woodwork-lang/ww/internal/component"
)

func errNoCommand(name string) error {
	return fmt.Errorf(`component %q: property "command" is missing: the program and its arguments, as in command: ["python3", "agent.py"]`, name)
}

func errCrashed(why error) error { return fmt.Errorf("%w: %w", component.ErrCrashed, why) }
