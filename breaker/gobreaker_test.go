package breaker

import (
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sony/gobreaker/v2"
)

// TestT43BesideGobreaker runs both on what they have in common: failures in a row, one probe that closes or opens, late
// results. (What they do not: the lease, rates, overloads, announcing without the lock.)
func TestT43BesideGobreaker(t *testing.T) {
	t.Parallel()
	states := map[gobreaker.State]State{
		gobreaker.StateClosed: Closed, gobreaker.StateOpen: Open, gobreaker.StateHalfOpen: HalfOpen,
	}
	synctest.Test(t, func(t *testing.T) {
		for seed := range uint64(5000) {
			rnd := rand.New(rand.NewPCG(seed, 44))
			theirs := gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
				MaxRequests: 1, Timeout: time.Minute,
				ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 5 },
			})
			ours := New(Settings{SuccessThreshold: 1, Lease: 1000 * time.Hour, Rate: Rate{Share: 2}})
			var calls []twin
			for step := range 60 {
				calls = bothStep(t, rnd, ours, theirs, calls)
				if got, want := ours.Status().State, states[theirs.State()]; got != want {
					t.Fatalf("seed %d step %d: ours %s, theirs %s", seed, step, got, want)
				}
			}
		}
	})
}

// twin is one call that both let in.
type twin struct {
	ours   Token
	theirs func(error)
}

func bothStep(t *testing.T, rnd *rand.Rand, ours *Breaker, theirs *gobreaker.TwoStepCircuitBreaker[any], calls []twin) []twin {
	t.Helper()
	switch n := rnd.IntN(20); {
	case n < 9:
		tok, err := ours.Allow(0)
		done, theirErr := theirs.Allow()
		if (err == nil) != (theirErr == nil) {
			t.Fatalf("ours: %v, theirs: %v", err, theirErr)
		}
		if err == nil {
			calls = append(calls, twin{tok, done})
		}
	case n < 18 && len(calls) > 0:
		i := rnd.IntN(len(calls))
		c := calls[i]
		calls = append(calls[:i], calls[i+1:]...)
		if rnd.IntN(4) == 0 {
			c.ours.Done(Success)
			c.theirs(nil)
		} else {
			c.ours.Done(Failure)
			c.theirs(errors.New("no"))
		}
	default:
		// Never exactly at the end of the open time: theirs ends just after it, ours at it.
		time.Sleep([]time.Duration{time.Second, 59*time.Second + 13, time.Minute + 7}[rnd.IntN(3)]) //nolint:forbidigo // fake time
	}
	return calls
}
