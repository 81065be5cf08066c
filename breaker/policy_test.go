package breaker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestAResultIsJudgedByWhatItSaysAboutTheTarget(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err   error
		want  Result
		after time.Duration
	}{
		{nil, Success, 0},
		{errBroken, Failure, 0},
		{context.DeadlineExceeded, Timeout, 0},
		{fmt.Errorf("call: %w", ErrSilent), Timeout, 0},
		{fmt.Errorf("call: %w", ErrFull), Ignored, 0},
		{&OpenError{}, Ignored, 0},
		{fmt.Errorf("call: %w", later{time.Second}), Overload, time.Second},
		{later{0}, Failure, 0},
		{context.Canceled, Failure, 0}, // not by us: the target gave up
	} {
		if r, after := Classify(tc.err); r != tc.want || after != tc.after {
			t.Errorf("%v: %d %s, want %d %s", tc.err, r, after, tc.want, tc.after)
		}
	}
}

func TestACallerThatLeavesSaysNothing(t *testing.T) {
	t.Parallel()
	b := New(Settings{FailureThreshold: 1})
	ctx, cancel := context.WithCancel(t.Context())
	err := b.Do(ctx, func(ctx context.Context) error { cancel(); return ctx.Err() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err %v", err)
	}
	called := false
	if err := b.Do(ctx, func(context.Context) error { called = true; return nil }); !errors.Is(err, context.Canceled) || called {
		t.Errorf("err %v, called %v", err, called)
	}
	if st := b.Status(); st.State != Closed || st.Counts.Ignored != 1 {
		t.Errorf("status %+v", st)
	}
}

func TestTheUserOfABreakerMayJudge(t *testing.T) {
	t.Parallel()
	nonsense := errors.New("bad request")
	b := New(Settings{FailureThreshold: 1, Classify: func(err error) (Result, time.Duration) {
		if errors.Is(err, nonsense) {
			return Ignored, 0
		}
		return Classify(err)
	}})
	b.Do(t.Context(), func(context.Context) error { return nonsense })
	if st := b.Status(); st.State != Closed {
		t.Errorf("status %+v", st)
	}
	b.Do(t.Context(), broken)
	if st := b.Status(); st.State != Open {
		t.Errorf("status %+v", st)
	}
}

// TestSilenceEndsACall: the timeout is one of silence, not of the whole call.
func TestSilenceEndsACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := New(Settings{})
		start := time.Now()
		err := b.Do(t.Context(), func(ctx context.Context) error {
			for range 10 {
				time.Sleep(20 * time.Second) //nolint:forbidigo // fake time
				Alive(ctx)
			}
			return ctx.Err()
		})
		if err != nil || time.Since(start) != 200*time.Second {
			t.Errorf("a lively call: %v after %s", err, time.Since(start))
		}
		start = time.Now()
		err = b.Do(t.Context(), func(ctx context.Context) error {
			time.Sleep(20 * time.Second) //nolint:forbidigo // fake time
			Alive(ctx)
			<-ctx.Done()
			return ctx.Err()
		})
		if !errors.Is(err, ErrSilent) || time.Since(start) != 50*time.Second {
			t.Errorf("a silent call: %v after %s", err, time.Since(start))
		}
		if c := b.Status().Counts; c.TimedOut != 1 || c.Succeeded != 1 {
			t.Errorf("counts %+v", c)
		}
		Alive(t.Context()) // outside of a call
	})
}

func TestTheCallersDeadlineIsTheProbesLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := New(Settings{})
		b.ForceOpen("x", "y", time.Second)
		time.Sleep(time.Second) //nolint:forbidigo // fake time
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		b.Do(ctx, func(ctx context.Context) error {
			if in := b.Status().ReopenIn; in != 3*time.Second {
				t.Errorf("lease %s", in)
			}
			<-ctx.Done()
			return ctx.Err()
		})
		if st := b.Status().State; st != Open {
			t.Errorf("it is %s", st)
		}
	})
}

func TestABulkheadRefusesWhatIsTooMuch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBulkhead(2)
		leave := make(chan struct{})
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if err := b.Do(t.Context(), func(context.Context) error { <-leave; return nil }); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if err := b.Do(t.Context(), ok); !errors.Is(err, ErrFull) || b.Inside() != 2 {
			t.Errorf("err %v, %d inside", err, b.Inside())
		}
		close(leave)
		wg.Wait()
		if err := b.Do(t.Context(), ok); err != nil || b.Inside() != 0 {
			t.Errorf("err %v, %d inside", err, b.Inside())
		}
	})
}

func TestRetry(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		retry    Retry
		err      error
		deadline time.Duration
		calls    int
		atLeast  time.Duration
		atMost   time.Duration
	}{
		{"until it gives up", Retry{}, errBroken, 0, 3, 0, 300 * time.Millisecond},
		{"more often", Retry{Attempts: 6}, errBroken, 0, 6, 0, 3100 * time.Millisecond},
		{"not what a breaker refused", Retry{}, &OpenError{}, 0, 1, 0, 0},
		{"not what was cancelled", Retry{}, context.Canceled, 0, 1, 0, 0},
		{"not what it should not", Retry{Again: func(error) bool { return false }}, errBroken, 0, 1, 0, 0},
		{"when the target wants it", Retry{Attempts: 2}, later{5 * time.Second}, 0, 2, 5 * time.Second, 5 * time.Second},
		{"not beyond the deadline", Retry{}, later{5 * time.Second}, 4 * time.Second, 1, 0, 0},
		{"not beyond its budget", Retry{Budget: &Budget{}}, errBroken, 0, 1, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			if tc.deadline > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, tc.deadline)
				defer cancel()
			}
			calls, start := 0, time.Now()
			err := tc.retry.Do(ctx, func(context.Context) error { calls++; return tc.err })
			took := time.Since(start)
			if err != tc.err || calls != tc.calls || took < tc.atLeast || took > tc.atMost {
				t.Errorf("%s: %v, %d calls in %s", tc.name, err, calls, took)
			}
		})
	}
}

func TestRetryEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		err := Retry{}.Do(ctx, func(context.Context) error { return later{time.Hour} })
		if !errors.As(err, new(later)) || time.Since(start) != time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

// TestRetriesAreAFifthOfTheCalls: when everything fails, ten retries are left from better times, then one for five calls.
func TestRetriesAreAFifthOfTheCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := Retry{Attempts: 2, Budget: NewBudget()}
		calls := 0
		for range 1000 {
			r.Do(t.Context(), func(context.Context) error { calls++; return errBroken })
		}
		if calls < 1200 || calls > 1000+200+11 {
			t.Errorf("%d calls for 1000", calls)
		}
	})
}

// TestT44FallbackIsMarked: whoever looks at an answer sees that the target did not give it, and why.
func TestT44FallbackIsMarked(t *testing.T) {
	t.Parallel()
	var cache Cache[string]
	fails := func(context.Context) (string, error) { return "half of", errBroken }
	for _, tc := range []struct {
		fb   *Fallback[string]
		want Answer[string]
		err  error
	}{
		{nil, Answer[string]{}, errBroken},
		{Static("sorry"), Answer[string]{"sorry", "static", errBroken}, nil},
		{Component(func(context.Context) (string, error) { return "spare", nil }), Answer[string]{"spare", "component", errBroken}, nil},
		{Component(func(context.Context) (string, error) { return "", errors.New("spare is broken too") }), Answer[string]{}, errBroken},
		{cache.Fallback(), Answer[string]{}, errBroken},
	} {
		got, err := Call(t.Context(), Policy{}, tc.fb, fails)
		if got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%+v, %v; want %+v, %v", got, err, tc.want, tc.err)
		}
	}
	good, err := Call(t.Context(), Policy{}, cache.Fallback(), func(context.Context) (string, error) { return "fresh", nil })
	if want := (Answer[string]{Value: "fresh"}); good != want || err != nil {
		t.Errorf("%+v, %v", good, err)
	}
	cache.Keep(good)
	cache.Keep(Answer[string]{Value: "sorry", Fallback: "static"})
	got, err := Call(t.Context(), Policy{}, cache.Fallback(), fails)
	if want := (Answer[string]{"fresh", "cached", errBroken}); got != want || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestThePartsStandInTheirOrder: every attempt asks the breaker, what the bulkhead refuses is no failure of the target,
// the fallback comes last and only for a caller that is still there.
func TestThePartsStandInTheirOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, full := New(Settings{}), NewBulkhead(1)
		p := Policy{Retry: &Retry{Attempts: 10}, Breaker: b, Bulkhead: full}
		calls := 0
		fails := func(context.Context) (int, error) { calls++; return 0, errBroken }
		got, err := Call(t.Context(), p, Static(7), fails)
		if err != nil || got.Value != 7 || !errors.Is(got.Cause, ErrOpen) || calls != 5 {
			t.Errorf("%+v, %v, %d calls: the breaker should have ended the retries", got, err, calls)
		}
		b.Reset("x", "y")
		full.Do(t.Context(), func(context.Context) error {
			_, err := Call(t.Context(), p, nil, fails)
			if !errors.Is(err, ErrFull) || calls != 5 {
				t.Errorf("%v, %d calls", err, calls)
			}
			return nil
		})
		if st := b.Status(); st.State != Closed || st.Counts.Ignored != 10 {
			t.Errorf("status %+v", st)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got, err := Call(ctx, p, Static(7), fails); !errors.Is(err, context.Canceled) || got.Fallback != "" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
