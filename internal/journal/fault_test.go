package journal

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// crash is a Fault that ends the process at its k-th operation: that one is done to a part, later ones not at all.
type crash struct {
	at, seen int
	part     int // of a write, in quarters
	op       Op  // what it hit
}

var errCrash = errors.New("the process is dead")

func (c *crash) fault(op Op, _ string, size int) (int, error) {
	c.seen++
	switch {
	case c.seen < c.at:
		return size, nil
	case c.seen == c.at:
		c.op = op
		return size * c.part / 4, errCrash
	}
	return 0, errCrash
}

func TestCrashAtEveryStep(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, disk bool) {
		hit := map[Op]int{}
		for k := 1; ; k++ {
			done := false
			for part := range 5 {
				c := &crash{at: k, part: part}
				crashOnce(t, c, disk)
				hit[c.op]++
				done = c.seen < k
				if c.op != OpWrite { // only a write can be done to a part
					break
				}
			}
			if done {
				break
			}
		}
		for op := OpCreate; op <= OpRemove; op++ {
			if hit[op] == 0 && (disk || op != OpSyncDir) && op != OpTruncate { // nothing is truncated while all is well
				t.Errorf("no crash hit a %s", op)
			}
		}
	})
}

func crashOnce(t *testing.T, c *crash, disk bool) {
	t.Helper()
	dir := t.TempDir()
	var m model
	o := Options{Disk: disk, SegmentSize: 400}
	faulty := o
	faulty.Fault = c.fault
	if j, _, err := Open(dir, faulty); err == nil {
		m.workload(j)
		abandon(j)
	}
	for try := range 2 { // the second owner writes and dies in peace
		j, rep := open(t, dir, o)
		got := replay(t, j)
		if why := m.explain(got, false); why != "" {
			t.Fatalf("crash at %d (%s, %d/4), owner %d: %s", c.at, c.op, c.part, try, why)
		}
		if !rep.OK() {
			t.Fatalf("crash at %d (%s, %d/4): a crash is no damage: %v", c.at, c.op, c.part, rep.Bad)
		}
		m.reopened(got)
		m.workload(j)
		wantRecords(t, replay(t, j), m.promised())
		abandon(j)
	}
}

// failing is a Fault that fails at random, and now and then for a while.
type failing struct {
	rnd  *rand.Rand
	left int // operations that fail yet
	rate float64
	hits map[Op]int
}

func (f *failing) fault(op Op, _ string, size int) (int, error) {
	if f.left == 0 && f.rnd.Float64() < f.rate {
		f.left = 1 + f.rnd.IntN(6)
	}
	if f.left == 0 {
		return size, nil
	}
	f.left--
	f.hits[op]++
	if op == OpWrite && f.rnd.IntN(3) == 0 {
		return f.rnd.IntN(size + 1), nil // the system may write less without a word
	}
	return f.rnd.IntN(size + 1), []error{syscall.ENOSPC, syscall.EIO}[f.rnd.IntN(2)]
}

// TestT19DiskErrors: whatever the disk refuses, a living owner reads exactly what it promised, and goes on when the
// disk obeys again.
func TestT19DiskErrors(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, disk bool) {
		hits := map[Op]int{}
		seeds := uint64(200)
		if disk { // real syncs take their time
			seeds = 40
		}
		for seed := range seeds {
			f := &failing{rnd: rand.New(rand.NewPCG(seed, 19)), rate: 0.1, hits: hits}
			failOnce(t, f, seed, disk)
		}
		for op := OpCreate; op <= OpRemove; op++ {
			if hits[op] == 0 && (disk || op != OpSyncDir) {
				t.Errorf("no %s failed", op)
			}
		}
	})
}

func failOnce(t *testing.T, f *failing, seed uint64, disk bool) {
	t.Helper()
	dir := t.TempDir()
	var m model
	rate := f.rate
	f.rate = 0
	o := Options{Disk: disk, SegmentSize: 500, Fault: f.fault}
	j, _ := open(t, dir, o)
	f.rate = rate
	for range 60 {
		f.step(&m, j)
		if got := replay(t, j); !same(got, m.promised()) {
			t.Fatalf("seed %d: the owner reads %.30q, promised %.30q", seed, got, m.promised())
		}
	}
	if f.rnd.IntN(2) == 0 { // half of them see the disk obey once more before they die
		f.rate, f.left = 0, 0
		if err := m.append(j, 1, 1); err != nil {
			t.Fatalf("seed %d: the disk obeys again: %v", seed, err)
		}
	}
	abandon(j)
	j, rep := open(t, dir, Options{})
	if why := m.explain(replay(t, j), false); why != "" {
		t.Fatalf("seed %d: the next owner: %s", seed, why)
	}
	if !rep.OK() {
		t.Fatalf("seed %d: a refused write is no damage: %v", seed, rep.Bad)
	}
}

func (f *failing) step(m *model, j *Journal) {
	n, size := 1+f.rnd.IntN(3), f.rnd.IntN(200)
	switch f.rnd.IntN(10) {
	case 0:
		m.checkpoint(j, n)
	case 1, 2, 3:
		m.lazy(j, n, size)
	case 4:
		m.sync(j)
	default:
		m.append(j, n, size)
	}
}

// TestAFullDiskIsAnErrorForPeople: the sentence says what failed, the cause can be asked for, nothing half written stays.
func TestAFullDiskIsAnErrorForPeople(t *testing.T) {
	t.Parallel()
	full := false
	dir := t.TempDir()
	j, _ := open(t, dir, Options{Fault: func(op Op, _ string, size int) (int, error) {
		if full && op == OpWrite {
			return size / 2, syscall.ENOSPC
		}
		return size, nil
	}})
	add(t, j, rec(1, "before"))
	size := j.Size()
	full = true
	_, err := j.Append(rec(1, "refused"))
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "00000001.seg: no space left on device") {
		t.Errorf("error %v", err)
	}
	if got, rep := scan(t, dir); !same(got, []Record{rec(1, "before")}) || rep.Torn != 0 || j.Size() != size {
		t.Errorf("left behind: %q, %+v", got, rep)
	}
	if err := j.Checkpoint(rec(12, "mark")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("checkpoint: %v", err)
	}
	full = false
	add(t, j, rec(1, "after"))
	wantRecords(t, replay(t, j), []Record{rec(1, "before"), rec(1, "after")})
}

// TestAFailedCheckpointIsNotTriedAtOnce: on a full disk every append would try to write it all again.
func TestAFailedCheckpointIsNotTriedAtOnce(t *testing.T) {
	t.Parallel()
	full := false
	j, _ := open(t, t.TempDir(), Options{SegmentSize: 100 << 10, Fault: func(op Op, _ string, size int) (int, error) {
		if full && op == OpCreate {
			return 0, syscall.ENOSPC
		}
		return size, nil
	}})
	add(t, j, rec(1, string(make([]byte, 60<<10))))
	full = true
	if err := j.Checkpoint(rec(1, "mark")); err == nil || j.Due() {
		t.Errorf("err %v, due %v", err, j.Due())
	}
	full = false
	for range 4 {
		add(t, j, rec(1, string(make([]byte, 70<<10))))
	}
	if !j.Due() {
		t.Error("never due again")
	}
}

// TestASegmentWhoseSyncFailedIsGivenUp: the system forgets a failed sync, and a second one would succeed and mean nothing.
func TestASegmentWhoseSyncFailedIsGivenUp(t *testing.T) {
	t.Parallel()
	var ops []string
	bad := ""
	dir := t.TempDir()
	j, _ := open(t, dir, Options{Disk: true, Fault: func(op Op, path string, size int) (int, error) {
		name := path[strings.LastIndexByte(path, '/')+1:]
		if op != OpSyncDir {
			ops = append(ops, fmt.Sprint(op, " ", name))
		}
		if op == OpSync && name == bad {
			return 0, syscall.EIO
		}
		return size, nil
	}})
	add(t, j, rec(1, "synced"))
	ops, bad = nil, "00000001.seg"
	add(t, j, rec(1, "in doubt"))
	add(t, j, rec(1, "after"))
	want := []string{
		"write 00000001.seg", "sync 00000001.seg",
		"create 00000002.tmp", "write 00000002.tmp", "sync 00000002.tmp", "rename 00000002.seg",
		"write 00000002.seg", "sync 00000002.seg",
	}
	if !slices.Equal(ops, want) {
		t.Errorf("operations\n%s\nwant\n%s", strings.Join(ops, "\n"), strings.Join(want, "\n"))
	}
	all := []Record{rec(1, "synced"), rec(1, "in doubt"), rec(1, "after")}
	wantRecords(t, replay(t, j), all)
	got, rep := scan(t, dir)
	wantRecords(t, got, all)
	if !rep.OK() || rep.Segments != 2 {
		t.Errorf("report %+v", rep)
	}
}
