package engine

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
)

func beatOf(name string, inflight int) state.Event {
	return state.Heartbeat{Name: name, Instance: name + "-1", Health: event.Health{InFlight: inflight}}
}

func piece(turn, stream string, offset int, text string) state.Event {
	return state.TurnChunk{Turn: turn, Chunk: event.Chunk{Stream: stream, Offset: offset, Text: text}}
}

func TestMailboxCoalesces(t *testing.T) {
	t.Parallel()
	note := func(text string) state.Event { return state.Notice{Text: text} }
	changed := func(name string) state.Event {
		return state.ComponentChanged{Component: state.Component{Name: name, Instance: name + "-1"}}
	}
	tests := []struct {
		name      string
		put, want []state.Event
	}{
		{"what has no key is kept, in order", []state.Event{note("a"), note("b"), note("a")}, []state.Event{note("a"), note("b"), note("a")}},
		{"of heartbeats the last one", []state.Event{beatOf("a", 1), note("x"), beatOf("b", 1), beatOf("a", 2)}, []state.Event{beatOf("a", 2), note("x"), beatOf("b", 1)}},
		{"a heartbeat does not overtake a change", []state.Event{beatOf("a", 1), changed("a"), beatOf("a", 2)}, []state.Event{beatOf("a", 1), changed("a"), beatOf("a", 2)}},
		{"pieces that fit become one", []state.Event{piece("1", "x", 0, "ab"), piece("1", "x", 2, "cd")}, []state.Event{piece("1", "x", 0, "abcd")}},
		{"a piece after a gap stays apart", []state.Event{piece("1", "x", 0, "ab"), piece("1", "x", 3, "d"), piece("1", "x", 4, "e")}, []state.Event{piece("1", "x", 0, "ab"), piece("1", "x", 3, "de")}},
		{"another attempt stays apart", []state.Event{piece("1", "x", 0, "ab"), piece("1", "y", 2, "c")}, []state.Event{piece("1", "x", 0, "ab"), piece("1", "y", 2, "c")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMailbox()
			m.put(tt.put...)
			got, done := m.take()
			if d := cmp.Diff(tt.want, got); d != "" || done {
				t.Errorf("taken (-want +got), done %v:\n%s", done, d)
			}
			if again, _ := m.take(); len(again) != 0 {
				t.Errorf("taken twice: %v", again)
			}
		})
	}
}

// Every reader of the hub ends with the picture that the hub has, whenever it came and however slow it was.
func TestReadersEndWithTheSamePicture(t *testing.T) {
	t.Parallel()
	h := newHub(state.State{App: "x"})
	var readers sync.WaitGroup
	results := make([]state.State, 5)
	for i := range results {
		s, events := h.subscribe(t.Context())
		readers.Go(func() {
			for batch := range events {
				for _, e := range batch {
					s.Apply(e)
				}
			}
			results[i] = s
		})
		h.emit(state.TurnStarted{Turn: state.Turn{ID: strconv.Itoa(i)}})
	}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			turn := strconv.Itoa(w)
			for n := range 500 {
				h.emit(piece(turn, "s", n, "z"), beatOf("c", n))
				if n%50 == 0 {
					h.emit(state.ComponentChanged{Component: state.Component{Name: "c" + turn, Restarts: n}})
				}
			}
		})
	}
	writers.Wait()
	h.close()
	readers.Wait()
	want := h.picture()
	for i, got := range results {
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("reader %d (-hub +reader):\n%s", i, d)
		}
	}
	for _, turn := range want.Turns {
		if n, _ := strconv.Atoi(turn.ID); n < 4 && turn.Partial != strings.Repeat("z", 500) {
			t.Errorf("turn %s has %d bytes, want 500", turn.ID, len(turn.Partial))
		}
	}
}

func TestASubscriptionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h := newHub(state.State{})
	ctx, cancel := context.WithCancel(t.Context())
	_, events := h.subscribe(ctx)
	cancel()
	for range events { // until it is closed
	}
	h.close()
	_, late := h.subscribe(t.Context())
	for range late { // closed, too: the run is over
	}
}
