package breaker

import (
	"errors"
	"math"
	"testing"
	"time"
)

// story is a breaker, its clock and what it announced: tests are told with its verbs.
type story struct {
	*testing.T
	b       *Breaker
	now     time.Duration
	changes []Change
}

func tell(t *testing.T, s Settings) *story {
	st := &story{T: t, now: time.Hour}
	s.Name = "llm/process"
	s.Now = func() time.Duration { return st.now }
	s.OnChange = func(c Change) { st.changes = append(st.changes, c) }
	st.b = New(s)
	return st
}

func (s *story) wait(d time.Duration) { s.now += d }

// start begins a call that must be let in.
func (s *story) start() *Token {
	s.Helper()
	t, err := s.b.Allow(0)
	if err != nil {
		s.Fatalf("refused: %v", err)
	}
	return &t
}

func (s *story) call(n int, r Result) {
	s.Helper()
	for range n {
		s.start().Done(r)
	}
}

func (s *story) succeed(n int) { s.Helper(); s.call(n, Success) }
func (s *story) fail(n int)    { s.Helper(); s.call(n, Failure) }

func (s *story) refused() {
	s.Helper()
	if _, err := s.b.Allow(0); !errors.Is(err, ErrOpen) {
		s.Fatalf("let in, err %v", err)
	}
}

func (s *story) is(want State) {
	s.Helper()
	if got := s.b.Status().State; got != want {
		s.Fatalf("it is %s, want %s", got, want)
	}
}

func (s *story) reopensIn(want time.Duration) {
	s.Helper()
	if got := s.b.Status().ReopenIn; got != want {
		s.Fatalf("reopens in %s, want %s", got, want)
	}
}

func TestFailuresInARowOpen(t *testing.T) {
	s := tell(t, Settings{})
	s.succeed(20)
	s.fail(4)
	s.succeed(1)
	s.fail(4)
	s.is(Closed)
	s.fail(1)
	s.is(Open)
	s.refused()
	s.reopensIn(time.Minute)
}

func TestTimeoutsAreFailures(t *testing.T) {
	s := tell(t, Settings{})
	s.call(5, Timeout)
	s.is(Open)
	if c := s.b.Status().Counts; c.TimedOut != 5 || c.Failed != 0 {
		t.Errorf("counts %+v", c)
	}
}

func TestFailuresInARowMayBeFarApart(t *testing.T) {
	s := tell(t, Settings{})
	for range 5 {
		s.is(Closed)
		s.fail(1)
		s.wait(time.Hour)
	}
	if len(s.changes) == 0 || s.changes[0].To != Open {
		t.Errorf("changes %v", s.changes)
	}
}

func TestHalfOfTheLastCallsOpens(t *testing.T) {
	for _, tc := range []struct {
		calls string // s success, f failure, w wait over the age
		want  State
	}{
		{"fsfs", Closed},    // too few
		{"fsfsf", Open},     // 3 of 5
		{"ffffs", Closed},   // only a failure opens
		{"ffffsf", Open},    // 5 of 6
		{"sssffsf", Closed}, // 3 of 7
		{"sssffsff", Open},  // 4 of 8, not in a row
		{"ffssssssss" + "ssssssssss" + "f", Closed}, // the first ones are out of the window
		{"fsfsw" + "f", Closed},                     // too old to count, and too few left
		{"sssssw" + "fsfsf", Open},                  // the old successes do not count either
		{"ssssssssssf" + "sfsfsfsfsf" + "f", Closed},
	} {
		s := tell(t, Settings{})
		for _, c := range tc.calls {
			switch c {
			case 's':
				s.succeed(1)
			case 'f':
				s.fail(1)
			case 'w':
				s.wait(2*time.Minute + 1)
			}
		}
		if got := s.b.Status().State; got != tc.want {
			t.Errorf("%s: %s, want %s", tc.calls, got, tc.want)
		}
	}
}

func TestTheWindowIsAsOldAsItSays(t *testing.T) {
	s := tell(t, Settings{})
	s.fail(2)
	s.succeed(2)
	s.wait(2 * time.Minute) // exactly: still counts
	s.fail(1)
	s.is(Open)
	if w := s.b.Status().Window; len(w) != 5 || !w[0] || !w[1] || w[2] || w[3] || !w[4] {
		t.Errorf("window %v", w)
	}
}

func TestIgnoredCallsSayNothing(t *testing.T) {
	s := tell(t, Settings{})
	s.fail(4)
	s.call(100, Ignored)
	s.is(Closed)
	s.fail(1)
	s.is(Open)
	s.wait(time.Minute)
	s.succeed(1)
	s.call(10, Ignored) // each gives the probe's place back
	s.succeed(1)
	s.is(HalfOpen)
	s.succeed(1)
	s.is(Closed)
}

func TestAnOverloadOpensForExactlyThatLong(t *testing.T) {
	s := tell(t, Settings{})
	s.start().Overload(7 * time.Second)
	s.is(Open)
	s.reopensIn(7 * time.Second)
	s.wait(7*time.Second - 1)
	s.refused()
	s.wait(1)
	s.start().Overload(3 * time.Hour) // the probe hears it again
	s.reopensIn(3 * time.Hour)
	if c := s.b.Status().Counts; c.Overloaded != 2 || c.Failed != 0 {
		t.Errorf("counts %+v", c)
	}
}

func TestAnOverloadWithoutATimeIsAFailure(t *testing.T) {
	s := tell(t, Settings{})
	for range 4 {
		s.start().Overload(0)
	}
	s.start().Done(Overload)
	s.is(Open)
	s.reopensIn(time.Minute)
}

func TestAnOverloadBeyondAllTimeDoesNotOverflow(t *testing.T) {
	s := tell(t, Settings{})
	s.start().Overload(math.MaxInt64)
	s.refused()
	s.b.Ready()
	s.is(HalfOpen)
}

func TestHalfOpenLetsOneProbeInAtATime(t *testing.T) {
	s := tell(t, Settings{})
	s.fail(5)
	s.wait(time.Minute)
	probe := s.start()
	s.refused()
	s.reopensIn(30 * time.Second)
	probe.Done(Success)
	probe.Done(Success) // telling it twice is telling it once
	s.is(HalfOpen)
	s.succeed(1)
	s.is(HalfOpen)
	s.succeed(1)
	s.is(Closed)
	s.fail(4) // nothing is left of the failures before
	s.is(Closed)
}

func TestAFailedProbeOpensAgain(t *testing.T) {
	s := tell(t, Settings{})
	s.fail(5)
	for range 3 {
		s.wait(time.Minute)
		s.succeed(2)
		s.fail(1)
		s.is(Open)
		s.reopensIn(time.Minute)
	}
	s.wait(time.Minute)
	s.succeed(3) // and the two of before do not count
	s.is(Closed)
}

func TestTheLeaseIsTheShorterOfCallAndSettings(t *testing.T) {
	for _, tc := range []struct{ left, want time.Duration }{
		{0, 30 * time.Second}, {time.Hour, 30 * time.Second}, {2 * time.Second, 2 * time.Second}, {1, 1},
	} {
		s := tell(t, Settings{})
		s.fail(5)
		s.wait(time.Minute)
		if _, err := s.b.Allow(tc.left); err != nil {
			t.Fatal(err)
		}
		s.reopensIn(tc.want)
		s.wait(tc.want - 1)
		s.is(HalfOpen)
		s.wait(1)
		s.is(Open)
		s.reopensIn(time.Minute)
		if n := s.b.Status().Counts.LeaseExpired; n != 1 {
			t.Errorf("%d leases expired", n)
		}
	}
}

// TestTimeIsWorkedOutBackwards: nobody asks for an hour; what happened in it has happened when it was due.
func TestTimeIsWorkedOutBackwards(t *testing.T) {
	s := tell(t, Settings{})
	s.fail(5)
	s.wait(time.Minute)
	s.start() // never heard of again
	s.changes = nil
	before := s.now
	s.wait(time.Hour)
	s.is(HalfOpen)
	if len(s.changes) != 2 || s.changes[0].To != Open || s.changes[1].To != HalfOpen {
		t.Fatalf("changes %+v", s.changes)
	}
	for i, want := range []time.Duration{30 * time.Second, 90 * time.Second} {
		ago := time.Since(s.changes[i].At)
		if got := s.now - before - ago; (got - want).Abs() > 5*time.Second { // the wall clock goes on meanwhile
			t.Errorf("change %d took effect after %s, want %s", i, got, want)
		}
	}
	s.succeed(3)
	s.is(Closed)
}

func TestT44ANewInstanceIsProbedAtOnce(t *testing.T) {
	s := tell(t, Settings{})
	s.b.Ready() // nothing to do
	s.is(Closed)
	s.fail(5)
	s.b.Ready()
	s.is(HalfOpen)
	old := s.start()
	s.refused()
	s.b.Ready() // that probe went to the one before
	s.succeed(2)
	old.Done(Failure)
	s.is(HalfOpen)
	s.succeed(1)
	s.is(Closed)
}

func TestWhoWasLetInBeforeDoesNotVoteAfter(t *testing.T) {
	s := tell(t, Settings{SuccessThreshold: 1})
	old := []*Token{s.start(), s.start(), s.start(), s.start()}
	s.fail(5)
	old[0].Done(Success)
	s.is(Open)
	s.wait(time.Minute)
	probe := s.start()
	old[1].Done(Success)
	s.is(HalfOpen)
	old[2].Done(Failure)
	s.is(HalfOpen)
	probe.Done(Success)
	s.is(Closed)
	for range 5 {
		old[3].Done(Failure)
	}
	s.is(Closed)
	if n := s.b.Status().Counts.Stale; n != 4 {
		t.Errorf("%d stale results, want 4", n)
	}
}

func TestAnExpiredProbeDoesNotVoteEither(t *testing.T) {
	s := tell(t, Settings{SuccessThreshold: 1})
	s.fail(5)
	s.wait(time.Minute)
	late := s.start()
	s.wait(30*time.Second + time.Minute)
	next := s.start()
	late.Done(Success)
	s.is(HalfOpen)
	next.Done(Success)
	s.is(Closed)
}
