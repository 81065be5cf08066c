package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/woodwork-lang/ww/internal/diag"
)

// exitError ends the program with a status. Without err everything has been said.
type exitError struct {
	status int
	err    error
}

// Error implements error.
func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

// Unwrap implements errors.Unwrap.
func (e *exitError) Unwrap() error { return e.err }

// silent ends with a status after everything has been said.
func silent(status int) error { return &exitError{status: status} }

func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// errNoRecord: the supervisor lives, and cannot be found.
var errNoRecord = errors.New("its files in the run directory are gone")

func failed(err error) error { return &exitError{exitFailed, err} }

func unknownCommand(name string, root *cobra.Command) error {
	var names []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	if strings.HasSuffix(name, ".ww") {
		return usage("%q is a file, not a command; to run it: ww dev %s", name, name)
	}
	return usage("there is no command %q%s; all commands: ww help", name, meant(name, names, ""))
}

// flagError says which flag was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return usage("%w; all flags: ww help %s", err, cmd.Name())
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	name := unknown.GetSpecifiedName()
	if unknown.GetSpecifiedShortnames() != "" {
		return usage("%s has no flag -%s; all flags: ww help %s", cmd.CommandPath(), name, cmd.Name())
	}
	return usage("%s has no flag --%s%s; all flags: ww help %s", cmd.CommandPath(), name, meant(name, names, "--"), cmd.Name())
}

// meant is `; did you mean "dev"?`, or nothing when no name is near.
func meant(word string, names []string, prefix string) string {
	best := diag.Suggest(word, names)
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", prefix+best)
}

// others is what was probably meant, or what there is.
func others(word string, names []string) string {
	if close := meant(word, names, ""); close != "" || len(names) == 0 {
		return close
	}
	slices.Sort(names)
	return "; there are " + strings.Join(slices.Compact(names), ", ")
}

// noArgs and atMostOne say which argument is one too many.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("%s takes no argument, and %q is one; see: ww help %s", cmd.CommandPath(), args[0], cmd.Name())
	}
	return nil
}

func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usage("%s takes one %s, and %q is a second one; see: ww help %s", cmd.CommandPath(), what, args[1], cmd.Name())
		}
		return nil
	}
}

func notDirectory(name string) error {
	return usage("%s is not a directory; name a new one: ww init DIR", name)
}

func alreadyThere(name string) error {
	return usage("%s is there already and was not touched; name an empty directory: ww init DIR", name)
}

func formatBug(name string) error {
	return failed(fmt.Errorf("%s was not formatted: the result would not mean the same, which is a mistake in ww; please report it with the file", name))
}

func changedMeanwhile(name string) error {
	return fmt.Errorf("%s was changed by somebody else meanwhile and is left as it is; run it again", name)
}

func unknownCode(name string) error {
	var names []string
	for _, c := range diag.Codes() {
		names = append(names, c.Name)
	}
	return usage("there is no code %q%s; all codes: ww explain", name, meant(name, names, ""))
}
