package project

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/woodwork-lang/ww/internal/diag"
)

func noFile(name string, near []string) diag.Diagnostic {
	d := failure("E_NO_FILE", diag.Span{File: name}, fmt.Sprintf("there is no file %s", name),
		"name the .ww file of the app, or make a new app with: ww init")
	if meant := diag.Suggest(filepath.Base(name), near); meant != "" { // there is no line to put a label on
		d.Detail = fmt.Sprintf("did you mean %s?", filepath.Join(filepath.Dir(name), meant))
	}
	return d
}

func notAFile(name string, mode fs.FileMode, inside string) diag.Diagnostic {
	d := failure("E_NOT_A_FILE", diag.Span{File: name}, fmt.Sprintf("%s is %s, and ww reads files", name, nature(mode)), "")
	if inside != "" {
		d.Detail = "did you mean " + inside + "?"
	}
	return d
}

func unreadable(name string, err error) diag.Diagnostic {
	switch {
	case errors.Is(err, errUnsettled):
		return failure("E_UNREADABLE", diag.Span{File: name}, fmt.Sprintf("%s cannot be read: %v", name, err), "try again when whatever writes it is done")
	case errors.Is(err, syscall.ENAMETOOLONG):
		return failure("E_PATH_TOO_LONG", diag.Span{File: name}, "the path of the file is longer than the system takes", "move the project to a directory with a shorter path")
	}
	return failure("E_UNREADABLE", diag.Span{File: name}, fmt.Sprintf("%s cannot be read: %v", name, reason(err)), "check who owns it and its permissions")
}

func empty(name string) diag.Diagnostic {
	return warning("W_EMPTY", diag.Span{File: name}, fmt.Sprintf("%s declares no component, so there is nothing to run", name),
		"a first line could be: bot = llm echo {}")
}

func dotenvLine(at diag.Span, what string) diag.Diagnostic {
	return warning("W_ENV_FILE", at, what+"; the line is skipped", "lines look like NAME=value")
}

func noEnvFile(name string) diag.Diagnostic {
	return failure("E_NO_FILE", diag.Span{File: name}, fmt.Sprintf("there is no file %s", name), "it was named with --env-file; without that, the .env beside the .ww file is read")
}

// dotenvFile is an error only for a file that somebody has named.
func dotenvFile(name string, err error, named bool) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not used: %v", name, err)
	if named {
		return failure("E_UNREADABLE", diag.Span{File: name}, summary, "name a file with lines like NAME=value")
	}
	return warning("W_ENV_FILE", diag.Span{File: name}, summary, "")
}
