package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/localbus"
)

type checkOptions struct {
	IO
	File    string
	EnvFile string
	JSON    bool
	GitHub  bool
}

func checkCmd(world IO) *cobra.Command {
	o := checkOptions{IO: world}
	cmd := &cobra.Command{
		Use:     "check [FILE]",
		Short:   "Find every problem of a .ww file; nothing is started",
		GroupID: groupWrite,
		Args:    atMostOne("file"),
		RunE: func(_ *cobra.Command, args []string) error {
			if o.JSON && o.GitHub {
				return usage("--json and --github are two forms of one answer; take one of them")
			}
			o.File = fileOf(args)
			return runCheck(o)
		},
	}
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print the problems as JSON")
	cmd.Flags().BoolVar(&o.GitHub, "github", false, "print the problems as annotations for GitHub Actions")
	envFileFlag(cmd, &o.EnvFile)
	return cmd
}

// envFileFlag is how a command names another .env file.
func envFileFlag(cmd *cobra.Command, name *string) {
	cmd.Flags().StringVar(name, "env-file", "", "take variables from this file instead of the .env beside the .ww file")
}

// fileOf is the file that a command line names, or the usual one.
func fileOf(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return app.DefaultFile
}

func runCheck(o checkOptions) error {
	shortLived()
	p, problems := project.Source{File: o.File, EnvFile: o.EnvFile, Env: o.Env}.Check()
	place := o.checkRunDir()
	if tooLong(place) {
		problems = append(problems, pathTooLong(o.File, place))
		place = nil
	}
	switch {
	case o.JSON:
		if err := writeJSON(o.Out, checkedOf(o.File, problems)); err != nil {
			return failed(err)
		}
		return verdict(problems)
	case o.GitHub:
		if err := writeAnnotations(o.Out, problems); err != nil {
			return failed(err)
		}
		return verdict(problems)
	}
	if err := showProblems(o.IO, p.Sources, problems); err != nil {
		return err
	}
	if place != nil {
		return failed(place)
	}
	fmt.Fprintf(o.Out, "%s: %s, no errors\n", o.File, counted(len(p.Components), "component"))
	return nil
}

// checkRunDir says now what ww dev would say about the place of its sockets.
func (o checkOptions) checkRunDir() error {
	a, err := app.Identify(o.File, "", o.Env)
	if err != nil {
		return nil //nolint:nilerr // what is wrong with the file itself has been found by reading it
	}
	if _, err := localbus.InspectRunDir(a.ID); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// tooLong says whether a run directory is refused for the length of its path.
func tooLong(err error) bool {
	var dir *localbus.DirError
	return errors.As(err, &dir) && (dir.Limit > 0 || errors.Is(dir.Err, syscall.ENAMETOOLONG))
}

func pathTooLong(file string, err error) diag.Diagnostic {
	return diag.Diagnostic{Code: "E_PATH_TOO_LONG", Severity: diag.Error, Span: diag.Span{File: file}, Summary: err.Error(), Detail: "set WW_RUN_DIR to a short directory of your own"}
}

// showProblems prints a list for people; an error in it ends the command.
func showProblems(world IO, sources diag.Sources, problems diag.List) error {
	if len(problems) == 0 {
		return nil
	}
	shown := problems
	if otherFile(problems) {
		shown = problems[:fewProblems]
	}
	if err := diag.Write(world.Err, sources, shown, width(world.Err), colored(world, world.Err)); err != nil {
		return failed(err)
	}
	if len(shown) < len(problems) {
		fmt.Fprintf(world.Err, "\n%s does not look like a .ww file; it has %d more problems, and ww check --json has all of them\n", problems[0].Span.File, len(problems)-len(shown))
	}
	if problems.HasErrors() && isTerminal(world.Err) {
		fmt.Fprintf(world.Err, "\nmore about a code, with examples: ww explain %s\n", onlyErrors(problems)[0].Code)
	}
	return verdict(problems)
}

// A file that is no .ww file has an error in nearly every line, and the first few say it all.
const (
	fewProblems  = 3
	manyProblems = 20
)

// otherFile says whether the problems are most likely those of a file of another kind, named by mistake.
func otherFile(problems diag.List) bool {
	return len(problems) > manyProblems && filepath.Ext(problems[0].Span.File) != ".ww"
}

func verdict(problems diag.List) error {
	if problems.HasErrors() {
		return silent(exitUsage)
	}
	return nil
}

// checked is the JSON of ww check.
type checked struct {
	File     string    `json:"file"`
	OK       bool      `json:"ok"`
	Problems []problem `json:"problems"`
}

type problem struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Col      int    `json:"col"`
	EndLine  int    `json:"end_line"`
	EndCol   int    `json:"end_col"`
	Summary  string `json:"summary"`
	Hint     string `json:"hint,omitempty"`
	Instead  string `json:"instead,omitempty"`
	Detail   string `json:"detail,omitempty"`
}

func checkedOf(file string, list diag.List) checked {
	c := checked{File: file, OK: !list.HasErrors(), Problems: []problem{}}
	for _, d := range list {
		c.Problems = append(c.Problems, problem{
			Code: d.Code, Severity: d.Severity.String(), File: d.Span.File,
			Line: d.Span.Start.Line, Col: d.Span.Start.Col, EndLine: d.Span.End.Line, EndCol: d.Span.End.Col,
			Summary: d.Summary, Hint: d.Label, Instead: d.Instead, Detail: d.Detail,
		})
	}
	return c
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
