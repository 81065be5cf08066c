package session_test

import (
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/woodwork-lang/ww/internal/session"
)

func TestALineWaitsForOthersAMoment(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		files := func() int {
			synctest.Wait()
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			return len(entries)
		}
		s := open(t, session.Options{Dir: dir})
		turn, end := turnRecord("t-1", "s-1", "hello", t0), endRecord("t-1", "s-1", "hello", t0)
		s.Accepted(turn.m, turn.at, false)
		if n := files(); n != 0 {
			t.Errorf("%d files before the end of the turn", n)
		}
		s.Ended(end.m, end.at, false)
		if n := files(); n != 0 {
			t.Errorf("%d files at the end of the turn, 0 ms after its beginning", n)
		}
		<-time.After(26 * time.Millisecond)
		if n := files(); n != 1 {
			t.Errorf("%d files a moment after the beginning of the turn", n)
		}
		turn = turnRecord("t-2", "s-2", "a long one", t0)
		s.Accepted(turn.m, turn.at, false)
		<-time.After(26 * time.Millisecond)
		if n := files(); n != 2 {
			t.Errorf("%d files a moment after a turn has begun", n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
