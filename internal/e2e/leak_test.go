package e2e

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	ww "github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/turn"
	"github.com/woodwork-lang/ww/localbus"
)

// TestT55NothingIsLeftOfAnEngine: an engine that has run an app of three processes in this one, taken turns and ended,
// leaves neither goroutines nor descriptors behind.
func TestT55NothingIsLeftOfAnEngine(t *testing.T) {
	p := newProject(t, hello)
	t.Setenv("WW_RUN_DIR", p.run)
	p.runOnce(t) // what is made once is made now
	ignore, before := goleak.IgnoreCurrent(), openDescriptors(t)
	for range 2 {
		p.runOnce(t)
	}
	if err := goleak.Find(ignore); err != nil {
		t.Error(err)
	}
	if after := openDescriptors(t); after != before {
		t.Errorf("%d descriptors are open, %d were before", after, before)
	}
}

func openDescriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// runOnce runs the app from its start to its end, with the engine in this process.
func (p *project) runOnce(t *testing.T) {
	t.Helper()
	file := filepath.Join(p.dir, "main.ww")
	source, problems := ww.Load(file, os.LookupEnv)
	if problems.HasErrors() {
		t.Fatal(problems.Err())
	}
	a, err := app.Identify(file, app.DefaultInstance, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(t.Context(), engine.Options{Project: source, App: a, Env: os.LookupEnv, Environ: os.Environ()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, events := e.Subscribe(ctx)
	ended := make(chan error, 1)
	go func() {
		_, err := e.Run(ctx)
		ended <- err
	}()
	for !e.Picture().Ready {
		<-events
	}
	p.askOnce(t, a)
	cancel()
	for range events { //nolint:revive // it is closed at the end
	}
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func (p *project) askOnce(t *testing.T, a app.App) {
	t.Helper()
	a, err := a.Open(os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := a.RunDir()
	if err != nil {
		t.Fatal(err)
	}
	seat, err := localbus.Join(t.Context(), localbus.Options{Dir: dir, App: a.ID, Component: "test", Role: localbus.RoleClient})
	if err != nil {
		t.Fatal(err)
	}
	end, err := (&turn.Client{Bus: seat}).Ask(t.Context(), turn.Turn{ID: turn.NewID(), Session: turn.NewSession(), Text: "hi", To: "you"}, turn.Follow{})
	if err != nil || end.Status != event.StatusOK {
		t.Errorf("%+v, %v", end, err)
	}
	if err := seat.Close(); err != nil {
		t.Error(err)
	}
}
