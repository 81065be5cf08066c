package echo_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/echo"
)

func start(t *testing.T, config map[string]any) (component.Kind, component.Traits) {
	t.Helper()
	kind, err := echo.New(component.Spec{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	traits, err := kind.Start(t.Context(), component.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return kind, traits
}

func TestAnswersTheTextInline(t *testing.T) {
	t.Parallel()
	kind, traits := start(t, nil)
	got, err := kind.Handle(t.Context(), component.Task{ContentType: "text/plain", Body: []byte(" as is\n")})
	if err != nil || string(got.Body) != " as is\n" || got.ContentType != "text/plain" || !traits.Inline {
		t.Errorf("got %q (%s), inline %v, %v", got.Body, got.ContentType, traits.Inline, err)
	}
}

func TestAnswersCallsToo(t *testing.T) {
	t.Parallel()
	kind, traits := start(t, nil)
	got, err := kind.(component.Answerer).Answer(t.Context(), component.Question{ContentType: "text/plain", Body: []byte("hm")})
	if err != nil || string(got.Body) != "hm" || got.ContentType != "text/plain" || traits.SideEffects {
		t.Errorf("got %q (%s), %v", got.Body, got.ContentType, err)
	}
}

func TestDelayWaitsAndGivesWayToACancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kind, traits := start(t, map[string]any{"delay": 2.5})
		if traits.Inline {
			t.Error("a component that waits must not run inline")
		}
		begin := time.Now()
		if _, err := kind.Handle(t.Context(), component.Task{}); err != nil || time.Since(begin) != 2500*time.Millisecond {
			t.Errorf("took %v, %v; want 2.5s", time.Since(begin), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := kind.Handle(ctx, component.Task{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
	})
}

func TestBadDelayIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := echo.New(component.Spec{Config: map[string]any{"delay": "soon"}}); err == nil {
		t.Error("accepted delay: \"soon\"")
	}
}
