package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/engine"
)

type restartOptions struct {
	appOptions
	Name string
}

func restartCmd(world IO) *cobra.Command {
	o := restartOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:     "restart NAME",
		Short:   "End a component and start it again; its turns go on",
		GroupID: groupRun,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("ww restart takes the name of one component; see: ww ps")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return runRestart(cmd.Context(), o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	return cmd
}

func runRestart(ctx context.Context, o restartOptions) error {
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.knows(o.Name); err != nil {
		return err
	}
	err = r.control(ctx, engine.CallRestart, []byte(o.Name), nil)
	if errors.Is(err, app.ErrNotRunning) {
		return failed(fmt.Errorf("there is no supervisor that could restart %s; start one: ww dev %s", o.Name, o.File))
	}
	if err != nil {
		return failed(err)
	}
	fmt.Fprintf(o.Err, "%s was restarted\n", o.Name)
	return nil
}

// knows reports a name that the app does not have.
func (r *running) knows(name string) error {
	d, err := r.app.Desired()
	if err != nil {
		return failed(err)
	}
	if _, ok := d.Wanted(name); ok {
		return nil
	}
	var names []string
	for _, c := range d.Components {
		names = append(names, c.Name)
	}
	return usage("there is no component %q%s", name, meant(name, names, ""))
}
