package localbus

import (
	"context"
	"errors"
)

// watchNotify is not there on this system: the directory is polled.
func watchNotify(context.Context, string, func()) error { return errors.ErrUnsupported }
