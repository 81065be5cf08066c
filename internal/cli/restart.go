package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/engine"
)

// order is an order about one component, or about one instance of it.
type orderVerb struct {
	verb, short string
	call        string
	done        string // what is said afterwards
}

var orderVerbs = [...]orderVerb{
	{"restart", "End a component and start it again; its turns go on", engine.CallRestart, "was restarted"},
	{"start", "Start a component that was stopped or has failed", engine.CallStart, "is running"},
	{"stop", "End a component until somebody starts it; its turns wait", engine.CallStop, "is stopped"},
}

type orderOptions struct {
	appOptions
	Name string
}

func orderCmds(world IO) []*cobra.Command {
	cmds := make([]*cobra.Command, 0, len(orderVerbs))
	for _, v := range orderVerbs {
		cmds = append(cmds, orderCmd(world, v))
	}
	return cmds
}

func orderCmd(world IO, v orderVerb) *cobra.Command {
	o := orderOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:     v.verb + " NAME",
		Short:   v.short,
		Long:    v.short + ".\n\nNAME is a component, or one instance of it: agent.1 is the second one.",
		GroupID: groupRun,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("ww %s takes the name of one component; see: ww ps", v.verb)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return v.run(cmd.Context(), o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	return cmd
}

func (v orderVerb) run(ctx context.Context, o orderOptions) error {
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.knows(o.Name); err != nil {
		return err
	}
	err = r.control(ctx, v.call, []byte(o.Name), nil)
	if errors.Is(err, app.ErrNotRunning) {
		return failed(fmt.Errorf("there is no supervisor that could %s %s; start one: ww dev %s", v.verb, o.Name, o.File))
	}
	if err != nil {
		return failed(err)
	}
	fmt.Fprintf(o.Err, "%s %s\n", o.Name, v.done)
	return nil
}

// knows reports a name that the app does not have.
func (r *running) knows(what string) error {
	d, err := r.app.Desired()
	if err != nil {
		return failed(err)
	}
	name, ordinal := what, 0
	if before, n, ok := strings.Cut(what, "."); ok {
		if i, err := strconv.Atoi(n); err == nil {
			name, ordinal = before, i
		}
	}
	switch w, ok := d.Wanted(name); {
	case ok && (ordinal < 0 || ordinal >= w.Replicas):
		return usage("there is no %s: %s has %s, counted from 0", what, name, counted(w.Replicas, "instance"))
	case ok:
		return nil
	}
	var names []string
	for _, c := range d.Components {
		names = append(names, c.Name)
	}
	return usage("there is no component %q%s", name, others(name, names))
}
