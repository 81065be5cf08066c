package tui

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
)

// TestABatchMeansTheSame: whatever events come in whatever pieces, the batches give the picture of the single
// events.
func TestABatchMeansTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"a", "b"})
		small := rapid.IntRange(0, 6)
		gen := rapid.Custom(func(t *rapid.T) state.Event {
			n, inst, id := small.Draw(t, "n"), name.Draw(t, "inst"), name.Draw(t, "id")
			at := noon.Add(time.Duration(n) * time.Second)
			switch rapid.IntRange(0, 6).Draw(t, "kind") {
			case 0:
				return state.ComponentChanged{Component: state.Component{Name: "c", Instance: inst, State: state.Ready, InFlight: n, HeartbeatAt: at}}
			case 1:
				return state.ComponentRemoved{Name: "c", Instance: inst}
			case 2:
				return state.Heartbeat{Name: "c", Instance: inst, At: at, Health: event.Health{InFlight: n, SuccessRate: 1}}
			case 3:
				return state.TurnStarted{Turn: state.Turn{ID: id, StartedAt: at}}
			case 4:
				return state.TurnEnded{End: event.End{Turn: id, Answer: fmt.Sprint(n)}, At: at}
			}
			return state.TurnChunk{Turn: id, Chunk: event.Chunk{Stream: inst, Offset: n, Text: "xyz"[:1+n%3]}}
		})
		events := rapid.SliceOfN(gen, 0, 60).Draw(t, "events")
		cut := rapid.IntRange(1, 10).Draw(t, "cut")
		var single, batched state.State
		for _, e := range events {
			single.Apply(e)
		}
		for rest := events; len(rest) > 0; {
			var b batch
			n := min(cut, len(rest))
			for _, e := range rest[:n] {
				b.add([]state.Event{e})
			}
			for _, e := range b.take() {
				batched.Apply(e)
			}
			rest = rest[n:]
		}
		if !reflect.DeepEqual(single, batched) {
			t.Fatalf("single events and batches differ (-single +batched):\n%s", cmp.Diff(single, batched))
		}
	})
}

func TestBridgeSendsAtMostThirtyBatchesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		events := make(chan []state.Event)
		var batches []eventsMsg
		b := bridge{
			events: events, record: newRecord(nil), quit: func() { t.Error("quit") },
			send: func(m tea.Msg) { batches = append(batches, m.(eventsMsg)) },
		}
		done := make(chan struct{})
		go func() { defer close(done); b.run(ctx) }()
		for i := range 10_000 { // one every 100 µs
			events <- []state.Event{state.Notice{Text: fmt.Sprint(i)}}
			time.Sleep(100 * time.Microsecond) //nolint:forbidigo // fake time
		}
		time.Sleep(time.Second) //nolint:forbidigo // fake time
		cancel()
		<-done
		count := 0
		for _, m := range batches {
			for _, e := range m.events {
				if e != (state.Notice{Text: fmt.Sprint(count)}) {
					t.Fatalf("event %d is %v", count, e)
				}
				count++
			}
		}
		if count != 10_000 || len(batches) > 31 {
			t.Errorf("%d events in %d batches within a second", count, len(batches))
		}
	})
}

func TestBridgeShowsASingleEventAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		events := make(chan []state.Event)
		var shown []time.Time
		b := bridge{events: events, record: newRecord(nil), send: func(tea.Msg) { shown = append(shown, time.Now()) }}
		done := make(chan struct{})
		go func() { defer close(done); b.run(ctx) }()
		time.Sleep(time.Minute) //nolint:forbidigo // fake time
		start := time.Now()
		events <- []state.Event{state.Notice{Text: "now"}}
		time.Sleep(time.Minute) //nolint:forbidigo // fake time
		cancel()
		<-done
		if len(shown) != 1 || !shown[0].Equal(start) {
			t.Errorf("an event of %v was shown at %v", start, shown)
		}
	})
}

func TestBridgeTellsTheEndOfTheApp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		events := make(chan []state.Event, 1)
		var got []string
		b := bridge{events: events, record: newRecord(nil), send: func(m tea.Msg) { got = append(got, fmt.Sprintf("%T", m)) }}
		done := make(chan struct{})
		go func() { defer close(done); b.run(ctx) }()
		events <- []state.Event{state.Stopping{}}
		close(events)
		time.Sleep(time.Minute) //nolint:forbidigo // fake time
		cancel()
		<-done
		if d := cmp.Diff([]string{"tui.eventsMsg", "tui.lostMsg"}, got); d != "" {
			t.Errorf("messages (-want +got):\n%s", d)
		}
	})
}

func TestBridgeEndsTheScreenAfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec, quit := newRecord(nil), false
		rec.crash("boom")
		bridge{events: nil, record: rec, send: func(tea.Msg) {}, quit: func() { quit = true }}.run(t.Context())
		if !quit {
			t.Error("the program was not ended")
		}
	})
}
