package supervisor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStopAsksThenKillsAfterTheGrace(t *testing.T) {
	t.Parallel()
	tell(t, &fake{deaf: true}, func(s *story) {
		s.start(Spec{})
		s.ready()
		if err := s.s.Stop(s.t.Context(), "agent"); err != nil {
			t.Fatal(err)
		}
		s.expect("0 agent pending", "0 agent starting", "0 agent ready",
			"0 agent stopping: by order", "10000 agent exited: killed after 10 s")
		if got := fmt.Sprint(s.f.last().got()); got != "[terminated killed]" {
			t.Errorf("signals %v", got)
		}
	})
}

// TestStopWaitsForTheWholeGroup: the leader obeys at once, a member lives on until it is killed.
func TestStopWaitsForTheWholeGroup(t *testing.T) {
	t.Parallel()
	tell(t, &fake{lasts: time.Hour}, func(s *story) {
		s.start(Spec{})
		if err := s.s.Stop(s.t.Context(), "agent"); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(s.began); got != 10*time.Second {
			t.Errorf("stopped after %v, want the grace", got)
		}
	})
}

// TestRestartWaitsForWhatTheDeadLeft: two generations of one process never run side by side.
func TestRestartWaitsForWhatTheDeadLeft(t *testing.T) {
	t.Parallel()
	tell(t, &fake{lasts: time.Hour, stuck: 5 * time.Second}, func(s *story) {
		s.start(Spec{})
		s.die(Exit{Code: 1})
		s.after(5*time.Second - time.Millisecond)
		s.mustBe(Pending)
		if s.f.count() != 1 {
			t.Error("started beside what the dead one left")
		}
		s.after(time.Millisecond)
		s.mustBe(Starting)
	})
}

func TestKillEndsTheGrace(t *testing.T) {
	t.Parallel()
	tell(t, &fake{deaf: true}, func(s *story) {
		s.start(Spec{})
		stopped := make(chan error, 1)
		go func() { stopped <- s.s.Stop(s.t.Context(), "agent") }()
		s.after(time.Second)
		s.s.Kill("agent")
		if err := <-stopped; err != nil || time.Since(s.began) != time.Second {
			t.Errorf("stopped after %v: %v", time.Since(s.began), err)
		}
		s.mustBe(Exited)
	})
}

func TestStopOfAnEndedContextGoesOn(t *testing.T) {
	t.Parallel()
	tell(t, &fake{deaf: true}, func(s *story) {
		s.start(Spec{})
		ctx, cancel := context.WithTimeout(s.t.Context(), time.Second)
		defer cancel()
		wantErr(t, s.s.Stop(ctx, "agent"), context.DeadlineExceeded)
		s.mustBe(Stopping)
		s.after(9 * time.Second)
		s.mustBe(Exited)
	})
}

func TestStopWhileItIsBeingStarted(t *testing.T) {
	t.Parallel()
	tell(t, &fake{delay: time.Second}, func(s *story) {
		s.start(Spec{})
		if err := s.s.Stop(s.t.Context(), "agent"); err != nil {
			t.Fatal(err)
		}
		s.expect("0 agent pending", "0 agent stopping: by order", "1000 agent exited: stopped by order")
	})
}

func TestStopEndsABackoff(t *testing.T) {
	t.Parallel()
	tell(t, &fake{}, func(s *story) {
		s.start(Spec{})
		s.die(Exit{Code: 1})
		if err := s.s.Stop(s.t.Context(), "agent"); err != nil {
			t.Fatal(err)
		}
		s.after(time.Hour)
		if s.f.count() != 1 {
			t.Error("started again after Stop")
		}
		s.mustBe(Exited)
	})
}

// TestRestartOfWhateverPhase: it never wedges and never leaves a second process that nobody watches.
func TestRestartOfWhateverPhase(t *testing.T) {
	t.Parallel()
	reach := map[Phase]func(s *story){
		Pending:  func(s *story) { s.f.delay = time.Second },
		Starting: func(*story) {},
		Ready:    func(s *story) { s.ready() },
		Backoff:  func(s *story) { s.die(Exit{Code: 1}) },
		Stopping: func(s *story) { s.f.deaf = true; go func() { _ = s.s.Stop(s.t.Context(), "agent") }() },
		Exited:   func(s *story) { _ = s.s.Stop(s.t.Context(), "agent") },
		Failed:   func(s *story) { s.die(Exit{Code: 78}) },
	}
	for phase, get := range reach {
		tell(t, &fake{}, func(s *story) {
			if phase == Pending {
				get(s)
			}
			s.start(Spec{})
			if phase != Pending {
				get(s)
			}
			s.mustBe(phase)
			if err := s.s.Restart(s.t.Context(), "agent"); err != nil {
				t.Fatalf("from %v: %v", phase, err)
			}
			s.after(2 * time.Second)
			st := s.status()
			if st.To != Starting || st.Crashes != 0 || s.f.count() != 2 || st.PID != s.f.last().pid {
				t.Errorf("from %v: %+v after %d starts", phase, st, s.f.count())
			}
		})
	}
}

func TestStopTakesARestartBack(t *testing.T) {
	t.Parallel()
	tell(t, &fake{deaf: true}, func(s *story) {
		s.start(Spec{})
		restarted := make(chan error, 1)
		go func() { restarted <- s.s.Restart(s.t.Context(), "agent") }()
		s.after(time.Second)
		if err := s.s.Stop(s.t.Context(), "agent"); err != nil {
			t.Fatal(err)
		}
		wantErr(t, <-restarted, ErrStopped)
		s.after(time.Hour)
		s.mustBe(Exited)
	})
}

func TestStartWhileStoppingWaitsForTheEnd(t *testing.T) {
	t.Parallel()
	tell(t, &fake{deaf: true}, func(s *story) {
		s.start(Spec{})
		go func() { _ = s.s.Stop(s.t.Context(), "agent") }()
		s.after(time.Second)
		s.start(Spec{Dir: "new"})
		s.mustBe(Stopping)
		s.after(9 * time.Second)
		s.mustBe(Starting)
		if s.f.count() != 2 {
			t.Errorf("%d starts", s.f.count())
		}
	})
}

func TestStartAnswers(t *testing.T) {
	t.Parallel()
	tell(t, &fake{}, func(s *story) {
		s.start(Spec{})
		wantErr(t, s.s.Start(s.t.Context(), Spec{Name: "agent"}), ErrRunning)
		wantErr(t, s.s.Remove(s.t.Context(), "agent"), ErrRunning)
		wantErr(t, s.s.Stop(s.t.Context(), "nobody"), ErrUnknown)
		wantErr(t, s.s.Restart(s.t.Context(), "nobody"), ErrUnknown)
		wantErr(t, s.s.Remove(s.t.Context(), "nobody"), ErrUnknown)
		if err := s.s.Stop(s.t.Context(), "agent"); err != nil {
			t.Fatal(err)
		}
		if err := s.s.Remove(s.t.Context(), "agent"); err != nil {
			t.Error(err)
		}
		s.start(Spec{})
		s.mustBe(Starting)
	})
}

func TestReadyOfAnEarlierProcessIsIgnored(t *testing.T) {
	t.Parallel()
	tell(t, &fake{}, func(s *story) {
		s.start(Spec{})
		old := s.status().PID
		s.die(Exit{Code: 1})
		s.after(100 * time.Millisecond)
		s.s.ReadyPID("agent", old)
		s.mustBe(Starting)
		s.s.ReadyPID("agent", s.status().PID)
		s.mustBe(Ready)
	})
}

// TestHungIsDumpedAndKilled: it counts, with the reason that the caller gave.
func TestHungIsDumpedAndKilled(t *testing.T) {
	t.Parallel()
	tell(t, &fake{deaf: true}, func(s *story) {
		s.start(Spec{})
		s.ready()
		s.s.Fail("agent", "hung: no answer for 15 s")
		s.s.Fail("agent", "again")
		s.after(500 * time.Millisecond)
		st := s.status()
		if st.To != Backoff || st.Crashes != 1 || st.Reason != "hung: no answer for 15 s" {
			t.Errorf("%+v", st)
		}
		if got := fmt.Sprint(s.f.last().got()); got != "[quit killed]" {
			t.Errorf("signals %v", got)
		}
	})
}

func TestStopAllGoesWaveByWave(t *testing.T) {
	t.Parallel()
	tell(t, &fake{deaf: true}, func(s *story) {
		for _, name := range []string{"in", "a", "b", "out", "extra"} {
			s.start(Spec{Name: name})
			s.s.Ready(name)
		}
		s.log()
		if err := s.s.StopAll(s.t.Context(), []string{"in", "never"}, []string{"a", "b"}, []string{"out"}); err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, line := range s.log() {
			var at int
			var name, phase string
			fmt.Sscanf(line, "%d %s %s", &at, &name, &phase)
			if phase == "exited:" {
				order = append(order, fmt.Sprint(at, name))
			}
		}
		slices.Sort(order)
		want := []string{"10000in", "20000a", "20000b", "30000out", "40000extra"}
		if !slices.Equal(order, want) {
			t.Errorf("ends %q, want %q", order, want)
		}
	})
}

func TestKillAllEndsAStopAll(t *testing.T) {
	t.Parallel()
	tell(t, &fake{deaf: true}, func(s *story) {
		s.start(Spec{Name: "a"})
		s.start(Spec{Name: "b"})
		s.start(Spec{Name: "c"})
		s.f.procs[2].exit <- Exit{Code: 1}
		done := make(chan error, 1)
		go func() { done <- s.s.StopAll(s.t.Context(), []string{"a"}, []string{"b"}) }()
		s.after(time.Second)
		s.s.KillAll()
		if err := <-done; err != nil || time.Since(s.began) != time.Second {
			t.Errorf("ended after %v: %v", time.Since(s.began), err)
		}
	})
}

func TestEndOfRunKillsEverything(t *testing.T) {
	t.Parallel()
	f := &fake{deaf: true}
	tell(t, f, func(s *story) {
		s.start(Spec{Name: "a"})
		s.start(Spec{Name: "b"})
		s.s.Ready("b")
		s.cancel()
		<-s.s.done
		wantErr(t, s.s.Start(s.t.Context(), Spec{Name: "c"}), ErrEnded)
	})
	for _, p := range f.procs {
		if fmt.Sprint(p.got()) != "[killed]" {
			t.Errorf("%d got %v", p.pid, p.got())
		}
	}
}

func TestReleaseLeavesProcessesAlive(t *testing.T) {
	t.Parallel()
	f := &fake{}
	tell(t, f, func(s *story) {
		s.start(Spec{})
		s.ready()
		s.s.Release()
		<-s.s.done
	})
	if got := f.last().got(); len(got) != 0 {
		t.Errorf("released, and signalled with %v", got)
	}
}

// TestLateAlarmIsIgnored: it was stopped while its message was on the way, and another one was set.
func TestLateAlarmIsIgnored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, c := &loop{s: New(Options{})}, &child{}
		rings := 0
		l.alarm(c, time.Hour, func() { t.Error("the first one rang") })
		late := rang{c: c, seq: c.timer.seq}
		l.alarm(c, time.Hour, func() { rings++ })
		late.take(l)
		if rings != 0 {
			t.Error("the first one set off the second")
		}
		rang{c: c, seq: c.timer.seq}.take(l)
		if rings != 1 {
			t.Errorf("the second rang %d times", rings)
		}
		c.timer.stop()
	})
}

// TestNobodyReadsEvents: the loop goes on, and nothing is lost for a reader who comes late.
func TestNobodyReadsEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		s := New(Options{Starter: f})
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- s.Run(ctx) }()
		for i := range 500 {
			if err := s.Start(ctx, Spec{Name: fmt.Sprint(i)}); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		for range 1000 {
			<-s.Events()
		}
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
}

// TestRunDoesNotWaitForEver for a process that even the kernel cannot end.
func TestRunDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Starter: immortal{release: t.Context()}})
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- s.Run(ctx) }()
		if err := s.Start(ctx, Spec{Name: "nfs"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		began := time.Now()
		cancel()
		err := <-ran
		if err == nil || !strings.Contains(err.Error(), "nfs") || time.Since(began) > 12*time.Second {
			t.Errorf("Run: %v after %v", err, time.Since(began))
		}
	})
}

// immortal starts processes that no signal ends.
type immortal struct{ release context.Context }

func (i immortal) Start(Spec) (Process, error)              { return i, nil }
func (i immortal) Adopt(Spec, int, uint64) (Process, error) { return i, nil }
func (immortal) PID() int                                   { return 4711 }
func (immortal) Signal(Signal) error                        { return nil }
func (immortal) Drain(context.Context)                      {}
func (immortal) Wait(ctx context.Context) (Exit, error) {
	<-ctx.Done()
	return Exit{}, ctx.Err()
}
