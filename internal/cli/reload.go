package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/engine"
)

type reloadOptions struct {
	appOptions
	DryRun bool
	JSON   bool
}

func reloadCmd(world IO) *cobra.Command {
	o := reloadOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "reload",
		Short: "Read the files of a running app again and replace what has changed",
		Long: `Read the files of a running app again and replace what has changed, as saving them does. It returns when the new
instances serve; turns that run at that moment end where they began. When the files are wrong, or something new does not
become ready, the app goes on as it was.`,
		GroupID: groupRun,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runReload(cmd.Context(), o) },
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "only say what would be done, and why")
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print it as JSON")
	return cmd
}

func runReload(ctx context.Context, o reloadOptions) error {
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	body, err := json.Marshal(engine.ReloadOrder{DryRun: o.DryRun})
	if err != nil {
		return failed(err)
	}
	var done engine.Reloaded
	err = r.control(ctx, engine.CallReload, body, &done)
	if errors.Is(err, app.ErrNotRunning) {
		return failed(fmt.Errorf("there is no supervisor that could reload the app; start one: ww dev %s", o.File))
	}
	if err != nil {
		return failed(err)
	}
	if o.JSON {
		if err := writeJSON(o.Out, done); err != nil {
			return failed(err)
		}
	}
	return o.report(done)
}

// report says what was done, and ends with the status that fits.
func (o reloadOptions) report(r engine.Reloaded) error {
	if !o.JSON {
		fmt.Fprint(o.Err, r.Problems)
		writeSteps(r.Steps, func(line string) { fmt.Fprintln(o.Out, line) })
	}
	switch {
	case r.Error != "" && r.Broken:
		return &exitError{exitUsage, errors.New(r.Error)}
	case r.Error != "":
		return failed(errors.New(r.Error))
	case o.JSON:
	case r.Changed:
		fmt.Fprintf(o.Err, "%s runs generation %d\n", o.File, r.Generation)
	case len(r.Steps) == 0:
		fmt.Fprintln(o.Err, "nothing has changed")
	}
	return nil
}

// writeSteps is a plan for people, one line a step.
func writeSteps(steps []engine.Step, line func(string)) {
	var wide, names int
	for _, s := range steps {
		wide, names = max(wide, len(s.Op)), max(names, len(s.Component))
	}
	for _, s := range steps {
		line(fmt.Sprintf("%-*s  %-*s  (%s)", wide, s.Op, names, s.Component, s.Cause))
	}
}
