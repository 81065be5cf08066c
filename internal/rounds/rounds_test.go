package rounds_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/woodwork-lang/ww/internal/rounds"
)

// TestARoundComesWhenTheProcessIsAwakeAnyway: who is told of something every five seconds has no timer of its own that
// fires beside it; who is told all the time does not work all the time; who is told nothing works all the same.
func TestARoundComesWhenTheProcessIsAwakeAnyway(t *testing.T) {
	for _, tt := range []struct {
		name  string
		told  time.Duration // how often it is said that the process is awake; 0: never
		after []time.Duration
	}{
		{"told as often", 5 * time.Second, []time.Duration{5 * time.Second, 10 * time.Second, 15 * time.Second, 20 * time.Second}},
		{"told more often", time.Second, []time.Duration{4 * time.Second, 8 * time.Second, 12 * time.Second, 16 * time.Second, 20 * time.Second}},
		{"told nothing", 0, []time.Duration{6250 * time.Millisecond, 12500 * time.Millisecond, 18750 * time.Millisecond}},
		{"told seldom", 9 * time.Second, []time.Duration{6250 * time.Millisecond, 12500 * time.Millisecond, 18 * time.Second}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var after []time.Duration
				r, done, began := rounds.New(5*time.Second), make(chan struct{}), time.Now()
				go r.Run(done, func() { after = append(after, time.Since(began)) })
				for tt.told > 0 && time.Since(began) <= 20*time.Second-tt.told {
					time.Sleep(tt.told) //nolint:forbidigo // fake time
					r.Awake()
				}
				time.Sleep(20*time.Second + time.Millisecond - time.Since(began)) //nolint:forbidigo // fake time
				synctest.Wait()
				close(done)
				synctest.Wait()
				if !slices.Equal(after, tt.after) {
					t.Errorf("rounds after %v, want %v", after, tt.after)
				}
			})
		})
	}
}

// TestARoundThatIsAskedForComesAtOnce, but not again and again.
func TestARoundThatIsAskedForComesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var after []time.Duration
		r, done, began := rounds.New(5*time.Second), make(chan struct{}), time.Now()
		go r.Run(done, func() { after = append(after, time.Since(began)) })
		for range 20 { // from 1 s to 1.19 s
			time.Sleep(max(10*time.Millisecond, time.Second-time.Since(began))) //nolint:forbidigo // fake time
			r.Soon()
		}
		time.Sleep(time.Second) //nolint:forbidigo // fake time
		synctest.Wait()
		close(done)
		synctest.Wait()
		if want := []time.Duration{time.Second, 1100 * time.Millisecond, 1200 * time.Millisecond}; !slices.Equal(after, want) {
			t.Errorf("rounds after %v, want %v", after, want)
		}
	})
}

// TestBeingToldNeverWaits even when nobody does rounds.
func TestBeingToldNeverWaits(*testing.T) {
	r := rounds.New(time.Second)
	for range 3 {
		r.Awake()
		r.Soon()
	}
}
