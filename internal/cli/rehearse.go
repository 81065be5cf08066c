package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/rehearsal"
)

type testOptions struct {
	IO
	Files   []string
	Mode    string
	EnvFile string
	JUnit   string
	Session string
	Record  bool
	Offline bool
	Trust   bool
	Seed    seed
	JSON    bool
}

// bothModes are the modes in which the tests of a file are run one after the other.
const bothModes = "both"

func testCmd(world IO) *cobra.Command {
	o := testOptions{IO: world}
	cmd := &cobra.Command{
		Use:   "test [FILE...]",
		Short: "Run the conversation tests that stand beside an app",
		Long: `Asks the turns of test files (*` + rehearsal.Suffix + `, those of this directory when none is named) and compares what comes of them
with what the files expect. Every file has an app of its own, beside a running one. --record adds to a file what came of the
turns of which nothing was expected; a file that is not there yet is made of the session that was used last.
Exit status: 0 everything held, 1 something did not, or an app did not start, 2 bad files, source or flags.`,
		GroupID: groupWrite,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Files = args
			return onStage(cmd.Context(), func(ctx context.Context) error { return runTest(ctx, o) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Mode, "mode", "", "centralized, distributed or both; without it the mode that the files say")
	f.BoolVar(&o.Offline, "offline", false, "models are played by a script, not asked")
	f.BoolVar(&o.Trust, "trust", false, "the commands of the apps may be started")
	f.BoolVar(&o.Record, "record", false, "add to the files what came of the turns")
	f.StringVar(&o.Session, "session", "", "with --record and a new file: the session whose turns it asks")
	seedFlag(cmd, &o.Seed, "")
	f.StringVar(&o.JUnit, "junit", "", "write a report for build servers into this file")
	f.BoolVar(&o.JSON, "json", false, "print the report as JSON")
	envFileFlag(cmd, &o.EnvFile)
	return cmd
}

// tested is the JSON of ww test.
type tested struct {
	OK    bool            `json:"ok"`
	Files []rehearsal.Ran `json:"files"`
}

func runTest(ctx context.Context, o testOptions) error {
	if o.Mode != "" && o.Mode != bothModes && o.Mode != project.Centralized && o.Mode != project.Distributed {
		return usage("--mode is centralized, distributed or both, not %q%s", o.Mode, meant(o.Mode, []string{project.Centralized, project.Distributed, bothModes}, ""))
	}
	files, err := o.files()
	if err != nil {
		return err
	}
	junit, err := openJUnit(o.JUnit)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer junit.discard()
	out := tested{OK: true, Files: []rehearsal.Ran{}}
	for _, f := range files {
		ran, err := o.runFile(ctx, f)
		if err != nil {
			return err
		}
		for _, r := range ran {
			out.OK = out.OK && r.OK
		}
		out.Files = append(out.Files, ran...)
	}
	if err := errors.Join(o.report(out), junit.write(out.Files)); err != nil {
		return failed(err)
	}
	if !out.OK {
		return silent(exitFailed)
	}
	return nil
}
