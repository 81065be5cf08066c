package cli

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/engine"
)

type psOptions struct {
	appOptions
	JSON bool
}

func psCmd(world IO) *cobra.Command {
	o := psOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:     "ps",
		Short:   "Show the components of a running app and their processes",
		GroupID: groupLook,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runPS(cmd.Context(), o) },
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print it as JSON")
	return cmd
}

func runPS(ctx context.Context, o psOptions) error {
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	rows, why, err := r.look(ctx)
	if err != nil {
		return err
	}
	if why != "" {
		fmt.Fprintln(o.Err, "ww: "+why)
	}
	if o.JSON {
		return failedIf(writeJSON(o.Out, rows))
	}
	return failedIf(o.table(rows))
}

func (o psOptions) table(rows []engine.Row) error {
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tKIND\tSTATE\tPID\tHEARTBEAT\tLOAD\tMEMORY\tRESTARTS\tREASON")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s %s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", r.Name, r.Kind, r.Type, r.State, orDash(r.PIDs.Runner),
			beat(r.HeartbeatAgeMS), load(r.Load), megabytes(r.PSS), r.Restarts, r.Reason)
	}
	return w.Flush()
}

func load(l engine.Load) string {
	if l.Max == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d", l.InFlight, l.Max)
}

func orDash(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

func beat(ms int64) string {
	if ms < 0 {
		return "-"
	}
	return took(time.Duration(ms) * time.Millisecond)
}

func megabytes(b int64) string {
	if b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f MB", float64(b)/(1<<20))
}
