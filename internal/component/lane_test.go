package component

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/woodwork-lang/ww/breaker"
	"github.com/woodwork-lang/ww/internal/bus"
)

func TestOneThatAlwaysHasTooMuchToDoIsNotWaitedForUntilTheEndOfTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		began, asked := time.Now(), 0
		l := &lane{budget: breaker.NewBudget()}
		err := l.retry("").Do(ctx, func(context.Context) error {
			asked++
			return &bus.Error{Code: bus.Overloaded, To: "model", Reason: "too many requests", RetryAfterMS: 2000}
		})
		if took := time.Since(began); err == nil || took < longOverload || took > longOverload+5*time.Second || asked < 25 {
			t.Errorf("after %s and %d requests: %v", took, asked, err)
		}
	})
}
