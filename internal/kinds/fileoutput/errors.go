package fileoutput

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

func errNoPath(name string) error {
	return fmt.Errorf(`component %q: property "path" is missing: the file that answers go to, as in path: "answers.txt"`, name)
}

func errWrite(path string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s cannot be written: %w; change who may write it, or take another path", path, err)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%s cannot be written: the disk is full; make room and ask again", path)
	}
	return fmt.Errorf("%s cannot be written: %w", path, err)
}
