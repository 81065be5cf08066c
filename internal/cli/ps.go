package cli

import (
	"context"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/engine"
)

type psOptions struct {
	appOptions
	Name  string
	JSON  bool
	Watch bool
}

func psCmd(world IO) *cobra.Command {
	o := psOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "ps [NAME]",
		Short: "Show the components of a running app and their processes; with a name, why it is not ready",
		Long: "Show the components of a running app: their processes, what these use of the machine, and what is wrong. CPU is\n" +
			"the share of one core since the last look. With the name of a component: why it is not ready (what it waits for,\n" +
			"which variable is not set, who has its port), how it died and what to do.",
		GroupID: groupLook,
		Args:    atMostOne("component"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = strings.Join(args, "")
			return runPS(cmd.Context(), o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print it as JSON")
	cmd.Flags().BoolVarP(&o.Watch, "watch", "w", false, "look again every second, until ctrl+c")
	return cmd
}

func runPS(ctx context.Context, o psOptions) error {
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	if !o.Watch {
		return o.once(ctx, r, o.Out)
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		var page strings.Builder
		if err := o.once(ctx, r, &page); err != nil && ctx.Err() == nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		if isTerminal(o.Out) && !o.JSON {
			page.WriteString("\x1b[J")             // what was below
			io.WriteString(o.Out, "\x1b[H\x1b[2J") //nolint:errcheck // the next write fails too
		}
		if _, err := io.WriteString(o.Out, page.String()); err != nil {
			return failed(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (o psOptions) once(ctx context.Context, r *running, out io.Writer) error {
	rows, why, err := r.look(ctx)
	if err != nil {
		return err
	}
	remarks := o.Err
	if o.Watch && isTerminal(o.Out) && !o.JSON { // the page is drawn over what stands there
		remarks = out
	}
	if why != "" {
		fmt.Fprintln(remarks, "ww: "+why)
	} else {
		for _, text := range r.remarks(ctx) {
			fmt.Fprintln(remarks, "ww: "+text)
		}
	}
	if o.Name != "" {
		return o.explain(ctx, r, rows, why == "", out)
	}
	if o.JSON {
		return failedIf(writeJSON(out, rows))
	}
	_, err = io.WriteString(out, psTable(rows, max(80, width(o.Out)), isTerminal(o.Out)))
	return failedIf(err)
}

// psTable is the table for people: every column as wide as it must be, in 80 columns for names of usual length. What is
// wrong stands below the component that it is about.
func psTable(rows []engine.Row, wide int, cut bool) string {
	table := [][]string{{"NAME", "KIND", "STATE", "PID", "LOAD", "CPU", "MEMORY", "BEAT", "RESTARTS"}}
	for _, r := range rows {
		table = append(table, []string{
			shownName(r), strings.TrimSpace(r.Kind + " " + r.Type), string(r.State), orDash(r.PIDs.Runner), load(r.Load),
			percent(r), megabytes(r.PSS), beat(r.HeartbeatAgeMS), fmt.Sprint(r.Restarts),
		})
	}
	widths := make([]int, len(table[0]))
	for _, line := range table {
		for i, cell := range line {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var b strings.Builder
	for n, line := range table {
		text := ""
		for i, cell := range line {
			pad := strings.Repeat(" ", widths[i]-len([]rune(cell)))
			if i >= firstNumber {
				text += pad + cell + "  "
			} else {
				text += cell + pad + "  "
			}
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
		if n > 0 {
			b.WriteString(trouble(rows[n-1], wide, cut))
		}
	}
	return b.String()
}

// firstNumber is the column from which on cells are figures, which stand at the right.
const firstNumber = 3

// shownName is the component, with its ordinal when it has replicas.
func shownName(r engine.Row) string {
	if r.Ordinal == 0 {
		return r.Name
	}
	return fmt.Sprintf("%s.%d", r.Name, r.Ordinal)
}

// trouble is the line below a component that is not as it should be.
func trouble(r engine.Row, wide int, cut bool) string {
	text := r.Reason
	if r.NextStartMS > 0 {
		text += fmt.Sprintf("; next start in %.1f s", float64(r.NextStartMS)/1000)
	}
	if text == "" {
		return ""
	}
	line := []rune("  └ " + text)
	if cut && len(line) > wide {
		line = append(line[:wide-1], '…')
	}
	return string(line) + "\n"
}

func percent(r engine.Row) string {
	if r.PSS == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100*r.CPU)
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
