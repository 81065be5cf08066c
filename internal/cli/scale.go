package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/engine"
)

type scaleOptions struct {
	appOptions
	Orders []engine.Scaling
}

func scaleCmd(world IO) *cobra.Command {
	o := scaleOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:     "scale NAME=N…",
		Short:   "Change how many instances of a component share the work",
		GroupID: groupRun,
		Args: func(_ *cobra.Command, args []string) (err error) {
			o.Orders, err = scalings(args)
			return err
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return runScale(cmd.Context(), o) },
	}
	appFlags(cmd, &o.File, &o.Instance)
	return cmd
}

func scalings(args []string) ([]engine.Scaling, error) {
	if len(args) == 0 {
		return nil, usage("ww scale takes names with numbers, as in: ww scale agent=3")
	}
	var orders []engine.Scaling
	for _, a := range args {
		name, number, _ := strings.Cut(a, "=")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || name == "" {
			return nil, usage("%q is no NAME=N with a number from 1 on; as in: ww scale agent=3", a)
		}
		orders = append(orders, engine.Scaling{Name: name, Replicas: n})
	}
	return orders, nil
}

func runScale(ctx context.Context, o scaleOptions) error {
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	for _, s := range o.Orders {
		if err := r.knows(s.Name); err != nil {
			return err
		}
	}
	for _, s := range o.Orders {
		body, err := json.Marshal(s)
		if err != nil {
			return failed(err)
		}
		err = r.control(ctx, engine.CallScale, body, nil)
		if errors.Is(err, app.ErrNotRunning) {
			return failed(fmt.Errorf("there is no supervisor that could scale %s; start one: ww dev %s", s.Name, o.File))
		}
		if err != nil {
			return failed(err)
		}
		fmt.Fprintf(o.Err, "%s has %s\n", s.Name, counted(s.Replicas, "instance"))
	}
	return nil
}
