package breaker

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errBroken = errors.New("broken")

func ok(context.Context) error     { return nil }
func broken(context.Context) error { return errBroken }

// TestT42HungProbe: others wedge here for ever. The target is used again after lease and open time, and the hung call may
// end whenever it likes.
func TestT42HungProbe(t *testing.T) {
	t.Parallel()
	for _, after := range []error{nil, errBroken} {
		synctest.Test(t, func(t *testing.T) {
			b := New(Settings{SuccessThreshold: 1, Timeout: -1})
			for range 5 {
				b.Do(t.Context(), broken)
			}
			time.Sleep(time.Minute) //nolint:forbidigo // fake time
			hang := make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() {
				b.Do(t.Context(), func(context.Context) error { <-hang; return after })
			})
			synctest.Wait()
			start := time.Now()
			for b.Do(t.Context(), ok) != nil {
				time.Sleep(time.Second) //nolint:forbidigo // fake time
			}
			if took := time.Since(start); took != 90*time.Second {
				t.Errorf("the target was used again after %s, want lease and open time", took)
			}
			close(hang)
			wg.Wait()
			if st := b.Status(); st.State != Closed || st.Failures != 0 || st.Counts.Stale != 1 {
				t.Errorf("the late result counted: %+v", st)
			}
		})
	}
}

// TestT42SlowFailures: five calls that take 15 s each to fail, one after the other or at once, open the breaker; a window
// over time would have forgotten the first ones.
func TestT42SlowFailures(t *testing.T) {
	t.Parallel()
	for _, parallel := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := New(Settings{Rate: Rate{MaxAge: 10 * time.Second}})
			var wg sync.WaitGroup
			for range 5 {
				wg.Go(func() {
					b.Do(t.Context(), func(context.Context) error {
						time.Sleep(15 * time.Second) //nolint:forbidigo // fake time
						return context.DeadlineExceeded
					})
				})
				if !parallel {
					wg.Wait()
				}
			}
			wg.Wait()
			if st := b.Status(); st.State != Open || st.Counts.TimedOut != 5 {
				t.Errorf("parallel=%v: %+v", parallel, st)
			}
		})
	}
}

// TestT42Panic: it counts, it goes on with its stack, and nothing stays behind; so does a goroutine that leaves.
func TestT42Panic(t *testing.T) {
	t.Parallel()
	b := New(Settings{FailureThreshold: 2})
	func() {
		defer func() {
			if r := recover(); r != "boom" {
				t.Errorf("recovered %v", r)
			}
		}()
		b.Do(t.Context(), func(context.Context) error { panic("boom") })
	}()
	var wg sync.WaitGroup
	wg.Go(func() {
		b.Do(t.Context(), func(context.Context) error { runtime.Goexit(); return nil })
	})
	wg.Wait()
	if st := b.Status(); st.State != Open || st.Counts.Failed != 2 {
		t.Errorf("status %+v", st)
	}
}

// TestT42ListenerAsksAndOrders: a listener that is called under the lock would stop here for ever.
func TestT42ListenerAsksAndOrders(t *testing.T) {
	t.Parallel()
	var b *Breaker
	var seen []State
	b = New(Settings{OnChange: func(c Change) {
		seen = append(seen, c.To)
		switch c.To {
		case Open:
			b.Ready()
			if st := b.Status().State; len(seen) == 1 && st != HalfOpen {
				t.Errorf("it is %s", st)
			}
		case HalfOpen:
			b.Do(context.Background(), broken)
			b.Reset("the listener", "enough")
		}
	}})
	for range 5 {
		b.Do(t.Context(), broken)
	}
	// The second Open comes while the listener is still busy with HalfOpen; it hears of it afterwards, as of the reset,
	// and its Ready then finds a closed breaker.
	want := []State{Open, HalfOpen, Open, Closed}
	if len(seen) != len(want) {
		t.Fatalf("heard %v, want %v", seen, want)
	}
	for i := range want {
		if seen[i] != want[i] {
			t.Fatalf("heard %v, want %v", seen, want)
		}
	}
}

func TestAListenerThatPanicsIsNotTheLast(t *testing.T) {
	t.Parallel()
	heard := 0
	b := New(Settings{OnChange: func(Change) {
		if heard++; heard == 1 {
			panic("listener")
		}
	}})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		b.ForceOpen("x", "y", 0)
	}()
	b.Reset("x", "y")
	if heard != 2 {
		t.Errorf("heard %d changes", heard)
	}
}

// TestT42ClockJump: a night passes between two questions.
func TestT42ClockJump(t *testing.T) {
	t.Parallel()
	s := tell(t, Settings{})
	s.fail(5)
	s.wait(12 * time.Hour)
	s.succeed(3)
	s.is(Closed)
	s.fail(4)
	s.wait(12 * time.Hour)
	s.succeed(1)
	s.is(Closed)
}

// TestManyCallersAtOnce: under the race detector this is also the test of the locking. With one probe at a time, two are
// never inside together while it is half-open.
func TestManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var last State
	b := New(Settings{RecoveryTimeout: time.Microsecond, OnChange: func(c Change) {
		mu.Lock()
		defer mu.Unlock()
		if c.From != last {
			t.Errorf("a change from %s after one to %s", c.From, last)
		}
		last = c.To
	}})
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				tok, err := b.Allow(0)
				switch {
				case err != nil && !errors.Is(err, ErrOpen):
					t.Error(err)
				case err == nil:
					tok.Done(Result((w*i/7 + i) % 4))
				}
				if i%100 == 0 {
					b.Status()
					b.Ready()
				}
			}
		})
	}
	wg.Wait()
}

// TestT44RetryAfterOpensForThatLong: to the nanosecond.
func TestT44RetryAfterOpensForThatLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := New(Settings{})
		busy := func(context.Context) error { return later{17 * time.Second} }
		if err := b.Do(t.Context(), busy); !errors.As(err, new(later)) {
			t.Fatal(err)
		}
		called := 0
		count := func(context.Context) error { called++; return nil }
		time.Sleep(17*time.Second - 1) //nolint:forbidigo // fake time
		if err := b.Do(t.Context(), count); !errors.Is(err, ErrOpen) || called > 0 {
			t.Errorf("err %v, called %d", err, called)
		}
		time.Sleep(time.Nanosecond) //nolint:forbidigo // fake time
		if err := b.Do(t.Context(), count); err != nil || called != 1 {
			t.Errorf("err %v, called %d", err, called)
		}
	})
}

// later is what a busy target answers.
type later struct{ d time.Duration }

func (later) Error() string               { return "429" }
func (l later) RetryAfter() time.Duration { return l.d }

// TestADeadTargetIsAskedOnScheduleOnly: 500 calls a second for ten minutes to a target that answers nothing, beside a route
// that is well. What is let through is the failures that open the breaker and then one probe each open time; the other
// route never hears of it.
func TestADeadTargetIsAskedOnScheduleOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		group := NewGroup(func(Route) Settings { return Settings{} })
		start := time.Now()
		var asked []time.Duration
		refused, others := 0, 0
		for tick := time.NewTicker(2 * time.Millisecond); time.Since(start) < 10*time.Minute; <-tick.C {
			before := time.Now()
			err := group.Get(Route{Target: "dead"}).Do(t.Context(), func(context.Context) error {
				asked = append(asked, time.Since(start))
				return errBroken
			})
			if errors.Is(err, ErrOpen) {
				refused++
				if took := time.Since(before); took != 0 {
					t.Fatalf("a refusal took %s", took)
				}
			}
			if group.Get(Route{Target: "well"}).Do(t.Context(), ok) == nil {
				others++
			}
		}
		probes := asked[5:]
		if len(asked) != 5+9 || len(asked)+refused != others {
			t.Fatalf("asked %d times, refused %d, the other route answered %d", len(asked), refused, others)
		}
		opened := asked[4]
		for i, at := range probes {
			if late := at - opened - time.Duration(i+1)*time.Minute; late < 0 || late > time.Duration(i+1)*2*time.Millisecond {
				t.Errorf("probe %d came %s after its time", i, late)
			}
		}
	})
}
