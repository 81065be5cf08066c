package component_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/journal"
	"github.com/woodwork-lang/ww/internal/session"
)

// dies is a recorder whose process is killed after it has kept so many records: what it took later never reached the
// disk.
type dies struct {
	component.Recorder
	mu    sync.Mutex
	after int
}

func (d *dies) alive() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.after--
	return d.after >= 0
}

func (d *dies) Accepted(m event.Message, at time.Time, replayed bool) {
	if d.alive() {
		d.Recorder.Accepted(m, at, replayed)
	}
}

func (d *dies) Ended(m event.Message, at time.Time, replayed bool) {
	if d.alive() {
		d.Recorder.Ended(m, at, replayed)
	}
}

// both writes everything into a second store, too.
type both struct {
	component.Recorder
	whole component.Recorder
}

func (b both) Accepted(m event.Message, at time.Time, replayed bool) {
	b.Recorder.Accepted(m, at, replayed)
	b.whole.Accepted(m, at, replayed)
}

func (b both) Ended(m event.Message, at time.Time, replayed bool) {
	b.Recorder.Ended(m, at, replayed)
	b.whole.Ended(m, at, replayed)
}

func openStore(t *testing.T, o session.Options) *session.Store {
	t.Helper()
	s, err := session.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeStore(t *testing.T, s *session.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
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

// The acceptor is killed between an append and its projection, at every record in turn. Its successor rebuilds what is
// missing, byte for byte.
func TestSessionsAreRebuiltAfterACrashAtAnyRecord(t *testing.T) {
	for after := range 7 {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			a := newApp(t)
			whole, torn := t.TempDir(), t.TempDir()
			first, second := openStore(t, session.Options{Dir: torn}), openStore(t, session.Options{Dir: whole})
			a.recorder = both{&dies{Recorder: first, after: after}, second}
			in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("!")})
			for i := range 3 {
				a.ask(fmt.Sprint("t", i), fmt.Sprint("s", i%2), "hello")
			}
			in.end(t)
			closeStore(t, first)
			closeStore(t, second)

			third := openStore(t, session.Options{Dir: torn})
			a.recorder = third
			a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("!")}).end(t)
			closeStore(t, third)
			if diff := cmp.Diff(filesOf(t, whole), filesOf(t, torn)); diff != "" {
				t.Errorf("the rebuilt files differ (-want +got):\n%s", diff)
			}
		})
	}
}

// A recorder that is too slow loses lines, never turns; before the journal forgets them, they are recorded from it.
func TestWhatTheRecorderLostIsReadFromTheJournalBeforeACheckpoint(t *testing.T) {
	a := newApp(t)
	dir := t.TempDir()
	store := openStore(t, session.Options{Dir: dir, Queue: 1})
	a.recorder = store
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")})
	text := strings.Repeat("x", 100<<10)
	const turns = 150 // well over a segment of the journal
	for i := range turns {
		a.ask(fmt.Sprint("t", i), "s", text)
	}
	in.end(t)
	closeStore(t, store)
	s, err := session.Dir{Path: dir}.Show("s")
	if err != nil {
		t.Fatal(err)
	}
	for _, turn := range s.List {
		if turn.Text != text || turn.Answer != text {
			t.Errorf("turn %s has %d bytes of text and %d of its answer", turn.ID, len(turn.Text), len(turn.Answer))
		}
	}
	if len(s.List) != turns || s.Open > 0 {
		t.Errorf("%d turns, %d open, want %d", len(s.List), s.Open, turns)
	}
	if kept := countRecords(t, a.state, "in", "s", delivery.Turn); kept == turns {
		t.Errorf("no checkpoint was made, so this test shows nothing")
	}
}

func countRecords(t *testing.T, state, name, sess string, kind delivery.Kind) int {
	t.Helper()
	n := 0
	dir := filepath.Join(state, "j", name, fmt.Sprintf("%02d", delivery.PartitionOf(sess)))
	_, err := journal.Scan(dir, func(r journal.Record) error {
		if r.Kind == byte(kind) {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestADeadLetterIsDroppedByACall(t *testing.T) {
	a := newApp(t)
	ran := make(chan struct{})
	in := a.start("in", handler{traits: component.Traits{MaxConcurrent: 1}, handle: func(context.Context, component.Task) (component.Result, error) {
		close(ran)
		return component.Result{}, fmt.Errorf("%w: exit status 1", component.ErrCrashed)
	}})
	sub := call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: "t1", Session: "s"}, Body: []byte("poison")})
	<-sub.reply
	<-ran
	in.end(t)
	in = a.start("in", handler{traits: component.Traits{MaxConcurrent: 1}, handle: func(context.Context, component.Task) (component.Result, error) {
		return component.Result{}, fmt.Errorf("%w: exit status 1", component.ErrCrashed)
	}})
	if end := a.await("t1", "s"); end.Status != event.StatusDead {
		t.Fatalf("got %+v", end)
	}
	drop := func(id string) error {
		req := call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeDrop, Session: "s"}, Body: []byte(id)})
		select {
		case <-req.reply:
			return nil
		case err := <-req.fail:
			return err
		}
	}
	id := letterIn(t, a.state)
	if err := drop("d-000000000000"); err == nil {
		t.Error("a letter that does not exist was dropped")
	}
	if err := drop(id); err != nil {
		t.Errorf("drop: %v", err)
	}
	if err := drop(id); err == nil {
		t.Error("a letter was dropped twice")
	}
	in.end(t)
}

// letterIn is the id of the only dead letter.
func letterIn(t *testing.T, state string) string {
	t.Helper()
	var ids []string
	dir := filepath.Join(state, "j", "in", fmt.Sprintf("%02d", delivery.PartitionOf("s")))
	_, err := journal.Scan(dir, func(r journal.Record) error {
		d, err := delivery.Decode(r.Kind, r.Payload)
		if err != nil {
			return err
		}
		if l, ok := delivery.LetterOf("in", &d); ok {
			ids = append(ids, l.ID)
		}
		return nil
	})
	if err != nil || len(ids) != 1 {
		t.Fatalf("letters %v, %v", ids, err)
	}
	return ids[0]
}
