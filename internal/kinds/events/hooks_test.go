package events

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
)

// A hook that is stuck delays a turn once, by a moment; one that has caught up is waited for again.
func TestHooksThatAreStuckDelayATurnOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		owner := make(chan struct{})
		heard := 0
		env := component.Env{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Ask: func(context.Context, component.Request) (component.Result, error) {
			<-owner
			heard++
			return component.Result{}, nil
		}}
		q := startQueue(env, lane{"tools", "hooks.py"})
		tell := func() time.Duration {
			began := time.Now()
			q.put(Delivery{Event: "tool.call", Functions: []string{"count"}})
			q.settle(t.Context())
			return time.Since(began)
		}
		for n, want := range []time.Duration{moment, 0, 0} {
			if got := tell(); got != want {
				t.Errorf("event %d waits %s for a hook that is stuck, want %s", n, got, want)
			}
		}
		close(owner)
		synctest.Wait()
		if tell(); heard != 4 {
			t.Errorf("%d events are heard before the turn goes on, want all 4", heard)
		}
		q.close(t.Context())
	})
}
