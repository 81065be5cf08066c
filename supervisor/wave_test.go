package supervisor

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestManyDeathsAtOnceAreRestartedInARow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var w wave
		var starts []time.Time
		for range 6 {
			starts = append(starts, time.Now().Add(w.spread(&child{}, 100*time.Millisecond, 3)))
		}
		if starts[0] != starts[1] || time.Until(starts[0]) != 100*time.Millisecond {
			t.Errorf("two deaths are no wave: %v", starts)
		}
		for i := 2; i < len(starts); i++ {
			if gap := starts[i].Sub(starts[i-1]); gap < waveGap || gap > 3*waveGap {
				t.Errorf("restart %d is %v behind the one before it", i, gap)
			}
		}
		time.Sleep(waveWithin + time.Second) //nolint:forbidigo // fake time
		if d := w.spread(&child{}, 100*time.Millisecond, 3); d != 100*time.Millisecond {
			t.Errorf("a death long after the wave waits %v", d)
		}
	})
}

func TestOneNameThatCrashesAgainAndAgainIsNoWave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var w wave
		c := &child{}
		for range 4 {
			if d := w.spread(c, time.Millisecond, 3); d != time.Millisecond {
				t.Errorf("it waits %v", d)
			}
		}
	})
}

func TestNeverMeansNever(t *testing.T) {
	t.Parallel()
	p := Policy{Never: true}.filled()
	for _, d := range []death{{exit: Exit{Code: 1}}, {exit: Exit{Signal: SIGKILL}}, {}, {blame: "hung"}} {
		if v := p.judge(d); v.trigger != giveUp {
			t.Errorf("%+v: %+v", d, v)
		}
	}
}
