package process

import (
	"fmt"
)

func errNoCommand(name string) error {
	return fmt.Errorf(`component %q: property "command" is missing: the program and its arguments, as in command: ["python3", "agent.py"]`, name)
}

// because gives a verdict its reason.
func because(verdict, why error) error { return fmt.Errorf("%w: %w", verdict, why) }
