package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/bench"
)

type benchOptions struct {
	IO
	Area string
	JSON bool
	Into string
}

func benchCmd(world IO) *cobra.Command {
	o := benchOptions{IO: world}
	cmd := &cobra.Command{
		Use:   "bench [AREA]",
		Short: "Measure ww on this machine, each figure beside its physical baseline",
		Long: "Measure ww on this machine, each figure beside a baseline that is measured in the same run. Areas: bus (calls, beside\n" +
			"NATS and Redis where they are installed, and turns), chain (turns and throughput), journal, registry (who is there, who has\n" +
			"died, start-up, growth), breaker, reload, death (of components and of the supervisor), logs (a million lines), tui (the screen of ww dev\n" +
			"in a terminal, under a million lines and idle), idle (a minute), script (functions in Python), modes (what a task master adds). All of them take\n" +
			"about ten minutes, on a machine that does nothing else.",
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
	cmd.Flags().StringVar(&o.Into, "into", "", "put the figures, as a table, into this Markdown `file`, between the lines \""+figuresBegin+"\" and \""+figuresEnd+"\"")
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
	if o.Into != "" {
		if err := figuresInto(o.Into, report, time.Now()); err != nil {
			return failed(err)
		}
	}
	if o.JSON {
		return writeJSON(o.Out, report)
	}
	fmt.Fprintf(o.Out, "%s\n\n", machineText(report.Machine))
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHAT\tP50\tP99\tBASELINE P50\tRATIO\tMIN…MAX\tGOAL\tOK")
	for _, r := range report.Rows {
		f := figuresOf(r)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Name, f.value, f.p99, f.base, f.ratio, f.span, r.Goal, judged(r))
	}
	return w.Flush()
}

func judged(r bench.Row) string {
	switch {
	case r.Goal == "":
		return "-"
	case r.OK == nil:
		return "baseline too noisy"
	case *r.OK:
		return "yes"
	}
	return "no"
}
