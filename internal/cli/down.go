package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/supervisor"
)

type downOptions struct {
	appOptions
	Timeout time.Duration
	JSON    bool
}

func downCmd(world IO) *cobra.Command {
	o := downOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:     "down",
		Short:   "Stop a running app: accepted turns are finished first",
		GroupID: groupRun,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDown(cmd.Context(), o) },
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().DurationVar(&o.Timeout, "timeout", 30*time.Second, "give up waiting after this time; the app goes on stopping")
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print the outcome as JSON")
	return cmd
}

// downed is the JSON of ww down.
type downed struct {
	Stopped bool `json:"stopped"`
	PID     int  `json:"pid"` // of the supervisor that did it; 0: there was none

	Unfinished []engine.Unfinished `json:"unfinished"` // turns that go on at the next start
}

func runDown(ctx context.Context, o downOptions) error {
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	st, err := r.orderDown(ctx)
	switch {
	case errors.Is(err, app.ErrNotRunning) && !r.supervised:
		return o.alone(ctx)
	case err != nil && r.justDied(ctx):
		return o.alone(ctx)
	case err != nil:
		return failed(fmt.Errorf("ww dev (pid %d) does not answer (%w); kill -9 %d, then again: ww down -f %s", r.owner.PID, err, r.owner.PID, o.File))
	}
	if err := r.awaitEnd(ctx); err != nil {
		return err
	}
	return o.report(downed{Stopped: true, PID: st.PID})
}

// orderDown tells the supervisor to end the app. One that is stopped never answers, and is not waited for; one that the machine
// keeps waiting is told again.
func (r *running) orderDown(ctx context.Context) (engine.Status, error) {
	for first := true; ; first = false {
		asking, done := context.WithTimeout(ctx, controlPatience)
		var st engine.Status
		err := r.control(asking, engine.CallDown, nil, &st)
		done()
		var late *bus.Error
		if !errors.As(err, &late) || late.Code != bus.Deadline || ctx.Err() != nil || supervisor.Halted(r.owner.PID) {
			return st, err
		}
		if first {
			fmt.Fprintf(r.o.Err, "ww: ww dev (pid %d) is slow to answer\n", r.owner.PID)
		}
	}
}

// justDied reports that the supervisor is gone although it seemed to be there a moment ago: a dying process's connections
// are closed before its lock is free.
func (r *running) justDied(ctx context.Context) bool {
	for _, pause := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second} {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return false
		}
		if _, held, err := r.app.Owner(); err == nil && !held {
			return true
		}
	}
	return false
}

// alone ends an app whose supervisor was killed.
func (o downOptions) alone(ctx context.Context) error {
	a, err := app.Identify(o.File, o.Instance, o.Env)
	if err != nil {
		return failed(err)
	}
	timing, err := devOptions{IO: o.IO}.timing()
	if err != nil {
		return usage("%w", err)
	}
	if _, err := engine.End(ctx, a, timing); err != nil {
		return failed(err)
	}
	return o.report(downed{Stopped: true})
}

func (o downOptions) report(d downed) error {
	d.Unfinished = o.unfinished()
	if o.JSON {
		return failedIf(writeJSON(o.Out, d))
	}
	fmt.Fprintf(o.Err, "%s is stopped\n", o.File)
	listUnfinished(d.Unfinished, func(format string, args ...any) { fmt.Fprintf(o.Err, format+"\n", args...) })
	return nil
}

// unfinished are the turns that the app leaves without an end. Where nobody knows its inputs there are none to tell of.
func (o downOptions) unfinished() []engine.Unfinished {
	none := []engine.Unfinished{}
	a, err := app.Identify(o.File, o.Instance, o.Env)
	if err != nil {
		return none
	}
	d, err := a.Desired()
	if err != nil {
		return none
	}
	var inputs []string
	for _, w := range d.Components {
		if w.Acceptor {
			inputs = append(inputs, w.Name)
		}
	}
	return append(none, engine.UnfinishedOf(a.State, inputs)...)
}

// awaitEnd waits until nobody holds the app's lock, which is the last thing a supervisor gives back, and until its process
// is gone, too.
func (r *running) awaitEnd(ctx context.Context) error {
	t := time.NewTicker(10 * time.Millisecond)
	defer t.Stop()
	began, _ := supervisor.PidStart(r.owner.PID) // 0: of another PID namespace; its lock has to do
	for {
		owner, held, err := r.app.Owner()
		if err != nil {
			return failed(err)
		}
		// One that takes its name out still holds the lock for a moment; another name is another supervisor.
		if !held || owner.PID != 0 && owner.PID != r.owner.PID {
			if now, err := supervisor.PidStart(r.owner.PID); err != nil || now != began {
				return nil
			}
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return &exitError{exitPending, fmt.Errorf("ww dev (pid %d) is still stopping; who is slow: ww ps -f %s", r.owner.PID, r.o.File)}
		}
	}
}
