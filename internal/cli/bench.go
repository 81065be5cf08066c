package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/bench"
)

type benchOptions struct {
	IO
	Area string
	JSON bool
}

func benchCmd(world IO) *cobra.Command {
	o := benchOptions{IO: world}
	cmd := &cobra.Command{
		Use:     "bench [AREA]",
		Short:   "Measure ww on this machine, each figure beside its physical baseline",
		Long:    "Measure ww on this machine, each figure beside a baseline that is measured in the same run. Areas: bus (calls and whole turns), chain (turns alone), start.",
		GroupID: groupSelf,
		Args:    atMostOne("area"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.Area = args[0]
			}
			return runBench(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print it as JSON")
	return cmd
}

// benchChildCmd is one of the bench's own processes.
func benchChildCmd() *cobra.Command {
	return &cobra.Command{
		Use:                "bench-child",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE:               func(_ *cobra.Command, args []string) error { return silentUnlessOK(bench.Child(args)) },
	}
}

// benchSelf runs this binary again.
func benchSelf(args ...string) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	return exec.Command(exe, append([]string{"bench-child"}, args...)...)
}

func runBench(ctx context.Context, o benchOptions) error {
	report, err := bench.Run(ctx, benchAreas(), o.Area, benchSelf)
	if err != nil {
		return failed(err)
	}
	if o.JSON {
		return writeJSON(o.Out, report)
	}
	m := report.Machine
	fmt.Fprintf(o.Out, "%s, %d cores, %s, load %.1f → %.1f, steal %.1f %%\n\n", m.Model, m.CPUs, m.Go, m.LoadBefore, m.LoadAfter, m.StealPercent)
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHAT\tP50\tP99\tBASELINE P50\tRATIO\tMIN…MAX\tGOAL\tOK")
	for _, r := range report.Rows {
		fmt.Fprintf(w, "%s\t%.1f %s\t%.1f\t%.1f\t%.2f\t%.2f…%.2f\t%s\t%s\n",
			r.Name, r.Value, r.Unit, r.P99, r.BaselineValue, r.Ratio, r.RatioMin, r.RatioMax, r.Goal, judged(r.OK))
	}
	return w.Flush()
}

func judged(ok *bool) string {
	switch {
	case ok == nil:
		return "baseline too noisy"
	case *ok:
		return "yes"
	}
	return "no"
}
