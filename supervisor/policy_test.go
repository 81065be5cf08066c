package supervisor

import (
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCrashLoopIsQuarantined: delays of 0.1, 0.5, 1 and 2 s, and no sixth start, to the millisecond.
func TestCrashLoopIsQuarantined(t *testing.T) {
	t.Parallel()
	f := &fake{script: func(p *fakeProcess) { p.exit <- Exit{Code: 1} }}
	tell(t, f, func(s *story) {
		s.start(Spec{})
		s.after(time.Hour)
		s.expect(
			"0 agent pending", "0 agent starting", "0 agent backoff: exit status 1",
			"100 agent pending: exit status 1", "100 agent starting", "100 agent backoff: exit status 1",
			"600 agent pending: exit status 1", "600 agent starting", "600 agent backoff: exit status 1",
			"1600 agent pending: exit status 1", "1600 agent starting", "1600 agent backoff: exit status 1",
			"3600 agent pending: exit status 1", "3600 agent starting",
			"3600 agent failed: exit status 1; crash 5 without 30 s of being ready, not started again",
		)
		st := s.status()
		if st.Restarts != 4 || st.Crashes != 5 || st.Exit.Code != 1 || !st.NextStart.IsZero() || f.count() != 5 {
			t.Errorf("status is %+v after %d starts", st, f.count())
		}
	})
}

func TestBackoffSaysWhenItStartsNext(t *testing.T) {
	t.Parallel()
	tell(t, &fake{}, func(s *story) {
		s.start(Spec{})
		s.die(Exit{Signal: syscall.SIGSEGV})
		st := s.status()
		if got := time.Until(st.NextStart); got != 100*time.Millisecond || st.Reason != "killed by SIGSEGV" {
			t.Errorf("next start in %v because %q", got, st.Reason)
		}
	})
}

func TestAlwaysNeverGivesUp(t *testing.T) {
	t.Parallel()
	f := &fake{script: func(p *fakeProcess) { p.exit <- Exit{Code: 1} }}
	tell(t, f, func(s *story) {
		s.start(Spec{Policy: Policy{Always: true}})
		at := time.Duration(0)
		for i, d := range []float64{0.1, 0.5, 1, 2, 4, 8, 15, 30, 60, 60, 60} {
			delay := time.Duration(d * float64(time.Second))
			s.after(delay - time.Millisecond)
			if f.count() != i+1 {
				t.Fatalf("start %d came before %v", f.count(), at+delay)
			}
			s.after(time.Millisecond)
			if f.count() != i+2 {
				t.Fatalf("no start %d at %v", i+2, at+delay)
			}
			at += delay
		}
	})
}

// TestReadyForHealthyForgetsCrashes at exactly 30 s, and not a millisecond before.
func TestReadyForHealthyForgetsCrashes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		served time.Duration
		want   int
	}{{30*time.Second - time.Millisecond, 3}, {30 * time.Second, 1}} {
		tell(t, &fake{}, func(s *story) {
			s.start(Spec{})
			s.die(Exit{Code: 1})
			s.after(100 * time.Millisecond)
			s.die(Exit{Code: 1})
			s.after(500 * time.Millisecond)
			s.ready()
			s.after(c.served)
			s.die(Exit{Code: 1})
			if got := s.status().Crashes; got != c.want {
				t.Errorf("after %v of being ready %d crashes count, want %d", c.served, got, c.want)
			}
		})
	}
}

func TestKillFromOutsideIsNotCounted(t *testing.T) {
	t.Parallel()
	for _, e := range []Exit{{Signal: SIGKILL}, {Signal: SIGTERM}, {Code: 143}} {
		tell(t, &fake{}, func(s *story) {
			s.start(Spec{})
			for range 20 {
				s.die(e)
				s.mustBe(Backoff)
				s.after(100 * time.Millisecond)
				s.mustBe(Starting)
			}
			if st := s.status(); st.Crashes != 0 || st.Restarts != 20 || !strings.HasSuffix(killedOutside(e), " from outside") {
				t.Errorf("%v: %+v", e, st)
			}
		})
	}
}

func TestOutOfMemoryCounts(t *testing.T) {
	t.Parallel()
	tell(t, &fake{}, func(s *story) {
		s.start(Spec{})
		s.die(Exit{Signal: SIGKILL, OOM: true})
		if st := s.status(); st.Crashes != 1 || st.Reason != "killed by SIGKILL: out of memory" {
			t.Errorf("%+v", st)
		}
	})
}

// TestHopelessExitsAreNotRetried: the reason names what to do.
func TestHopelessExitsAreNotRetried(t *testing.T) {
	t.Parallel()
	for code, fix := range map[int]string{78: "save the file", 126: "chmod +x", 127: "install it"} {
		tell(t, &fake{}, func(s *story) {
			s.start(Spec{})
			s.die(Exit{Code: code})
			s.after(time.Hour)
			st := s.status()
			if st.To != Failed || s.f.count() != 1 || !strings.Contains(st.Reason, fix) ||
				!strings.HasPrefix(st.Reason, fmt.Sprintf("exit status %d: ", code)) {
				t.Errorf("%+v", st)
			}
		})
	}
}

func TestHopelessStartsAreNotRetried(t *testing.T) {
	t.Parallel()
	for err, fix := range map[error]string{
		&fs.PathError{Op: "run", Path: "/x/python3", Err: syscall.ENOENT}:  "install it",
		&fs.PathError{Op: "run", Path: "/x/python3", Err: syscall.EACCES}:  "chmod +x",
		&fs.PathError{Op: "run", Path: "/x/python3", Err: syscall.ENOEXEC}: "not a program for this machine",
	} {
		tell(t, &fake{errs: []error{err}}, func(s *story) {
			s.start(Spec{})
			st := s.status()
			if st.To != Failed || !strings.Contains(st.Reason, fix) || !strings.Contains(st.Reason, "/x/python3") {
				t.Errorf("%v: %+v", err, st)
			}
		})
	}
}

func TestStartThatMayWorkLaterIsRetried(t *testing.T) {
	t.Parallel()
	f := &fake{errs: []error{syscall.EAGAIN}}
	tell(t, f, func(s *story) {
		s.start(Spec{})
		s.after(100 * time.Millisecond)
		s.expect("0 agent pending",
			"0 agent backoff: cannot start: resource temporarily unavailable",
			"100 agent pending: cannot start: resource temporarily unavailable", "100 agent starting")
	})
}

// What is stopped and started by a person has not been restarted by anybody; ww restart is a restart.
func TestOnlyRestartsAreCounted(t *testing.T) {
	t.Parallel()
	tell(t, &fake{}, func(s *story) {
		s.start(Spec{})
		s.ready()
		for want := range 2 {
			if err := s.s.Stop(s.t.Context(), "agent"); err != nil {
				t.Fatal(err)
			}
			if st := s.status(); st.To != Exited || st.Reason != "stopped by order" {
				t.Errorf("%+v", st)
			}
			s.start(Spec{})
			s.ready()
			if st := s.status(); st.Restarts != want || st.Crashes != 0 {
				t.Errorf("after a stop and a start %+v, want %d restarts", st, want)
			}
			if err := s.s.Restart(s.t.Context(), "agent"); err != nil {
				t.Fatal(err)
			}
			s.ready()
			if st := s.status(); st.Restarts != want+1 {
				t.Errorf("after a restart %+v, want %d restarts", st, want+1)
			}
		}
	})
}

func TestExitZeroUnaskedIsACrash(t *testing.T) {
	t.Parallel()
	tell(t, &fake{}, func(s *story) {
		s.start(Spec{})
		s.ready()
		s.die(Exit{})
		if st := s.status(); st.To != Backoff || st.Crashes != 1 || st.Reason != "exit status 0 without being asked to end" {
			t.Errorf("%+v", st)
		}
	})
}

func TestAnnouncedEndIsNoCrash(t *testing.T) {
	t.Parallel()
	tell(t, &fake{}, func(s *story) {
		s.start(Spec{})
		s.ready()
		s.s.Ending("agent")
		s.die(Exit{})
		s.expect("0 agent pending", "0 agent starting", "0 agent ready",
			"0 agent stopping: ended as announced", "0 agent exited: ended as announced")
	})
}

func TestTheAnnouncedEndOfAnAdoptedProcessIsNoCrash(t *testing.T) {
	t.Parallel()
	tell(t, &fake{}, func(s *story) {
		if err := s.s.Adopt(s.t.Context(), Spec{Name: "agent"}, 4711, 1); err != nil {
			t.Fatal(err)
		}
		s.ready()
		s.s.Ending("agent")
		s.die(Exit{Unknown: true})
		if st := s.status(); st.To != Exited || st.Crashes != 0 || st.Reason != EndedAsAnnounced {
			t.Errorf("%+v", st)
		}
	})
}

func TestNotReadyInTimeIsACrash(t *testing.T) {
	t.Parallel()
	tell(t, &fake{deaf: true}, func(s *story) {
		s.start(Spec{})
		s.after(30*time.Second - time.Millisecond)
		s.mustBe(Starting)
		s.after(501 * time.Millisecond)
		s.expect("0 agent pending", "0 agent starting", "30500 agent backoff: not ready after 30 s")
		if st := s.status(); st.Crashes != 1 {
			t.Errorf("%+v", st)
		}
		if got := s.f.last().got(); fmt.Sprint(got) != "[quit killed]" {
			t.Errorf("signals %v, want the stack dump first", got)
		}
	})
}

func TestUnknownEndOfAnAdoptedProcessCounts(t *testing.T) {
	t.Parallel()
	tell(t, &fake{}, func(s *story) {
		if err := s.s.Adopt(s.t.Context(), Spec{Name: "agent"}, 4711, 1); err != nil {
			t.Fatal(err)
		}
		s.ready() // perhaps before the supervisor knows that the adoption went well
		if st := s.status(); st.PID != 4711 || st.To != Ready || !s.f.last().adopted {
			t.Fatalf("%+v", st)
		}
		s.die(Exit{Unknown: true})
		s.after(100 * time.Millisecond)
		if st := s.status(); st.Crashes != 1 || st.To != Starting || s.f.last().adopted {
			t.Errorf("%+v: the next one must be our own", st)
		}
	})
}

func TestSpanIsWrittenAsPeopleDo(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{30 * time.Second: "30 s", 1500 * time.Millisecond: "1.5 s", 20 * time.Millisecond: "20 ms"} {
		if got := span(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
