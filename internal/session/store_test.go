package session_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/session"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) { os.Exit(golden.Check(code, "session")) }))
}

var t0 = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// record is a TURN or an END as the acceptor's journal has it.
type record struct {
	end bool
	m   event.Message
	at  time.Time
}

func turnRecord(turn, session, text string, at time.Time) record {
	return record{m: event.Message{Header: event.Header{
		Turn: turn, Session: session, Origin: "in", DataContentType: "text/plain",
		TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
	}, Body: []byte(text)}, at: at}
}

func endRecord(turn, session, answer string, at time.Time) record {
	end := event.End{Turn: turn, Session: session, Status: event.StatusOK, Answer: answer, TookMS: 12.5}
	trace := event.AppendHop("", event.Hop{Component: "in"})
	trace = event.AppendHop(trace, event.Hop{Component: "llm", Parent: "in", ServiceMS: 12})
	return record{end: true, m: end.Message(trace), at: at}
}

func feed(s *session.Store, recs []record, replay bool) {
	for _, r := range recs {
		if r.end {
			s.Ended(r.m, r.at, replay)
		} else {
			s.Accepted(r.m, r.at, replay)
		}
	}
}

func open(t rapidOrTest, o session.Options) *session.Store {
	s, err := session.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type rapidOrTest interface {
	Fatal(...any)
	Errorf(string, ...any)
}

// record writes recs with a store of its own.
func write(t rapidOrTest, dir string, recs []record, replay bool) {
	s := open(t, session.Options{Dir: dir})
	feed(s, recs, replay)
	if lost := s.Flush(); lost != 0 {
		t.Errorf("%d lines were lost", lost)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func contents(t rapidOrTest, dir string) map[string]string {
	out := map[string]string{}
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(name)] = string(b)
	}
	return out
}

func TestATurnIsRecordedAndReadBack(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, []record{
		turnRecord("t-1", "s-1", "hello <b>\n", t0),
		endRecord("t-1", "s-1", "hi", t0.Add(13*time.Millisecond)),
		turnRecord("t-2", "s-1", "and now?", t0.Add(time.Second)),
	}, false)
	d := session.Dir{Path: dir, Now: func() time.Time { return t0.Add(time.Minute) }}
	s, err := d.Show("s-1")
	if err != nil {
		t.Fatal(err)
	}
	ended := t0.Add(13 * time.Millisecond)
	want := session.Session{
		Info: session.Info{
			ID: "s-1", State: session.Active, Chain: []string{"in", "llm"}, Created: t0, Updated: t0.Add(time.Second),
			Expires: t0.Add(time.Second + time.Hour), Turns: 2, Open: 1, Bytes: s.Bytes,
		},
		List: []session.Turn{{
			ID: "t-1", Session: "s-1", Status: event.StatusOK, Text: "hello <b>\n", Answer: "hi", At: t0, EndedAt: &ended,
			TookMS: 12.5, Acceptor: "in", TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
			Hops: []event.Hop{{Component: "in"}, {Component: "llm", Parent: "in", ServiceMS: 12}},
		}, {
			ID: "t-2", Session: "s-1", Status: event.StatusPending, Text: "and now?", At: t0.Add(time.Second),
			Acceptor: "in", TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Hops: []event.Hop{},
		}},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
	for path, content := range contents(t, dir) {
		if first, _, _ := strings.Cut(content, "\n"); !strings.HasPrefix(first, `{"v":1,`) {
			t.Errorf("%s begins with %s, want its version", path, first)
		}
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v (%v), want 0600", path, info.Mode(), err)
		}
	}
}

func TestASessionMayHaveAnyID(t *testing.T) {
	ids := []string{"../../etc/passwd", ".", "..", "Alice", "alice", "a b/c", "%41lice", "ü", "x~y", strings.Repeat("long", 100), "nul\x00"}
	dir := t.TempDir()
	var recs []record
	for i, id := range ids {
		recs = append(recs, turnRecord(fmt.Sprint("t-", i), id, id, t0))
	}
	write(t, dir, recs, false)
	d := session.Dir{Path: dir}
	list, err := d.List()
	if err != nil || len(list) != len(ids) {
		t.Fatalf("%d sessions (%v), want %d", len(list), err, len(ids))
	}
	for i, id := range ids {
		s, err := d.Show(id)
		if err != nil {
			t.Errorf("%q: %v", id, err)
			continue
		}
		if s.ID != id || len(s.List) != 1 || s.List[0].ID != fmt.Sprint("t-", i) {
			t.Errorf("%q reads back as %q with %v", id, s.ID, s.List)
		}
	}
}

// records draws a history as an acceptor's journals have it: each turn is accepted before it ends, sessions mix.
func records(t *rapid.T) []record {
	var recs []record
	var open [][2]string
	at := t0
	for i := range rapid.IntRange(1, 25).Draw(t, "records") {
		at = at.Add(time.Duration(rapid.IntRange(1, 900).Draw(t, "ms")) * time.Millisecond)
		if len(open) > 0 && rapid.Bool().Draw(t, "end") {
			n := rapid.IntRange(0, len(open)-1).Draw(t, "which")
			recs = append(recs, endRecord(open[n][0], open[n][1], rapid.String().Draw(t, "answer"), at))
			open = append(open[:n:n], open[n+1:]...)
			continue
		}
		id, sess := fmt.Sprint("t-", i), rapid.SampledFrom([]string{"s-1", "s-2", "S 3"}).Draw(t, "session")
		recs = append(recs, turnRecord(id, sess, rapid.String().Draw(t, "text"), at))
		open = append(open, [2]string{id, sess})
	}
	return recs
}

// What a crash left is a prefix of every file, torn anywhere. Replaying the journal gives the file as if nothing had
// happened.
func TestAnyPrefixAndAReplayGiveTheSameFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		recs := records(t)
		whole, err := os.MkdirTemp("", "w")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(whole)
		write(t, whole, recs, false)
		want := contents(t, whole)
		for name, content := range want {
			cut := rapid.IntRange(-1, len(content)).Draw(t, "cut")
			path := filepath.Join(whole, name)
			if cut < 0 {
				err = os.Remove(path)
			} else {
				err = os.Truncate(path, int64(cut))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		write(t, whole, recs, true)
		if diff := cmp.Diff(want, contents(t, whole)); diff != "" {
			t.Fatalf("rebuilt files differ:\n%s", diff)
		}
		write(t, whole, recs, true)
		if diff := cmp.Diff(want, contents(t, whole)); diff != "" {
			t.Fatalf("a second replay changed the files:\n%s", diff)
		}
	})
}

func TestAnEndWhoseTurnIsGoneIsNotBroughtBack(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, []record{endRecord("t-1", "s-1", "hi", t0)}, true)
	if got := contents(t, dir); len(got) != 0 {
		t.Errorf("a removed session came back: %v", got)
	}
}

func TestLiveTurnsAreNotHeldUpAndWhatIsLostIsCounted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, session.Options{Dir: dir, Queue: 2, Bytes: 64})
	var recs []record
	for i := range 2000 {
		recs = append(recs, turnRecord(fmt.Sprint("t-", i), "s-1", strings.Repeat("x", 50), t0.Add(time.Duration(i)*time.Millisecond)))
	}
	feed(s, recs, false)
	lost := s.Flush()
	got := len(mustShow(t, dir, "s-1").List)
	if got+lost != len(recs) {
		t.Errorf("%d recorded and %d lost of %d", got, lost, len(recs))
	}
	feed(s, recs, true) // what its owner does before the journal forgets
	if again := s.Flush(); again != lost {
		t.Errorf("a replay lost %d lines", again-lost)
	}
	if got := len(mustShow(t, dir, "s-1").List); got != len(recs) {
		t.Errorf("%d turns after the replay, want %d", got, len(recs))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func mustShow(t *testing.T, dir, id string) session.Session {
	t.Helper()
	s, err := session.Dir{Path: dir}.Show(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCloseLosesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, session.Options{Dir: dir})
	for i := range 300 {
		feed(s, []record{turnRecord(fmt.Sprint("t-", i), fmt.Sprint("s-", i%100), "x", t0)}, false)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	list, err := session.Dir{Path: dir}.List()
	if err != nil {
		t.Fatal(err)
	}
	turns := 0
	for _, i := range list {
		turns += i.Turns
	}
	if len(list) != 100 || turns != 300 {
		t.Errorf("%d sessions with %d turns, want 100 with 300", len(list), turns)
	}
	feed(s, []record{turnRecord("late", "s-1", "x", t0)}, false)
	if s.Flush() != 1 {
		t.Error("a turn after Close is not counted as lost")
	}
}

func TestADiskThatCannotBeWrittenCostsNothingButTheFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, session.Options{Dir: dir})
	defer s.Close()
	recs := []record{turnRecord("t-1", "s-1", "x", t0), endRecord("t-1", "s-1", "y", t0)}
	if err := os.Symlink("/dev/full", filepath.Join(dir, "s-1.jsonl")); err != nil {
		t.Fatal(err)
	}
	feed(s, recs, false)
	lost := s.Flush()
	if lost != 2 {
		t.Fatalf("%d lines lost, want 2: a link is not followed", lost)
	}
	if err := os.Remove(filepath.Join(dir, "s-1.jsonl")); err != nil {
		t.Fatal(err)
	}
	feed(s, recs, true)
	if again := s.Flush(); again != lost {
		t.Fatalf("%d lines were lost again", again-lost)
	}
	if got := mustShow(t, dir, "s-1").List; len(got) != 1 || got[0].Answer != "y" {
		t.Errorf("the replay gave %+v", got)
	}
}

func TestTwoWritersOfOneSession(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for n := range 2 {
		s := open(t, session.Options{Dir: dir})
		defer s.Close()
		wg.Go(func() {
			for i := range 200 {
				feed(s, []record{turnRecord(fmt.Sprintf("t-%d-%d", n, i), "s-1", "x", t0)}, false)
				if i%20 == 0 {
					s.Flush()
				}
			}
			s.Flush()
		})
	}
	wg.Wait()
	s := mustShow(t, dir, "s-1")
	if s.Damaged != 0 || len(s.List) != 400 {
		t.Errorf("%d turns, %d damaged lines, want 400 and none", len(s.List), s.Damaged)
	}
}

func TestAWriterThatIsStoppedDoesNotStopTheOthers(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, []record{turnRecord("t-1", "s-1", "x", t0)}, false)
	f, err := os.Open(filepath.Join(dir, "s-1.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	write(t, dir, []record{turnRecord("t-2", "s-1", "x", t0)}, false)
	if got := len(mustShow(t, dir, "s-1").List); got != 2 {
		t.Errorf("%d turns, want 2", got)
	}
}

func TestTheOldestSessionsGoFirstAndStayAway(t *testing.T) {
	dir := t.TempDir()
	var recs []record
	for i := range 10 {
		id := fmt.Sprint("s-", i)
		recs = append(recs, turnRecord("t-"+id, id, strings.Repeat("x", 1000), t0.Add(time.Duration(i)*time.Minute)))
	}
	write(t, dir, recs, false)
	for i := range 10 {
		at := t0.Add(time.Duration(i) * time.Minute)
		if err := os.Chtimes(filepath.Join(dir, fmt.Sprintf("s-%d.jsonl", i)), at, at); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, session.Options{Dir: dir, MaxBytes: 4000, MaxAge: 1 << 62})
	feed(s, recs, true)
	s.Flush()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var left []string
	list, err := session.Dir{Path: dir}.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		left = append(left, i.ID)
	}
	if diff := cmp.Diff([]string{"s-9", "s-8", "s-7"}, left); diff != "" {
		t.Error(diff)
	}
}

func TestSessionsThatNobodyUsedForDaysGo(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, []record{turnRecord("t-1", "old", "x", t0), turnRecord("t-2", "new", "x", t0)}, false)
	old := time.Now().Add(-8 * 24 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "old.jsonl"), old, old); err != nil {
		t.Fatal(err)
	}
	write(t, dir, nil, false)
	if _, err := (session.Dir{Path: dir}).Show("old"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("the old session is there: %v", err)
	}
	mustShow(t, dir, "new")
}

func TestOneLongSessionIsCutAtItsBeginning(t *testing.T) {
	dir := t.TempDir()
	var recs []record
	for i := range 100 {
		recs = append(recs, turnRecord(fmt.Sprint("t-", i), "s-1", strings.Repeat("x", 100), t0.Add(time.Duration(i)*time.Second)))
	}
	write(t, dir, recs, false)
	s := open(t, session.Options{Dir: dir, MaxBytes: 8000})
	feed(s, recs, true)
	feed(s, []record{turnRecord("t-100", "s-1", "x", t0.Add(time.Hour))}, false)
	s.Flush()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := mustShow(t, dir, "s-1")
	if got.Bytes > 5000 || got.Damaged > 0 || !got.Created.Equal(t0) {
		t.Errorf("%d bytes, %d damaged, created %v", got.Bytes, got.Damaged, got.Created)
	}
	if first, last := got.List[0].ID, got.List[len(got.List)-1].ID; first == "t-0" || last != "t-100" {
		t.Errorf("kept %s to %s, want the end of it", first, last)
	}
}

func TestAnyTextIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.Byte()).Draw(t, "text")) + rapid.String().Draw(t, "more")
		dir, err := os.MkdirTemp("", "w")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		write(t, dir, []record{turnRecord("t-1", "s-1", text, t0), endRecord("t-1", "s-1", text, t0)}, false)
		s, err := session.Dir{Path: dir}.Show("s-1")
		if err != nil {
			t.Fatal(err)
		}
		want := string([]rune(text)) // what is not UTF-8 cannot be kept in JSON
		if s.Damaged != 0 || s.List[0].Text != want || s.List[0].Answer != want {
			t.Fatalf("%q was read back as %q and %q, %d damaged", text, s.List[0].Text, s.List[0].Answer, s.Damaged)
		}
	})
}
