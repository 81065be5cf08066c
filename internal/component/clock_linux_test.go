package component

import (
	"testing"
	"time"
)

func TestTheBootClockIsReadWhenTheMachineMayHaveSlept(t *testing.T) {
	boot, reads := 5*time.Hour, 0
	c := newBootClock(func() (time.Duration, bool) { reads++; return boot, true })
	steps := []struct {
		name       string
		mono, wall time.Duration // since the last step
		asleep     time.Duration
		reads      int
	}{
		{"work", time.Second, time.Second, 0, 0},
		{"the wall clock is slewed", time.Second, time.Second + bootSkew/2, 0, 0},
		{"a night", time.Minute, 9*time.Hour + time.Minute, 9 * time.Hour, 1},
		{"work again", time.Minute, time.Minute, 0, 0},
		{"somebody sets the clock back", time.Second, -time.Hour, 0, 1},
		{"and on", time.Second, 24 * time.Hour, 0, 1},
		{"both at once", time.Second, -time.Hour, 3 * time.Hour, 1},
	}
	var mono, wall time.Duration
	for _, s := range steps {
		before := reads
		mono, wall, boot = mono+s.mono, wall+s.wall, boot+s.mono+s.asleep
		if got := c.at(mono, wall); got != boot {
			t.Errorf("%s: the clock says %v, want %v", s.name, got, boot)
		}
		if reads-before != s.reads {
			t.Errorf("%s: it was read %d times, want %d", s.name, reads-before, s.reads)
		}
	}
}

func TestTheBootClockIsThatOfTheSystem(t *testing.T) {
	before, _ := sinceBoot()
	now := newBootClock(sinceBoot).now()
	after, _ := sinceBoot()
	if now < before-bootSkew || now > after+bootSkew {
		t.Errorf("the clock says %v, the system %v to %v", now, before, after)
	}
}

func TestWithoutABootClockTheTimeOfTheProcessCounts(t *testing.T) {
	c := newBootClock(func() (time.Duration, bool) { return 0, false })
	if got := c.at(time.Minute, 9*time.Hour); got != time.Minute {
		t.Errorf("the clock says %v, want a minute", got)
	}
}

func BenchmarkBootClock(b *testing.B) {
	c := newBootClock(sinceBoot)
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			c.now()
		}
	})
	b.Run("the system's", func(b *testing.B) {
		for b.Loop() {
			sinceBoot()
		}
	})
}
