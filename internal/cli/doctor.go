package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/doctor"
	"github.com/woodwork-lang/ww/internal/project"
)

type doctorOptions struct {
	appOptions
	JSON bool
	Fix  bool
}

func doctorCmd(world IO) *cobra.Command {
	o := doctorOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at the machine, the project and what earlier runs left; --fix cleans that up",
		Long: "Look at the machine (what makes the end of processes sure, limits, file systems, Python), at the project and its\n" +
			"journals, and for processes and sockets of earlier runs that nobody looks after. --fix ends and removes those.\n" +
			"Without a .ww file only the machine is looked at. The exit status is 1 when something does not work.",
		GroupID: groupLook,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd.Context(), o) },
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print it as JSON")
	cmd.Flags().BoolVar(&o.Fix, "fix", false, "end and remove what earlier runs left")
	return cmd
}

// examined is the JSON of ww doctor.
type examined struct {
	OK     bool           `json:"ok"`
	Checks []doctor.Check `json:"checks"`
}

func runDoctor(ctx context.Context, o doctorOptions) error {
	what := doctor.Options{Version: thisVersion().Version, Fix: o.Fix, Path: exec.LookPath}
	a, err := app.Identify(o.File, o.Instance, o.Env)
	switch {
	case err == nil:
		what.App = a
		_, what.Problems = project.Load(o.File, o.Env)
	case !errors.Is(err, fs.ErrNotExist) && o.File != app.DefaultFile:
		return &exitError{exitUsage, err}
	}
	found := examined{Checks: doctor.Run(ctx, what)}
	found.OK = doctor.Well(found.Checks)
	if o.JSON {
		err = writeJSON(o.Out, found)
	} else {
		_, err = io.WriteString(o.Out, found.text())
	}
	if err != nil {
		return failed(err)
	}
	if !found.OK {
		return silent(exitFailed)
	}
	return nil
}

// text is the findings for people, area by area. A sign and a word: colour is not needed.
func (e examined) text() string {
	signs := map[doctor.Verdict]string{doctor.OK: "✓ ok  ", doctor.Info: "· info", doctor.Warn: "! warn", doctor.Bad: "✗ bad "}
	var b strings.Builder
	area := ""
	for _, c := range e.Checks {
		if c.Area != area {
			area = c.Area
			fmt.Fprintf(&b, "%s\n", area)
		}
		sign := signs[c.Verdict]
		if c.Fixed {
			sign = "✓ done"
		}
		fmt.Fprintf(&b, "  %s  %-20s  %s\n", sign, c.Name, c.Text)
		if c.Fix != "" && !c.Fixed {
			fmt.Fprintf(&b, "  %-6s  %-20s  → %s\n", "", "", c.Fix)
		}
	}
	return b.String()
}
