package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/state"
)

type chaosOptions struct {
	appOptions
	Order engine.ChaosOrder
	JSON  bool
}

func chaosCmd(world IO) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "chaos",
		Short: "Practise faults: kill, hang, slow or drop one component, or what goes from one to another",
		Long: `Makes a component of a running app fail, to see what the others make of it. A fault ends by itself (--for), when its
component is started again, and with the app; the screen shows it as long as it is on. What it delays or drops is not lost:
the rules of delivery hold.

FROM:TO is only what the component FROM sends to TO.`,
		GroupID: groupRun,
		Args:    subcommand,
	}
	list := chaosVerb(world, "list", "List the practice faults that are on", 0)
	kill := chaosVerb(world, "kill NAME", "Kill the process of a component, and everything in its group", 1)
	hang := chaosVerb(world, "hang NAME|FROM:TO", "Let nothing be worked on", 1)
	slow := chaosVerb(world, "slow NAME|FROM:TO", "Let everything take longer (--by)", 1)
	drop := chaosVerb(world, "drop NAME|FROM:TO", "End the connections on which something comes", 1)
	stop := chaosVerb(world, "stop [NAME]", "End the practice faults, of one component or all", -1)
	cmd.AddCommand(list, kill, hang, slow, drop, stop)
	cmd.RunE = list.RunE // `ww chaos` alone lists them
	cmd.Flags().AddFlagSet(list.Flags())
	return cmd
}

// chaosVerb is one verb; it takes so many names, -1: one or none.
func chaosVerb(world IO, use, short string, names int) *cobra.Command {
	o := chaosOptions{appOptions: appOptions{IO: world}}
	do, _, _ := strings.Cut(use, " ")
	cmd := &cobra.Command{
		Use: use, Short: short,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case names >= 0 && len(args) != names, len(args) > 1:
				return usage("it is: ww chaos %s", use)
			case len(args) == 1:
				return o.aim(args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Order.Do = do
			return runChaos(cmd.Context(), o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print the faults that are on as JSON")
	if do == "hang" || do == "slow" || do == "drop" {
		cmd.Flags().DurationVar(&o.Order.For, "for", engine.FaultFor, "how long it lasts, at most 10m")
	}
	if do == "slow" {
		cmd.Flags().DurationVar(&o.Order.By, "by", engine.SlowBy, "how much longer everything takes")
	}
	return cmd
}

// aim reads NAME or FROM:TO.
func (o *chaosOptions) aim(what string) error {
	from, to, edge := strings.Cut(what, ":")
	if !edge {
		from, to = "", what
	}
	if to == "" || edge && from == "" {
		return usage("%q names no component: write NAME, or FROM:TO", what)
	}
	o.Order.From, o.Order.Component = from, to
	return nil
}

func runChaos(ctx context.Context, o chaosOptions) error {
	if o.Order.For < 0 || o.Order.By < 0 || o.Order.For > engine.MostFaultFor {
		return usage("--for is at most %v, and neither --for nor --by is negative", engine.MostFaultFor)
	}
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	for _, name := range []string{o.Order.Component, o.Order.From} {
		if name == "" {
			continue
		}
		if err := r.knows(name); err != nil {
			return err
		}
	}
	body, err := json.Marshal(o.Order)
	if err != nil {
		return failed(err)
	}
	on := []state.Fault{}
	if err := r.control(ctx, engine.CallChaos, body, &on); err != nil {
		return failed(err)
	}
	if o.JSON {
		return failedIf(writeJSON(o.Out, on))
	}
	return failedIf(o.tell(on, time.Now()))
}

func (o chaosOptions) tell(on []state.Fault, now time.Time) error {
	if o.Order.Do == "kill" {
		_, err := fmt.Fprintf(o.Err, "ww: %s was killed\n", o.Order.Component)
		return err
	}
	if len(on) == 0 {
		_, err := fmt.Fprintln(o.Err, "ww: no practice fault is on")
		return err
	}
	var b strings.Builder
	for _, f := range on {
		fmt.Fprintf(&b, "%s, %s\n", f, f.Left(now))
	}
	_, err := io.WriteString(o.Out, b.String())
	return err
}
