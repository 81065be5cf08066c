package events

import (
	"fmt"
	"strings"
)

func errPipe(event string, d Delivery, err error) error {
	return fmt.Errorf("the pipe %s of %s for %s did not answer, and must not be left out: %w", strings.Join(d.Functions, ", "), d.File, event, err)
}
