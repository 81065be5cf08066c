package breaker

import (
	"strings"
	"testing"
	"time"
)

func TestOrdersByHand(t *testing.T) {
	s := tell(t, Settings{})
	s.b.ForceOpen("ada", "maintenance", 0)
	s.wait(1000 * time.Hour)
	s.refused()
	s.b.Ready()
	s.is(ForcedOpen)
	if st := s.b.Status(); st.By != "ada" || st.Reason != "maintenance" || st.ReopenIn != 0 {
		t.Errorf("status %+v", st)
	}
	s.b.ForceClosed("bob", "must go on", 10*time.Minute)
	s.fail(100)
	s.start().Overload(time.Hour)
	s.is(ForcedClosed)
	s.wait(10 * time.Minute)
	s.is(Closed)
	s.fail(4) // nothing is left of the hundred
	s.is(Closed)
	s.b.ForceOpen("ada", "again", time.Second)
	s.refused()
	s.reopensIn(time.Second)
	s.wait(time.Second)
	s.is(HalfOpen)
	s.fail(1)
	s.is(Open)
	s.b.Reset("ada", "it is fine")
	s.succeed(1)
	s.is(Closed)
}

// TestEveryChange walks every pair of state and event.
func TestEveryChange(t *testing.T) {
	enter := map[State]func(*story){
		Closed:       func(*story) {},
		Open:         func(s *story) { s.fail(5) },
		HalfOpen:     func(s *story) { s.fail(5); s.wait(time.Minute); s.is(HalfOpen) },
		ForcedOpen:   func(s *story) { s.b.ForceOpen("x", "y", time.Minute) },
		ForcedClosed: func(s *story) { s.b.ForceClosed("x", "y", time.Minute) },
	}
	may := func(s *story, r Result, n int) { // calls that are made only if they are let in
		for range n {
			if tok, err := s.b.Allow(0); err == nil {
				tok.Done(r)
			}
		}
	}
	events := []struct {
		name string
		do   func(*story)
		want [5]State // from Closed, Open, HalfOpen, ForcedOpen, ForcedClosed
	}{
		{"a success", func(s *story) { may(s, Success, 1) }, [5]State{Closed, Open, HalfOpen, ForcedOpen, ForcedClosed}},
		{"three successes", func(s *story) { may(s, Success, 3) }, [5]State{Closed, Open, Closed, ForcedOpen, ForcedClosed}},
		{"a failure", func(s *story) { may(s, Failure, 1) }, [5]State{Closed, Open, Open, ForcedOpen, ForcedClosed}},
		{"five failures", func(s *story) { may(s, Failure, 5) }, [5]State{Open, Open, Open, ForcedOpen, ForcedClosed}},
		{"ignored", func(s *story) { may(s, Ignored, 9) }, [5]State{Closed, Open, HalfOpen, ForcedOpen, ForcedClosed}},
		{"a minute", func(s *story) { s.wait(time.Minute) }, [5]State{Closed, HalfOpen, HalfOpen, HalfOpen, Closed}},
		{"a new instance", func(s *story) { s.b.Ready() }, [5]State{Closed, HalfOpen, HalfOpen, ForcedOpen, ForcedClosed}},
		{"reset", func(s *story) { s.b.Reset("x", "y") }, [5]State{Closed, Closed, Closed, Closed, Closed}},
		{"force open", func(s *story) { s.b.ForceOpen("x", "y", 0) }, [5]State{ForcedOpen, ForcedOpen, ForcedOpen, ForcedOpen, ForcedOpen}},
		{"force closed", func(s *story) { s.b.ForceClosed("x", "y", 0) }, [5]State{ForcedClosed, ForcedClosed, ForcedClosed, ForcedClosed, ForcedClosed}},
	}
	for _, e := range events {
		for from := Closed; from <= ForcedClosed; from++ {
			s := tell(t, Settings{})
			enter[from](s)
			e.do(s)
			if got := s.b.Status().State; got != e.want[from] {
				t.Errorf("%s, %s: %s, want %s", from, e.name, got, e.want[from])
			}
		}
	}
}

func TestTheErrorSaysWhyAndWhen(t *testing.T) {
	s := tell(t, Settings{})
	s.fail(5)
	_, err := s.b.Allow(0)
	s.wait(18 * time.Second)
	if got, want := err.Error(), "breaker of llm/process is open: 5 failures in a row; next try in 42s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.wait(42 * time.Second)
	s.start()
	_, probing := s.b.Allow(0)
	if got, want := probing.Error(), "breaker of llm/process is half-open: its one probe is under way; next try in 30s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.b.ForceOpen("ada", "maintenance", 0)
	_, forced := s.b.Allow(0)
	if got, want := forced.Error(), "breaker of llm/process is forced open: maintenance (ada)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if strings.Contains(err.Error(), "next try") {
		t.Errorf("an old error knows the future: %v", err)
	}
}

func TestChangesAreAnnouncedInOrder(t *testing.T) {
	s := tell(t, Settings{})
	s.succeed(5)
	s.fail(5)
	s.wait(time.Minute)
	s.succeed(3)
	want := []Change{
		{From: Closed, To: Open, Reason: "5 failures in a row", For: time.Minute},
		{From: Open, To: HalfOpen, Reason: reasonWaited},
		{From: HalfOpen, To: Closed, Reason: reasonProbesOK},
	}
	if len(s.changes) != len(want) {
		t.Fatalf("changes %+v", s.changes)
	}
	for i, w := range want {
		g := s.changes[i]
		if g.From != w.From || g.To != w.To || g.Reason != w.Reason || g.For != w.For || g.Name != "llm/process" {
			t.Errorf("change %d: %+v, want %+v", i, g, w)
		}
	}
}

func TestStatusIsACopy(t *testing.T) {
	s := tell(t, Settings{})
	s.fail(1)
	st := s.b.Status()
	st.Window[0] = false
	if !s.b.Status().Window[0] {
		t.Error("the window can be changed from outside")
	}
	if st.Failures != 1 || st.Counts.Failed != 1 || st.Name != "llm/process" || !st.ReopenAt.IsZero() {
		t.Errorf("status %+v", st)
	}
	s.fail(4)
	if st := s.b.Status(); (time.Until(st.ReopenAt) - time.Minute).Abs() > 5*time.Second {
		t.Errorf("reopens at %s", st.ReopenAt)
	}
}
