package journal

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// held is a disk on which the sync of a checkpoint waits.
type held struct {
	reached chan struct{} // closed when the sync is about to begin
	goOn    chan struct{} // closed to let it
	once    sync.Once
	armed   atomic.Bool // the next one is that of a checkpoint
	fail    error
}

func newHeld() *held { return &held{reached: make(chan struct{}), goOn: make(chan struct{})} }

func (h *held) fault(op Op, path string, size int) (int, error) {
	if h.armed.Load() && op == OpSync && strings.HasSuffix(path, tmpExt) {
		h.once.Do(func() { close(h.reached) })
		<-h.goOn
		return size, h.fail
	}
	return size, nil
}

// later begins a checkpoint and returns where its end is told.
func (h *held) later(t *testing.T, j *Journal, recs ...Record) <-chan error {
	t.Helper()
	h.armed.Store(true)
	ended := make(chan error, 1)
	if err := j.CheckpointLater(func() []Record { return recs }, func(err error) { ended <- err }); err != nil {
		t.Fatal(err)
	}
	return ended
}

func TestAppendsGoOnWhileACheckpointIsWritten(t *testing.T) {
	t.Parallel()
	for _, disk := range []bool{false, true} {
		h := newHeld()
		dir := t.TempDir()
		j, _ := open(t, dir, Options{Disk: disk, Fault: h.fault})
		add(t, j, numbered(20)...)
		ended := h.later(t, j, rec(12, "all of them"))
		<-h.reached
		add(t, j, rec(1, "meanwhile"), rec(1, "and this"))
		if j.Due() {
			t.Error("a second one is due")
		}
		wantRecords(t, replay(t, j), append(numbered(20), rec(1, "meanwhile"), rec(1, "and this")))
		close(h.goOn)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		want := []Record{rec(12, "all of them"), rec(1, "meanwhile"), rec(1, "and this"), rec(1, "behind")}
		add(t, j, rec(1, "behind"))
		wantRecords(t, replay(t, j), want)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		j, rep := open(t, dir, Options{Disk: disk})
		if !rep.OK() || rep.Torn > 0 {
			t.Errorf("damaged: %+v", rep)
		}
		wantRecords(t, replay(t, j), want)
		if ns, err := names(dir, segExt); err != nil || len(ns) != 1 {
			t.Errorf("segments %v, %v: those before the checkpoint are still there", ns, err)
		}
		j.Close()
	}
}

func TestACrashWhileACheckpointIsWrittenLeavesTheOldRecords(t *testing.T) {
	t.Parallel()
	h := newHeld()
	dir := t.TempDir()
	j, _ := open(t, dir, Options{Fault: h.fault})
	add(t, j, numbered(20)...)
	ended := h.later(t, j, rec(12, "all of them"))
	<-h.reached
	add(t, j, rec(1, "meanwhile"))
	j.lock.Close() // as the kernel does for those who were killed
	next, _ := open(t, dir, Options{})
	wantRecords(t, replay(t, next), append(numbered(20), rec(1, "meanwhile")))
	next.Close()
	h.fail = syscall.EIO // the dead write nothing
	close(h.goOn)
	<-ended
}

func TestACheckpointThatIsOvertakenIsGivenUpAndTheNextOneIsWrittenAtOnce(t *testing.T) {
	t.Parallel()
	h := newHeld()
	j, _ := open(t, t.TempDir(), Options{SegmentSize: 1000, Fault: h.fault})
	add(t, j, numbered(3)...)
	ended := h.later(t, j, rec(12, "three"))
	<-h.reached
	want := numbered(3)
	for i := range 30 {
		r := rec(1, fmt.Sprint(i, strings.Repeat("x", 100)))
		add(t, j, r)
		want = append(want, r)
	}
	close(h.goOn)
	if err := <-ended; err != nil {
		t.Errorf("to be overtaken is no failure: %v", err)
	}
	wantRecords(t, replay(t, j), want)
	now := h.later(t, j, rec(12, "all"))
	select {
	case err := <-now:
		if err != nil {
			t.Error(err)
		}
	default:
		t.Error("the next one was put off, too")
	}
	wantRecords(t, replay(t, j), []Record{rec(12, "all")})
	j.Close()
}

func TestACheckpointThatFailsLeavesTheOldRecordsAndIsNotTriedAtOnce(t *testing.T) {
	t.Parallel()
	h := newHeld()
	h.fail = syscall.ENOSPC
	close(h.goOn)
	dir := t.TempDir()
	j, _ := open(t, dir, Options{SegmentSize: 1000, Fault: h.fault})
	add(t, j, numbered(5)...)
	if err := <-h.later(t, j, rec(12, "five")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("err = %v", err)
	}
	if j.Due() {
		t.Error("it is due again at once")
	}
	add(t, j, rec(1, "more"))
	wantRecords(t, replay(t, j), append(numbered(5), rec(1, "more")))
	if ns, err := names(dir, tmpExt); err != nil || len(ns) > 0 {
		t.Errorf("left behind: %v, %v", ns, err)
	}
	j.Close()
}

func TestCloseWaitsForACheckpointThatIsWritten(t *testing.T) {
	t.Parallel()
	h := newHeld()
	dir := t.TempDir()
	j, _ := open(t, dir, Options{Fault: h.fault})
	add(t, j, numbered(5)...)
	ended := h.later(t, j, rec(12, "five"))
	<-h.reached
	closed := make(chan error, 1)
	go func() { closed <- j.Close() }()
	for !errors.Is(func() error { _, err := j.Append(rec(1, "late")); return err }(), ErrClosed) { //nolint:revive // until Close has begun
	}
	select {
	case <-closed:
		t.Error("closed in the middle")
	default:
	}
	close(h.goOn)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("a journal that was closed is no failure: %v", err)
	}
	if err := j.CheckpointLater(nil, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	j, _ = open(t, dir, Options{})
	for _, r := range replay(t, j) {
		if string(r.Payload) == "five" {
			t.Error("the checkpoint took place all the same")
		}
	}
	j.Close()
}

// What was promised to be on the disk before the checkpoint replaced it is there after a power cut, at any moment behind.
func TestACheckpointBesideAppendsSurvivesAPowerCut(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		h := newHeld()
		dir := t.TempDir()
		p := newPlatter(t, dir, seed, 1000)
		j, _ := open(t, dir, Options{Disk: true, Fault: func(op Op, path string, size int) (int, error) {
			if n, err := h.fault(op, path, size); err != nil {
				return n, err
			}
			return p.fault(op, path, size)
		}})
		add(t, j, numbered(20)...)
		ended := h.later(t, j, rec(12, "all of them"))
		<-h.reached
		add(t, j, rec(1, "meanwhile"))
		close(h.goOn)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		add(t, j, rec(1, "behind"))
		abandon(j)
		p.names = p.listing()
		p.cut()
		j, _ = open(t, dir, Options{Disk: true})
		wantRecords(t, replay(t, j), []Record{rec(12, "all of them"), rec(1, "meanwhile"), rec(1, "behind")})
	}
}
