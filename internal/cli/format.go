package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/parser"
)

type formatOptions struct {
	IO
	Files   []string
	Write   bool
	Diff    bool
	Check   bool
	Dialect string
}

func formatCmd(world IO) *cobra.Command {
	o := formatOptions{IO: world}
	cmd := &cobra.Command{
		Use:   "fmt [FILE… | -]",
		Short: "Print .ww files in the one style; -w changes them",
		Long: `Prints files in the one style of the language: ./main.ww when none is named, standard input for -.
Comments, blank lines, quotes and the choice of one line or several are kept. A file with mistakes of form is left alone,
with the mistakes reported and exit status 2.`,
		GroupID: groupWrite,
		RunE: func(_ *cobra.Command, args []string) error {
			o.Files = args
			if len(args) == 0 {
				o.Files = []string{app.DefaultFile}
			}
			return runFormat(o)
		},
	}
	f := cmd.Flags()
	f.BoolVarP(&o.Write, "write", "w", false, "change the files instead of printing them")
	f.BoolVarP(&o.Diff, "diff", "d", false, "print what would change")
	f.BoolVar(&o.Check, "check", false, "print the names of files that would change, and exit with 1 if there is one")
	f.StringVar(&o.Dialect, "dialect", "keep", "sign between key and value: colon, equals, or keep what is there")
	_ = cmd.RegisterFlagCompletionFunc("dialect", cobra.FixedCompletions([]string{"colon", "equals", "keep"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runFormat(o formatOptions) error {
	dialects := map[string]parser.Dialect{"keep": parser.Keep, "colon": parser.Colon, "equals": parser.Equals}
	dialect, ok := dialects[o.Dialect]
	switch {
	case !ok:
		return usage("--dialect is colon, equals or keep, not %q", o.Dialect)
	case o.Write && (o.Check || o.Diff):
		return usage("-w changes files, --check and -d only look at them: choose one")
	}
	status := exitOK
	for _, name := range o.Files {
		s, err := o.one(name, dialect)
		if err != nil {
			return err
		}
		status = max(status, s)
	}
	if status != exitOK {
		return silent(status)
	}
	return nil
}

// one formats one file. The status is what the file adds to that of the command.
func (o formatOptions) one(name string, dialect parser.Dialect) (int, error) {
	src, problems, err := o.read(name)
	if err != nil {
		return exitFailed, err
	}
	shown := name
	if name == "-" {
		shown = "standard input"
	}
	if len(problems) > 0 {
		return exitUsage, quiet(showProblems(o.IO, nil, problems))
	}
	f, problems := parser.Parse(shown, src)
	if problems.HasErrors() {
		return exitUsage, quiet(showProblems(o.IO, diag.Sources{shown: src}, onlyErrors(problems)))
	}
	out, problems := parser.Format(f, dialect)
	if len(problems) > 0 {
		return exitUsage, quiet(showProblems(o.IO, nil, problems))
	}
	if again, problems := parser.Parse(shown, out); problems.HasErrors() || !parser.Same(f, again) {
		return exitFailed, formatBug(shown)
	}
	return o.deliver(name, shown, src, out)
}

func (o formatOptions) read(name string) ([]byte, diag.List, error) {
	if name != "-" {
		src, problems := project.Read(name)
		return src, problems, nil
	}
	if o.Write {
		return nil, nil, usage("-w has nothing to write to: standard input is no file")
	}
	src, err := io.ReadAll(io.LimitReader(o.In, parser.MaxSize+1))
	if err != nil {
		return nil, nil, failed(err)
	}
	return src, nil, nil
}

// deliver does with the result what the flags say.
func (o formatOptions) deliver(name, shown string, src, out []byte) (int, error) {
	changed := !bytes.Equal(src, out)
	status := exitOK
	if changed && o.Check {
		status = exitFailed
	}
	var err error
	switch {
	case o.Diff:
		_, err = o.Out.Write(diff.Diff(shown, src, shown+" (formatted)", out))
	case o.Check && changed:
		_, err = fmt.Fprintln(o.Out, shown)
	case o.Check:
	case o.Write && changed:
		err = replaceFile(name, src, out)
	case o.Write:
	default:
		_, err = o.Out.Write(out)
	}
	if err != nil {
		return exitFailed, failed(err)
	}
	return status, nil
}

// quiet keeps only the errors that say something: a bad file does not keep the next from being looked at.
func quiet(err error) error {
	if e := (*exitError)(nil); errors.As(err, &e) && e.err == nil {
		return nil
	}
	return err
}

func onlyErrors(l diag.List) diag.List {
	var errs diag.List
	for _, d := range l {
		if d.Severity == diag.Error {
			errs = append(errs, d)
		}
	}
	return errs
}
