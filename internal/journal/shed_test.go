package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
)

// long is records that fill more than four steps of a segment's removal.
func long() []Record {
	recs := make([]Record, 80)
	for i := range recs {
		recs[i] = rec(1, fmt.Sprint(i, strings.Repeat("x", 16<<10)))
	}
	return recs
}

// replaced writes long into dir and a checkpoint that replaces it, and waits until the old segment is gone, or was let alone.
func replaced(t *testing.T, j *Journal) {
	t.Helper()
	ended := make(chan error, 1)
	if err := j.CheckpointLater(func() []Record { return []Record{rec(12, "all")} }, func(err error) { ended <- err }); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// onlyTheTail says what else is left in a journal's directory than the lock and a segment.
func onlyTheTail(t *testing.T, dir string) {
	t.Helper()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left: %v, %v; want the lock and a segment", left, err)
	}
}

func TestAReplacedSegmentGoesInSteps(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var ops []string
	dir := t.TempDir()
	j, _ := open(t, dir, Options{Fault: func(op Op, _ string, size int) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		ops = append(ops, op.String())
		return size, nil
	}})
	add(t, j, long()...)
	replaced(t, j)
	want := []string{"rename", "truncate", "truncate", "truncate", "truncate", "truncate", "remove"}
	if len(ops) < len(want) || !slices.Equal(ops[len(ops)-len(want):], want) {
		t.Errorf("the last operations are %v, want %v", ops, want)
	}
	onlyTheTail(t, dir)
	shut(t, j)
}

func TestWhoReadsAReplacedSegmentReadsAllOfIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	add(t, j, long()...)
	var got []Record
	rep, err := Scan(dir, func(r Record) error {
		if got = append(got, r); len(got) == 1 {
			replaced(t, j)
		}
		return nil
	})
	if err != nil || !rep.OK() || rep.Torn > 0 {
		t.Errorf("the reading: %+v, %v", rep, err)
	}
	wantRecords(t, got, long())
	if now, _ := scan(t, dir); !same(now, []Record{rec(12, "all")}) {
		t.Errorf("who comes later reads %d records, want the checkpoint", len(now))
	}
	onlyTheTail(t, dir)
	shut(t, j)
}

// TestASegmentThatIsBeingRemovedIsGone: whoever opened it a moment before it got another name does not read half of it.
func TestASegmentThatIsBeingRemovedIsGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	add(t, j, long()...)
	shut(t, j)
	path := segments(t, dir)[0]
	remover, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer remover.Close()
	if err := syscall.Flock(int(remover.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if f, err := openSegment(dir, 1); !isGone(err) {
		t.Errorf("opened %v, %v while it is being cut down", f, err)
	}
	reader, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	tmp := segPath(dir, 1, tmpExt)
	if err := os.Rename(path, tmp); err != nil {
		t.Fatal(err)
	}
	remover.Close() // as the kernel does for those who were killed before they had removed it
	if reads(reader, path) {
		t.Error("it is read although it has lost its name, and may have been cut down")
	}
	if err := os.Rename(tmp, path); err != nil {
		t.Fatal(err)
	}
	if !reads(reader, path) {
		t.Error("it is not read although it is whole")
	}
}

// TestASecondNameOfAReplacedSegmentKeepsAllOfIt: it may be a copy that somebody has made with links.
func TestASecondNameOfAReplacedSegmentKeepsAllOfIt(t *testing.T) {
	t.Parallel()
	dir, copied := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	j, _ := open(t, dir, Options{})
	add(t, j, long()...)
	was := j.Size()
	if err := os.Link(segments(t, dir)[0], copied); err != nil {
		t.Fatal(err)
	}
	replaced(t, j)
	shut(t, j)
	if st, err := os.Stat(copied); err != nil || st.Size() != was {
		t.Errorf("the copy: %+v, %v; want %d bytes", st, err, was)
	}
	onlyTheTail(t, dir)
}

// TestNobodyOwnsAJournalBeforeTheLastOwnerHasClearedUp: it would meet files that go away while it opens them.
func TestNobodyOwnsAJournalBeforeTheLastOwnerHasClearedUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		j, _ := open(t, dir, Options{Fault: func(op Op, _ string, size int) (int, error) {
			if op == OpTruncate {
				<-hold
			}
			return size, nil
		}})
		add(t, j, long()...)
		if err := j.CheckpointLater(func() []Record { return []Record{rec(12, "all")} }, func(error) {}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // it is about to cut
		var wg sync.WaitGroup
		wg.Go(func() { shut(t, j) })
		synctest.Wait()
		if next, _, err := Open(dir, Options{LockWait: -1}); !errors.Is(err, ErrLocked) {
			t.Errorf("opened %v, %v while the last owner clears up", next, err)
		}
		close(hold)
		wg.Wait()
	})
	j, rep := open(t, dir, Options{})
	if !rep.OK() {
		t.Errorf("damaged: %+v", rep)
	}
	wantRecords(t, replay(t, j), []Record{rec(12, "all")})
	shut(t, j)
}

// TestACrashAtAnyStepOfARemovalLeavesTheCheckpoint: and the next owner clears away what is left.
func TestACrashAtAnyStepOfARemovalLeavesTheCheckpoint(t *testing.T) {
	t.Parallel()
	for at := 1; at <= 7; at++ {
		var mu sync.Mutex
		renamed, seen := 0, 0
		dir := t.TempDir()
		j, _ := open(t, dir, Options{Fault: func(op Op, path string, size int) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			if op == OpRename && strings.HasSuffix(path, tmpExt) {
				renamed++
			}
			if renamed == 0 {
				return size, nil
			}
			if seen++; seen >= at {
				return 0, errCrash
			}
			return size, nil
		}})
		add(t, j, long()...)
		replaced(t, j)
		j.lock.Close() // as the kernel does for those who were killed
		if seen < at {
			t.Fatalf("step %d was never reached", at)
		}
		next, rep := open(t, dir, Options{})
		if !rep.OK() || rep.Torn > 0 {
			t.Errorf("step %d: damaged: %+v", at, rep)
		}
		wantRecords(t, replay(t, next), []Record{rec(12, "all")})
		shut(t, next)
		onlyTheTail(t, dir)
	}
}
