package cli

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/project"
)

func attachCmd(world IO) *cobra.Command {
	o := devOptions{IO: world}
	cmd := &cobra.Command{
		Use:   "attach",
		Short: "Show a running app here and talk to it; leaving it ends nothing",
		Long: `Show a running app here and talk to it, as ww dev does. Leaving it ends nothing.

When the app has no supervisor, because that was killed, this becomes one: the components go on as they are, and then
leaving ends the app, as with ww dev.`,
		GroupID: groupRun,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runAttach(cmd.Context(), o) },
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().StringVar(&o.UI, "ui", "", "tui, stream or json (default: tui on a terminal, else stream)")
	return cmd
}

func runAttach(ctx context.Context, o devOptions) error {
	r, err := appOptions{IO: o.IO, File: o.File, Instance: o.Instance}.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	asking, done := context.WithTimeout(ctx, controlPatience)
	defer done()
	if err := r.control(asking, engine.CallStatus, nil, nil); err != nil && (!r.supervised || r.justDied(ctx)) {
		r.close()
		fmt.Fprintln(o.Err, "ww: the app has no supervisor; taking over")
		return runDev(ctx, o)
	}
	if err := o.chooseUI(); err != nil {
		return err
	}
	p, _ := project.Load(o.File, o.Env) // only for showing it: the app runs, whatever the file says now
	a, err := r.app.Open(o.Env)
	if err != nil {
		return failed(err)
	}
	e, err := engine.Attach(ctx, engine.Options{Project: p, App: a, Env: o.Env, Environ: o.Environ, Version: thisVersion().Version})
	if err != nil {
		return failed(err)
	}
	return o.attached(ctx, e)
}

// attached shows the app until the person leaves or the app ends.
func (o devOptions) attached(ctx context.Context, e *engine.Engine) error {
	serving, leave := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer leave()
	ended := make(chan error, 1)
	go func() {
		ended <- e.RunAttached(serving)
		leave()
	}()
	f := face(o, e, &report{})
	status := f.run(serving, serving)
	leave()
	err := <-ended
	f.wait()
	if errors.Is(err, engine.ErrAppEnded) {
		fmt.Fprintln(o.Err, "ww: "+err.Error())
		return silentUnlessOK(status)
	}
	if err != nil {
		return failed(err)
	}
	if status == exitOK {
		fmt.Fprintf(o.Err, "ww: %s goes on; to stop it: ww down\n", o.File)
	}
	return silentUnlessOK(status)
}
