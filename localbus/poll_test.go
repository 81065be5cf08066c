package localbus

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// TestWithoutAWatchTheDirectoryIsLookedAt: there are 128 watches for all programs of a user. Who gets none hears of a record
// within a quarter of a second, and is made to look for the dead, of which the directory says nothing, every second.
func TestWithoutAWatchTheDirectoryIsLookedAt(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		told := make(chan time.Duration, 16)
		var hints []time.Duration
		look := func() {
			synctest.Wait()
			for len(told) > 0 {
				hints = append(hints, <-told)
			}
		}
		go watchPoll(ctx, dir, func() { told <- time.Since(began) })
		time.Sleep(1100 * time.Millisecond) //nolint:forbidigo // fake time
		look()
		if len(hints) != 2 || hints[0] != 0 || hints[1] != time.Second {
			t.Errorf("hints without a change: %v", hints)
		}
		if err := os.WriteFile(filepath.Join(dir, "bot-ab12.json"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		later := time.Unix(1<<33, 0) // the clock of the file system may stand still between two writes
		if err := os.Chtimes(dir, later, later); err != nil {
			t.Fatal(err)
		}
		time.Sleep(pollEvery) //nolint:forbidigo // fake time
		look()
		if len(hints) != 3 || hints[2] > 1100*time.Millisecond+pollEvery {
			t.Errorf("hints after one: %v", hints)
		}
		cancel()
		synctest.Wait()
	})
}
