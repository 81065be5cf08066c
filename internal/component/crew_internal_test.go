package component

import (
	"bytes"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// goroutine is the name that the runtime gives to who calls it.
func goroutine() string {
	var b [64]byte
	return string(bytes.Fields(b[:runtime.Stack(b[:], false)])[1])
}

// pass lets fake time go on.
func pass(d time.Duration) { <-time.After(d) }

// TestWhoHasJustWorkedIsGivenTheNextWork: for a moment, and then is gone, or the bubble would not end.
func TestWhoHasJustWorkedIsGivenTheNextWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := make(crew)
		work := func() (by string) {
			c.Go(func() { by = goroutine() })
			synctest.Wait()
			return by
		}
		first := work()
		pass(rest - time.Nanosecond)
		if again := work(); again != first {
			t.Errorf("goroutine %s works next, want %s", again, first)
		}
		pass(rest)
		synctest.Wait()
		if later := work(); later == first {
			t.Errorf("goroutine %s waits for longer than %v", later, rest)
		}
		held := make(chan struct{})
		c.Go(func() { <-held })
		synctest.Wait()
		if beside := work(); beside == "" {
			t.Error("nobody works while another one is held up")
		}
		close(held)
		pass(rest)
	})
}
