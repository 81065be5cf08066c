package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/localbus"
)

type breakersOptions struct {
	appOptions
	Target string
	Type   string
	Why    string
	For    time.Duration
	JSON   bool
}

// breakerPatience is how long one component may take to answer.
const breakerPatience = 2 * time.Second

func breakersCmd(world IO) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "breakers",
		Short: "List the circuit breakers of an app; trip, reset or hold one",
		Long: "Every component keeps a breaker for each target and type of request that it calls. An order goes to every\n" +
			"component that runs, and stays until it is reset or its time is over.",
		GroupID: groupLook,
		Args:    subcommand,
	}
	list := breakersVerb(world, "list", "List the breakers of every component", noArgs, runBreakers)
	trip := breakersVerb(world, "trip TARGET", "Let no call through to a component", oneTarget, breakerOrder("trip"))
	hold := breakersVerb(world, "hold TARGET", "Let every call through to a component, whatever fails", oneTarget, breakerOrder("hold"))
	reset := breakersVerb(world, "reset TARGET", "End an order, and close the breakers to a component", oneTarget, breakerOrder("reset"))
	cmd.AddCommand(list, trip, hold, reset)
	cmd.RunE = list.RunE // `ww breakers` alone lists them
	cmd.Flags().AddFlagSet(list.Flags())
	return cmd
}

func breakersVerb(world IO, use, short string, args cobra.PositionalArgs, run func(context.Context, breakersOptions) error) *cobra.Command {
	o := breakersOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Target = strings.Join(args, "")
			return run(cmd.Context(), o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print it as JSON")
	if use != "list" {
		cmd.Flags().StringVar(&o.Type, "type", "", "only requests of this type (default process_request)")
		cmd.Flags().StringVar(&o.Why, "why", "", "the reason, which others are shown")
		cmd.Flags().DurationVar(&o.For, "for", 0, "how long the order stands; 0: until it is reset")
	}
	return cmd
}

func oneTarget(cmd *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return usage("%s takes the name of one component", cmd.CommandPath())
	}
	return nil
}

func runBreakers(ctx context.Context, o breakersOptions) error {
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	rows, err := r.everyBreaker(ctx, event.Message{Header: event.Header{Type: event.TypeBreakers}})
	if err != nil {
		return failed(err)
	}
	return o.show(rows)
}

// breakerOrder gives an order to every caller: each keeps breakers of its own.
func breakerOrder(order string) func(context.Context, breakersOptions) error {
	return func(ctx context.Context, o breakersOptions) error {
		r, err := o.join(ctx)
		if err != nil {
			return err
		}
		defer r.close()
		if err := r.knows(o.Target); err != nil {
			return err
		}
		body, err := json.Marshal(component.BreakerOrder{
			Target: o.Target, Type: o.Type, Order: order, Why: o.Why, For: o.For.Seconds(), By: whoAmI(o.Env),
		})
		if err != nil {
			return failed(err)
		}
		rows, err := r.everyBreaker(ctx, event.Message{Header: event.Header{Type: event.TypeBreakerOrder}, Body: body})
		if err != nil {
			return failed(err)
		}
		return o.show(slices.DeleteFunc(rows, func(b component.BreakerStatus) bool { return b.Target != o.Target }))
	}
}

// whoAmI signs an order.
func whoAmI(env func(string) (string, bool)) string {
	if name, ok := env("USER"); ok && name != "" {
		return name
	}
	return fmt.Sprint("uid ", os.Getuid())
}

// everyBreaker sends a message to every component that runs and gathers the breakers they answer with.
func (r *running) everyBreaker(ctx context.Context, m event.Message) ([]component.BreakerStatus, error) {
	recs, err := localbus.Records(r.dir)
	if err != nil {
		return nil, err
	}
	rows := []component.BreakerStatus{}
	var errs []error
	for _, rec := range recs {
		if !rec.Alive || rec.Role != localbus.RoleComponent || rec.State != localbus.StateReady {
			continue
		}
		one, err := r.breakersOf(ctx, rec.Instance, m)
		rows, errs = append(rows, one...), append(errs, err)
	}
	slices.SortFunc(rows, func(a, b component.BreakerStatus) int { return cmp.Compare(a.Route, b.Route) })
	return rows, errors.Join(errs...)
}

func (r *running) breakersOf(ctx context.Context, instance string, m event.Message) ([]component.BreakerStatus, error) {
	ctx, cancel := context.WithTimeout(ctx, breakerPatience)
	defer cancel()
	reply, err := r.seat.CallInstance(ctx, instance, m, nil)
	if err != nil {
		return nil, err
	}
	var rows []component.BreakerStatus
	return rows, json.Unmarshal(reply.Body, &rows)
}

func (o breakersOptions) show(rows []component.BreakerStatus) error {
	if o.JSON {
		return failedIf(writeJSON(o.Out, rows))
	}
	if len(rows) == 0 {
		fmt.Fprintln(o.Err, "no breakers: no component has called another one yet")
		return nil
	}
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ROUTE\tSTATE\tWINDOW\tNEXT CALL\tCALLS\tFAILED\tREFUSED\tREASON")
	for _, b := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n", b.Route, b.State, marks(b.Window), nextCall(b.ReopenAt),
			b.Succeeded+b.Failed, b.Failed, b.Rejected, signed(b.Reason, b.By))
	}
	return failedIf(w.Flush())
}

// marks is the window for the eye: oldest first.
func marks(failed []bool) string {
	var b strings.Builder
	for _, f := range failed {
		if f {
			b.WriteString("✗")
		} else {
			b.WriteString("✓")
		}
	}
	return b.String()
}

func nextCall(at string) string {
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return ""
	}
	return "in " + max(0, time.Until(t)).Round(time.Second).String()
}

func signed(reason, by string) string {
	if by == "" {
		return reason
	}
	return reason + " (" + by + ")"
}
