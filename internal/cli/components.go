package cli

import (
	"context"
	"fmt"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/bus"
)

type componentsOptions struct {
	appOptions
	Query       bus.Query
	Watch, JSON bool
}

func componentsCmd(world IO) *cobra.Command {
	o := componentsOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "components [NAME]",
		Short: "Search the registry of a running app",
		Long: "Search the registry of a running app: who can take messages, what it can do and where it is. The components answer\n" +
			"themselves; no supervisor is needed. Several conditions must all hold.",
		GroupID: groupLook,
		Args:    atMostOne("name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.Query.Name = args[0]
			}
			return runComponents(cmd.Context(), o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	f := cmd.Flags()
	f.StringVar(&o.Query.Kind, "kind", "", "only components of this kind, as in llm")
	f.StringVar(&o.Query.Type, "type", "", "only components of this type, as in openai")
	f.StringVar(&o.Query.Capability, "capability", "", "only components that can do this")
	f.StringVar(&o.Query.Session, "session", "", "of each component only the instance that this session's messages go to")
	f.BoolVarP(&o.Query.All, "all", "a", false, "also those that take no messages: that start, stand by, drain or have failed")
	f.BoolVarP(&o.Watch, "watch", "w", false, "print them, and then every change until interrupted")
	f.BoolVar(&o.JSON, "json", false, "print it as JSON; with --watch an object a line")
	return cmd
}

func runComponents(ctx context.Context, o componentsOptions) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second one ends us even when nobody takes what we print
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	if o.Watch {
		return failedIf(o.watch(ctx, r))
	}
	found, err := r.seat.Registry().Discover(ctx, o.Query)
	if err != nil {
		return failed(err)
	}
	if o.JSON {
		list := make([]bus.ComponentInfo, len(found))
		for i := range found {
			list[i] = filled(found[i])
		}
		return failedIf(writeJSON(o.Out, list))
	}
	return failedIf(o.table(found))
}

// filled has empty lists and objects where a reader of JSON would find null.
func filled(c bus.ComponentInfo) bus.ComponentInfo {
	for _, list := range []*[]string{&c.Capabilities, &c.InputEvents, &c.OutputEvents} {
		if *list == nil {
			*list = []string{}
		}
	}
	if c.SessionAffinity == nil {
		c.SessionAffinity = []int{}
	}
	if c.Resources == nil {
		c.Resources = map[string]any{}
	}
	return c
}

func (o componentsOptions) table(found []bus.ComponentInfo) error {
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tINSTANCE\tKIND\tSTATE\tPID\tLOAD\tAVERAGE\tSUCCESS\tPARTITIONS\tCAPABILITIES")
	for _, c := range found {
		fmt.Fprintf(w, "%s\t%s\t%s %s\t%s\t%d\t%d/%d\t%s\t%.0f %%\t%s\t%s\n", c.Name, c.ID, c.Kind, c.Type, lifeWord(c), c.ProcessID,
			c.CurrentLoad, c.MaxConcurrent, took(seconds(c.AvgProcessingTime)), 100*c.SuccessRate, ranges(c.SessionAffinity),
			strings.Join(c.Capabilities, " "))
	}
	return w.Flush()
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// lifeWord is a state as people read it.
func lifeWord(c bus.ComponentInfo) string {
	switch {
	case c.Standby:
		return "standby"
	case c.State == bus.StateInitializing:
		return "starting"
	case c.State == bus.StateShuttingDown:
		return "draining"
	case c.State == bus.StateTerminated:
		return "stopped"
	}
	return string(c.State)
}

// ranges writes ascending numbers as in 0-3,7.
func ranges(list []int) string {
	if len(list) == 0 {
		return "-"
	}
	var parts []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		if j > i {
			parts = append(parts, fmt.Sprintf("%d-%d", list[i], list[j]))
		} else {
			parts = append(parts, fmt.Sprint(list[i]))
		}
		i = j + 1
	}
	return strings.Join(parts, ",")
}

// changeJSON is a line of `ww components --watch --json`.
type changeJSON struct {
	Gone      bool              `json:"gone"`
	At        time.Time         `json:"at"`
	Component bus.ComponentInfo `json:"component"`
}

// watch prints changes until ctx ends or the app has ended.
func (o componentsOptions) watch(ctx context.Context, r *running) error {
	changes, err := r.seat.Registry().Watch(ctx, o.Query)
	if err != nil {
		return err
	}
	t := time.NewTicker(time.Second) // the end of an app is no change when nobody fits the query
	defer t.Stop()
	for {
		select {
		case c, open := <-changes:
			if !open {
				return nil
			}
			if err := o.change(c, time.Now()); err != nil {
				return err
			}
		case <-t.C:
			if !r.alive() {
				fmt.Fprintf(o.Err, "ww: %s has ended\n", o.File)
				return nil
			}
		}
	}
}

func (o componentsOptions) change(c bus.Change, at time.Time) error {
	if o.JSON {
		return writeJSON(o.Out, changeJSON{Gone: c.Gone, At: at, Component: filled(c.Info)})
	}
	word := lifeWord(c.Info)
	if c.Gone {
		word = "gone"
	}
	line := fmt.Sprintf("%s %s %s %s", at.Local().Format(time.TimeOnly), c.Info.Name, c.Info.ID, word)
	if c.Info.Reason != "" {
		line += ": " + printed(c.Info.Reason)
	}
	_, err := fmt.Fprintln(o.Out, line)
	return err
}
