package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/state"
)

type waitOptions struct {
	appOptions
	Timeout time.Duration
	JSON    bool
}

func waitCmd(world IO) *cobra.Command {
	o := waitOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:     "wait ready",
		Short:   "Wait until every component of an app is ready",
		GroupID: groupLook,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] != "ready" {
				return usage("there is one thing to wait for: ww wait ready")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return runWait(cmd.Context(), o) },
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().DurationVar(&o.Timeout, "timeout", 30*time.Second, "give up after this time")
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print the components as JSON, as ww ps does")
	return cmd
}

// waitPause is how long to wait between two looks.
const waitPause = 30 * time.Millisecond

func runWait(ctx context.Context, o waitOptions) error {
	if o.Timeout <= 0 {
		return usage("--timeout is how long to wait, as in 30s, not %s", o.Timeout)
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	var last error
	for {
		rows, err := o.once(ctx)
		if err == nil {
			if o.JSON {
				return failedIf(writeJSON(o.Out, rows))
			}
			fmt.Fprintf(o.Err, "%s is ready: %s\n", o.File, counted(len(rows), "component"))
			return nil
		}
		var e *exitError
		if errors.As(err, &e) && e.status == exitFailed || errors.As(err, &e) && e.status == exitUsage {
			return err
		}
		if ctx.Err() == nil || last == nil {
			last = err
		}
		select {
		case <-time.After(waitPause):
		case <-ctx.Done():
			return last
		}
	}
}

// once looks whether all is ready.
func (o waitOptions) once(ctx context.Context) ([]engine.Row, error) {
	r, err := o.join(ctx)
	if err != nil {
		return nil, err
	}
	defer r.close()
	rows, why, err := r.look(ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.State == state.Failed {
			return nil, failed(fmt.Errorf("%s has failed: %s; its log: ww logs -f %s %s", row.Name, row.Reason, o.File, row.Name))
		}
	}
	if names := unready(rows, why == ""); len(names) > 0 {
		return nil, &exitError{exitPending, fmt.Errorf("not ready after %s: %s", took(o.Timeout), strings.Join(names, ", "))}
	}
	return rows, nil
}
