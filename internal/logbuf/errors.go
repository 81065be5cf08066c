package logbuf

import (
	"errors"
	"fmt"
	"strconv"
	"syscall"
)

func badName(what, name string) error {
	return fmt.Errorf("%q cannot be the %s of a log: it has to be one word", name, what)
}

func lossError(path string, err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("lines of %s are being lost, the disk is full: make room: %w", path, err)
	}
	return fmt.Errorf("lines of %s are being lost: %w", path, err)
}

func lostNote(lines uint64) []byte {
	return []byte("… " + strconv.FormatUint(lines, 10) + " lines lost (they could not be written)")
}

// gapNote stands where a reader was too slow.
const gapNote = "… lines may be missing here: a file was deleted before it was read to its end"
