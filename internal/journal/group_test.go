package journal

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
)

// gate is a Fault whose syncs of segments wait until the test lets them go.
type gate struct {
	let   chan error // one value for each sync; it is what the sync returns
	syncs atomic.Int32
}

func (g *gate) fault(op Op, path string, size int) (int, error) {
	if op != OpSync || !strings.HasSuffix(path, segExt) {
		return size, nil
	}
	g.syncs.Add(1)
	return size, <-g.let
}

// grouped appends one record, whose sync hangs, then n more, and lets syncs end as told, the rest well. It returns what
// the appends returned, the first one first, and how many syncs of segments there were.
func grouped(t *testing.T, n int, results ...error) (errs []error, syncs int) {
	errs = make([]error, n+1)
	synctest.Test(t, func(t *testing.T) {
		g := &gate{let: make(chan error)}
		j, _ := open(t, t.TempDir(), Options{Disk: true, Fault: g.fault})
		add(t, j, rec(1, "the first segment is synced under another name"))
		var wg sync.WaitGroup
		wg.Go(func() { _, errs[0] = j.Append(rec(1, "leader")) })
		synctest.Wait()
		for i := range n {
			wg.Go(func() { _, errs[i+1] = j.Append(rec(2, fmt.Sprint(i))) })
		}
		synctest.Wait()
		for _, err := range results {
			g.let <- err
			synctest.Wait()
		}
		close(g.let)
		wg.Wait()
		if got := replay(t, j); len(got) != n+2 {
			t.Errorf("%d records of %d", len(got), n+2)
		}
		syncs = int(g.syncs.Load())
	})
	return errs, syncs
}

func TestAppendsShareASync(t *testing.T) {
	t.Parallel()
	errs, syncs := grouped(t, 50)
	if err := errors.Join(errs...); err != nil || syncs != 2 {
		t.Errorf("%d syncs for 51 appends, want 2; %v", syncs, err)
	}
}

func TestAFailedSyncIsHealedForAllWhoWait(t *testing.T) {
	t.Parallel()
	errs, syncs := grouped(t, 20, syscall.EIO)
	if err := errors.Join(errs...); err != nil || syncs != 1 {
		t.Errorf("%v after %d syncs: the new segment has them all", err, syncs)
	}
}

// TestAFailedSyncWithoutWayOutFailsAllWhoWait: nobody is told "stored", nothing of theirs is read, lazy records that
// were promised before stay, and when the disk obeys again all is well.
func TestAFailedSyncWithoutWayOutFailsAllWhoWait(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want := []Record{rec(1, "synced"), rec(1, "lazy")}
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		var broken atomic.Bool
		j, _ := open(t, dir, Options{Disk: true, Fault: func(op Op, _ string, size int) (int, error) {
			if op == OpWrite || !broken.Load() {
				return size, nil
			}
			<-hold
			return 0, syscall.EIO
		}})
		add(t, j, want[0])
		broken.Store(true)
		if _, err := j.AppendLazy(want[1]); err != nil {
			t.Fatal(err)
		}
		errs := make([]error, 10)
		var behind error
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = j.Append(rec(3, fmt.Sprint(i))) })
		}
		synctest.Wait() // one waits for its sync, the others for that one
		wg.Go(func() { _, behind = j.AppendLazy(rec(4, "behind what will fail")) })
		synctest.Wait()
		close(hold)
		wg.Wait()
		for i, err := range append(errs, behind) {
			if !errors.Is(err, syscall.EIO) {
				t.Errorf("append %d: %v", i, err)
			}
		}
		wantRecords(t, replay(t, j), want)
		broken.Store(false)
		want = append(want, rec(1, "healed"))
		add(t, j, want[2])
		wantRecords(t, replay(t, j), want)
		abandon(j)
	})
	j, rep := open(t, dir, Options{})
	wantRecords(t, replay(t, j), want)
	if !rep.OK() {
		t.Errorf("report %v", rep.Bad)
	}
}

// TestManyAppendersKeepTheirOrder: under the race detector this is also the test of the locking.
func TestManyAppendersKeepTheirOrder(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, disk bool) {
		dir := t.TempDir()
		var syncs atomic.Int32
		j, _ := open(t, dir, Options{Disk: disk, SegmentSize: 4000, Fault: func(op Op, _ string, size int) (int, error) {
			if op == OpSync {
				syncs.Add(1)
			}
			return size, nil
		}})
		const writers, each = 8, 50
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					if _, err := j.Append(Record{Kind: byte(w), Payload: []byte{byte(i)}}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		shut(t, j)
		got, rep := scan(t, dir)
		next := [writers]byte{}
		for _, r := range got {
			if r.Payload[0] != next[r.Kind] {
				t.Fatalf("writer %d: record %d where %d was next", r.Kind, r.Payload[0], next[r.Kind])
			}
			next[r.Kind]++
		}
		if len(got) != writers*each || !rep.OK() {
			t.Errorf("%d records, %+v", len(got), rep)
		}
		if disk && syncs.Load() > writers*each {
			t.Errorf("%d syncs for %d appends", syncs.Load(), writers*each)
		}
	})
}

// TestScanWhileTheOwnerWrites: whoever looks sees a run of records without a hole, whatever the owner is doing.
func TestScanWhileTheOwnerWrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, _ := open(t, dir, Options{SegmentSize: 2000})
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 1; !stop.Load(); i++ {
			_, err := j.Append(rec(1, fmt.Sprint(i)))
			if err == nil && i%3 == 0 { // as often as it can take a segment away from under a reader
				err = j.Checkpoint(rec(12, fmt.Sprint(i)))
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 500 {
				rep, err := scanRun(dir)
				if err != nil || !rep.OK() {
					t.Errorf("%v, %+v", err, rep)
					return
				}
			}
		})
	}
	readers.Wait()
	stop.Store(true)
	wg.Wait()
}

// scanRun scans a journal that must count without a hole.
func scanRun(dir string) (Report, error) {
	prev := 0
	return Scan(dir, func(r Record) error {
		n, err := strconv.Atoi(string(r.Payload))
		if err == nil && prev > 0 && n != prev+1 {
			err = fmt.Errorf("%d follows %d", n, prev)
		}
		prev = n
		return err
	})
}
