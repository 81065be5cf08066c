package fault

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestEveryPointHasItsOwnNameAndSaysWhereItIs(t *testing.T) {
	seen := map[Point]bool{}
	for _, i := range Table() {
		if seen[i.Point] || i.Where == "" || strings.ToLower(string(i.Point)) != string(i.Point) {
			t.Errorf("%+v", i)
		}
		seen[i.Point] = true
		if err := New().Arm([]Order{{At: i.Point, Do: Kill}}); err != nil {
			t.Error(err)
		}
	}
}

func TestAnOrderThatMeansNothingIsRefusedAndChangesNothing(t *testing.T) {
	s := New()
	if err := s.Arm([]Order{{At: DiskWrite, Do: Fail, Error: "EIO", Times: -1}}); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Order{
		{At: "nowhere", Do: Kill},
		{At: Settle, Do: "explode"},
		{At: Settle, Do: Fail},
		{At: DiskWrite, Do: Fail, Error: "EHOPE"},
		{At: DiskWrite, Do: Fail, Part: 101},
		{At: Settle, Do: Drop},
		{At: Settle, Do: Delay},
		{At: Settle, Do: Kill, Skip: -1},
		{At: Settle, Do: Kill, Times: -2},
	} {
		if s.Arm([]Order{o}) == nil {
			t.Errorf("accepted %+v", o)
		}
	}
	if _, err := s.Disk(DiskWrite, 10); !errors.Is(err, syscall.EIO) {
		t.Errorf("the order before is gone: %v", err)
	}
}

func TestOrdersActOnTheirPassesOnly(t *testing.T) {
	var died []bool
	s := New()
	s.die = func(group bool) { died = append(died, group) }
	if err := s.Arm([]Order{{At: Settle, Do: Kill, Skip: 2}, {At: AckBefore, Do: KillGroup, Times: 2}}); err != nil {
		t.Fatal(err)
	}
	for n := range 5 {
		s.At(Settle)
		if want := n / 2; len(died) != min(want, 1) {
			t.Fatalf("pass %d: %d deaths", n+1, len(died))
		}
	}
	s.At(AckAfter)
	for range 3 {
		s.At(AckBefore)
	}
	if len(died) != 3 || died[0] || !died[1] || !died[2] {
		t.Errorf("deaths: %v, want one alone and two of the group", died)
	}
}

func TestADiskOrderLetsAPartPass(t *testing.T) {
	s := New()
	if err := s.Arm([]Order{{At: DiskWrite, Do: Fail, Part: 25}}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Disk(DiskWrite, 100); n != 25 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%d bytes pass with %v, want 25 with ENOSPC", n, err)
	}
	if n, err := s.Disk(DiskWrite, 100); n != 100 || err != nil {
		t.Errorf("the next write: %d bytes pass with %v", n, err)
	}
}

func TestDropAndDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New()
		if err := s.Arm([]Order{{At: Receive, Do: Drop}, {At: AckBefore, Do: Delay, For: time.Hour}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Cut(Receive, ""); !errors.Is(err, ErrDrop) {
			t.Errorf("got %v, want a drop", err)
		}
		began := time.Now()
		if err := s.Cut(AckBefore, ""); err != nil || time.Since(began) != time.Hour {
			t.Errorf("got %v after %v, want nothing after an hour", err, time.Since(began))
		}
	})
}

func TestAnOrderEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New()
		if err := s.Arm([]Order{{At: HandleBefore, Do: Hang, Times: -1, Until: time.Now().Add(time.Minute)}}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		time.Sleep(time.Second) //nolint:forbidigo // fake time
		s.At(HandleBefore)
		if took := time.Since(began); took != time.Minute {
			t.Errorf("it hung until %v, want a minute", took)
		}
		if s.At(HandleBefore); time.Since(began) != time.Minute {
			t.Error("it hangs after its time")
		}
	})
}

func TestAnOrderThatIsTakenBackLetsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New()
		if err := s.Arm([]Order{{At: HandleBefore, Do: Hang, Until: time.Now().Add(time.Hour)}}); err != nil {
			t.Fatal(err)
		}
		began, passed := time.Now(), make(chan struct{})
		go func() { s.At(HandleBefore); close(passed) }()
		synctest.Wait()
		time.Sleep(time.Second) //nolint:forbidigo // fake time
		_ = s.Arm(nil)
		<-passed
		if took := time.Since(began); took != time.Second {
			t.Errorf("it hung for %v", took)
		}
	})
}

func TestAnOrderIsForOneSender(t *testing.T) {
	s := New()
	if err := s.Arm([]Order{{At: Receive, Do: Drop, Times: -1, From: "brain"}}); err != nil {
		t.Fatal(err)
	}
	if s.Cut(Receive, "in") != nil || s.Cut(Receive, "") != nil || !errors.Is(s.Cut(Receive, "brain"), ErrDrop) {
		t.Error("it does not tell its sender from others")
	}
	if s.Drops(Receive, "in") || !s.Drops(Receive, "brain") {
		t.Error("Drops does not tell its sender from others")
	}
}

func TestWhatIsOrderedForNowHappensNow(t *testing.T) {
	died := 0
	s := New()
	s.die = func(bool) { died++ }
	if err := s.Arm([]Order{{At: Now, Do: Drop}}); err == nil {
		t.Error("a connection is to be dropped now")
	}
	_ = s.Arm([]Order{{At: Now, Do: KillGroup}})
	s.Strike()
	if s.Strike(); died != 1 {
		t.Errorf("%d deaths", died)
	}
}

func TestASetWithoutOrdersDoesNothing(t *testing.T) {
	var none *Set
	for _, s := range []*Set{none, New()} {
		s.At(Settle)
		if err := s.Cut(Receive, ""); err != nil || s.On() {
			t.Errorf("%v, on: %v", err, s.On())
		}
		if n, err := s.Disk(DiskWrite, 7); n != 7 || err != nil {
			t.Errorf("%d bytes pass with %v", n, err)
		}
	}
	s := New()
	_ = s.Arm([]Order{{At: Settle, Do: Kill}})
	_ = s.Arm(nil)
	if s.On() {
		t.Error("orders that were taken back are still there")
	}
}

func TestAPointCostsNoMemory(t *testing.T) {
	s := New()
	if n := testing.AllocsPerRun(1000, func() { s.At(Settle) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkOff(b *testing.B) {
	s := New()
	for b.Loop() {
		s.At(Settle)
	}
}
