package component

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAJobMayBeginWhileTheDrainWaits(t *testing.T) {
	var all jobs
	for range 100 {
		begun := make(chan struct{})
		go func() {
			all.Go(func() { close(begun) })
		}()
		if !all.wait(time.Minute) {
			t.Fatal("a job that ends at once is waited for in vain")
		}
		<-begun
	}
}

func TestJobsAreWaitedForAsLongAsTheyMayTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all jobs
		for _, d := range []time.Duration{time.Second, 3 * time.Second} {
			all.Go(func() { <-time.After(d) })
		}
		if all.wait(2 * time.Second) {
			t.Error("a job of three seconds is over after two")
		}
		if !all.wait(2*time.Second) || !all.wait(0) {
			t.Error("jobs that are over are still waited for")
		}
	})
}
