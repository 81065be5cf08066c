package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/metrics"
	"github.com/woodwork-lang/ww/localbus"
)

type metricsOptions struct {
	appOptions
	JSON bool
}

// metricsPatience is how long one component may take to answer.
const metricsPatience = 2 * time.Second

func metricsCmd(world IO) *cobra.Command {
	o := metricsOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "metrics",
		Short: "Print what the components of a running app have counted and measured, added up",
		Long: "Print what the components of a running app have counted and measured, added up, in the text form of Prometheus.\n" +
			"Every component is asked itself; the app needs no supervisor for that. What those have counted that have ended\n" +
			"since the app was started is in it.",
		GroupID: groupLook,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runMetrics(cmd.Context(), o) },
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print them as JSON")
	return cmd
}

// runMetrics prints what it got, also when a component does not answer; then the status says so.
func runMetrics(ctx context.Context, o metricsOptions) error {
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	var snapshots []metrics.Snapshot
	var missing error
	shelf := metrics.Shelf{Dir: filepath.Join(r.app.State, metrics.ShelfDir)}
	rest, unread := shelf.Rest(func() (answered []string) {
		snapshots, answered, missing = r.measured(ctx)
		return answered
	})
	snapshots, missing = append(snapshots, rest...), errors.Join(missing, unread)
	sum, err := metrics.Merge(snapshots...)
	if err != nil {
		return failed(err)
	}
	if o.JSON {
		err = writeJSON(o.Out, sum)
	} else {
		err = metrics.WriteText(o.Out, sum)
	}
	if err != nil {
		return failed(err)
	}
	return failedIf(missing)
}

// measured asks every live component at once, so that one that hangs costs its patience only once.
func (r *running) measured(ctx context.Context) (answered []metrics.Snapshot, who []string, err error) {
	recs, err := r.counting()
	if err != nil {
		return nil, nil, err
	}
	snapshots, errs := make([]metrics.Snapshot, len(recs)), make([]error, len(recs))
	var all sync.WaitGroup
	for i, rec := range recs {
		all.Go(func() { snapshots[i], errs[i] = r.measure(ctx, rec) })
	}
	all.Wait()
	for i, s := range snapshots {
		switch {
		case errs[i] == nil:
			answered, who = append(answered, s), append(who, recs[i].Instance)
		case recs[i].Role == localbus.RoleControl:
			errs[i] = nil // a supervisor that is gone counts nothing, and nobody needs it
		}
	}
	return answered, who, errors.Join(errs...)
}

func (r *running) measure(ctx context.Context, rec localbus.Record) (metrics.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, metricsPatience)
	defer cancel()
	var s metrics.Snapshot
	reply, err := r.seat.CallInstance(ctx, rec.Instance, event.Message{Header: event.Header{Type: event.TypeMetrics}}, nil)
	if err == nil {
		err = json.Unmarshal(reply.Body, &s)
	}
	if err != nil {
		return s, fmt.Errorf("the numbers of %s are missing: %w", rec.Component, err)
	}
	return s, nil
}

// components are the records of all live runners.
func (r *running) components() ([]localbus.Record, error) {
	recs, err := localbus.Records(r.dir)
	if err != nil {
		return nil, err
	}
	var out []localbus.Record
	for _, rec := range recs {
		if rec.Alive && rec.Role == localbus.RoleComponent {
			out = append(out, rec)
		}
	}
	return out, nil
}

// counting are the records of all who count: the components, and the supervisor, which sees how they end.
func (r *running) counting() ([]localbus.Record, error) {
	out, err := r.components()
	if err != nil {
		return nil, err
	}
	recs, err := localbus.Records(r.dir)
	for _, rec := range recs {
		if rec.Alive && rec.Role == localbus.RoleControl {
			out = append(out, rec)
		}
	}
	return out, err
}
