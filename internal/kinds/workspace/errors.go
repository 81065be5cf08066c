package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

func errInput(name, what string) error {
	return fmt.Errorf("the input %s is missing; it is %s", name, what)
}

// errPath is what went wrong with a path, in the words of whoever named it.
func errPath(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: there is no such file or directory in the workspace", path)
	case strings.Contains(err.Error(), "escapes"):
		return fmt.Errorf("%s lies outside of the workspace; only what is in it can be reached", path)
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

func errNotFound(path string) error {
	return fmt.Errorf("old_string is not in %s; it must be exactly as in the file, with spaces and line ends", path)
}

func errSeveral(path string, n int) error {
	return fmt.Errorf("old_string is %d times in %s; give more of the text around it, or set replace_all", n, path)
}

func errSame(path string) error {
	return fmt.Errorf("nothing to do in %s: old_string and new_string are the same, or old_string is empty", path)
}

func errTooLarge(path string, most int) error {
	return fmt.Errorf("%s is larger than %d MB; look at a part of it with a command", path, most>>20)
}

func errLimit(limit time.Duration, said string) error {
	return fmt.Errorf("the command was stopped after %s; set command_timeout to let it go on longer. It printed:\n%s", limit, said)
}

func errShell(word string) error {
	return fmt.Errorf("%q needs a shell, and this workspace runs programs with arguments only; set shell: true, or run one program at a time", word)
}

func errSetup(line string, err error) error {
	return fmt.Errorf("the workspace is not set up: %s: %w", line, err)
}

func errNoDocker(name string, err error) error {
	return fmt.Errorf("%s: docker: true, and docker does not work here: %w; start or install it, or leave docker out: commands then run in a directory of the project", name, err)
}
