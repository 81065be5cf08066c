package fanout

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

func TestCloseNamesWhoIsStillBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		handled := 0
		f, err := New([]string{"e"}, nil,
			Subscriber{Name: "stuck", Pattern: "e", Handle: func(event.Message) { <-gate; handled++ }},
			Subscriber{Name: "fine", Pattern: "e", Handle: func(event.Message) {}})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			emit(t, f, ev("e", ""))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err = f.Close(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "stuck") || strings.Contains(err.Error(), "fine") {
			t.Fatalf("err = %v", err)
		}
		close(gate)
		if err := f.Close(t.Context()); err != nil {
			t.Fatalf("closing again: %v", err)
		}
		if handled != 1 {
			t.Errorf("%d events were handled after their time had run out", handled-1)
		}
	})
}

func TestEmittingDuringCloseIsSafe(t *testing.T) {
	for range 50 {
		f, err := New([]string{"e"}, nil, Subscriber{Name: "s", Pattern: "e", Handle: func(event.Message) {}})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for f.Emit(ev("e", "")) == nil {
				}
			})
		}
		if err := f.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
	}
}
