//go:build !linux

package raw

import (
	"errors"
	"io"
)

// Notice is not measured here.
func Notice(string, io.Closer, io.Writer) error {
	return errors.New("no baseline for news of a directory on this system")
}
