package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// onStage does what may put an app on a stage. A signal has the stage taken down at once, with everything that runs and was
// written there; the next one ends the program.
func onStage(ctx context.Context, do func(context.Context) error) error {
	want := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		want = append(want, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(ctx, want...)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	if err := do(ctx); err == nil || ctx.Err() == nil {
		return err
	}
	return silent(exitInterrupted)
}
