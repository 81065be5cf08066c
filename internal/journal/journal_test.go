package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// open opens a journal that is closed with the test.
func open(t testing.TB, dir string, o Options) (*Journal, Report) {
	t.Helper()
	j, rep, err := Open(dir, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { j.Close() })
	return j, rep
}

func shut(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

func rec(kind byte, text string) Record { return Record{Kind: kind, Payload: []byte(text)} }

// numbered returns n records that tell themselves apart.
func numbered(n int) []Record {
	var recs []Record
	for i := range n {
		recs = append(recs, rec(byte(i%12+1), fmt.Sprintf("record %d", i)))
	}
	return recs
}

func add(t testing.TB, j *Journal, recs ...Record) {
	t.Helper()
	if _, err := j.Append(recs...); err != nil {
		t.Fatalf("Append: %v", err)
	}
}

func replay(t testing.TB, j *Journal) []Record {
	t.Helper()
	var got []Record
	if err := j.Replay(func(r Record) error { got = append(got, r); return nil }); err != nil {
		t.Fatalf("Replay: %v", err)
	}
	return got
}

func scan(t testing.TB, dir string) ([]Record, Report) {
	t.Helper()
	var got []Record
	rep, err := Scan(dir, func(r Record) error { got = append(got, r); return nil })
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	return got, rep
}

func same(a, b []Record) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Kind != b[i].Kind || !bytes.Equal(a[i].Payload, b[i].Payload) {
			return false
		}
	}
	return true
}

func wantRecords(t testing.TB, got, want []Record) {
	t.Helper()
	if !same(got, want) {
		t.Fatalf("got %d records %.200q, want %d %.200q", len(got), got, len(want), want)
	}
}

// segments returns the names of the segments in dir.
func segments(t testing.TB, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"+segExt))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestWhatWasAppendedIsReadBack(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {Disk: true}, {SegmentSize: 200}, {Disk: true, SegmentSize: 200}} {
		t.Run(fmt.Sprintf("disk=%v size=%d", o.Disk, o.SegmentSize), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a", "b")
			want := numbered(50)
			want = append(want, Record{Kind: 0}, Record{Kind: 255, Payload: bytes.Repeat([]byte{0x80}, 200<<10)})
			j, _ := open(t, dir, o)
			for i := range 10 {
				add(t, j, want[i])
			}
			add(t, j, want[10:]...)
			wantRecords(t, replay(t, j), want)
			got, rep := scan(t, dir)
			wantRecords(t, got, want)
			shut(t, j)
			j, rep2 := open(t, dir, o)
			wantRecords(t, replay(t, j), want)
			if !rep.OK() || !rep2.OK() || rep2.Records != len(want) || rep2.Torn != 0 {
				t.Errorf("reports %+v, %+v", rep, rep2)
			}
			add(t, j, rec(1, "more"))
			wantRecords(t, replay(t, j), append(want, rec(1, "more")))
		})
	}
}

func TestNothingIsCreatedBeforeTheFirstAppend(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, rep := open(t, dir, Options{})
	if got := segments(t, dir); len(got) > 0 || rep.Segments > 0 {
		t.Errorf("segments %v, report %+v", got, rep)
	}
	if _, err := j.Append(); err != nil || j.Size() != 0 {
		t.Errorf("empty Append: %v, size %d", err, j.Size())
	}
	wantRecords(t, replay(t, j), nil)
}

func TestSegmentsStayBelowTheirSize(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, _ := open(t, dir, Options{SegmentSize: 1000})
	var total int64
	for range 100 {
		add(t, j, rec(1, string(make([]byte, 200))))
	}
	for _, name := range segments(t, dir) {
		st, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		total += st.Size()
		if st.Size() > 1000 {
			t.Errorf("%s has %d bytes", name, st.Size())
		}
	}
	if j.Size() != total {
		t.Errorf("Size %d, files have %d", j.Size(), total)
	}
	if !j.Due() {
		t.Error("a checkpoint is not due")
	}
}

func TestCheckpointReplacesWhatWasBefore(t *testing.T) {
	t.Parallel()
	for _, disk := range []bool{false, true} {
		dir := t.TempDir()
		j, _ := open(t, dir, Options{Disk: disk, SegmentSize: 1000})
		add(t, j, numbered(100)...)
		for i := range 30 {
			add(t, j, rec(1, fmt.Sprint("old ", i, string(make([]byte, 100)))))
		}
		want := []Record{rec(12, "mark"), rec(12, "end")}
		if err := j.Checkpoint(want...); err != nil {
			t.Fatalf("Checkpoint: %v", err)
		}
		if got := segments(t, dir); len(got) != 1 {
			t.Errorf("segments left: %v", got)
		}
		if j.Due() {
			t.Error("due right after a checkpoint")
		}
		add(t, j, rec(1, "new"))
		want = append(want, rec(1, "new"))
		wantRecords(t, replay(t, j), want)
		shut(t, j)
		j, _ = open(t, dir, Options{Disk: disk})
		wantRecords(t, replay(t, j), want)
	}
}

func TestDueWaitsUntilTheJournalHasDoubled(t *testing.T) {
	t.Parallel()
	j, _ := open(t, t.TempDir(), Options{SegmentSize: 1000})
	if err := j.Checkpoint(rec(1, string(make([]byte, 5000)))); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 4; i++ {
		add(t, j, rec(1, string(make([]byte, 1000))))
		if j.Due() {
			t.Fatalf("due after %d KB on top of 5 KB", i+1)
		}
	}
	add(t, j, rec(1, string(make([]byte, 1000))))
	if !j.Due() {
		t.Error("not due after the journal has doubled")
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	if _, err := j.Append(Record{Payload: make([]byte, MaxPayload+1)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("large record: %v", err)
	}
	if err := j.Checkpoint(Record{Payload: make([]byte, MaxPayload+1)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("large checkpoint: %v", err)
	}
	shut(t, j)
	shut(t, j)
	_, appended := j.Append(rec(1, "x"))
	_, lazy := j.AppendLazy(rec(1, "x"))
	for what, err := range map[string]error{
		"Append": appended, "AppendLazy": lazy, "Sync": j.Sync(), "Checkpoint": j.Checkpoint(), "Replay": j.Replay(nil),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v", what, err)
		}
	}
}

func TestReplayStopsAtTheCallersError(t *testing.T) {
	t.Parallel()
	j, _ := open(t, t.TempDir(), Options{})
	add(t, j, numbered(3)...)
	stop := errors.New("stop")
	seen := 0
	if err := j.Replay(func(Record) error { seen++; return stop }); err != stop || seen != 1 {
		t.Errorf("%v after %d records", err, seen)
	}
}

func TestTheLockOutlivesTheCollector(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	for range 3 {
		runtime.GC()
	}
	if _, _, err := Open(dir, Options{LockWait: -1}); !errors.Is(err, ErrLocked) {
		t.Errorf("second Open: %v", err)
	}
	runtime.KeepAlive(j)
}

func TestAppendDoesNotAllocate(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{})
	payload := make([]byte, 1024)
	add(t, j, Record{Kind: 1, Payload: payload})
	if n := testing.AllocsPerRun(100, func() {
		if _, err := j.Append(Record{Kind: 1, Payload: payload}, Record{Kind: 2, Payload: payload}); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, disk := range []bool{false, true} {
		b.Run(fmt.Sprintf("1KiB/disk=%v", disk), func(b *testing.B) {
			j, _ := open(b, b.TempDir(), Options{Disk: disk})
			r := Record{Kind: 1, Payload: make([]byte, 1024)}
			b.SetBytes(1024)
			b.ReportAllocs()
			for b.Loop() {
				due, err := j.Append(r)
				if err == nil && due {
					err = j.Checkpoint()
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
