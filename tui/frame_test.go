package tui

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/theme"
)

// BenchmarkFrame builds frames of 120×40 under a flood: of each frame's share of a thousand turns a second, from the events
// to the text for the terminal. Its p99 is a figure of its own.
func BenchmarkFrame(b *testing.B) {
	const turns = 1000 / 60
	s := pictures()["normal"]
	for i := range 20 {
		s.Components = append(s.Components, component(fmt.Sprintf("component%02d", i), "llm", 42000+i, state.Ready))
	}
	m := screenOf(s, 120, 40)
	m.theme = theme.New(theme.Options{Profile: termenv.ANSI256})
	n, at := 0, noon
	var took []time.Duration
	for b.Loop() {
		at = at.Add(time.Second / 60)
		events := flooded(s, n, turns, at)
		n += turns
		began := time.Now()
		m = m.happened(eventsMsg{events, at})
		_ = m.View()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// flooded is what happens between two frames: every component says how it is, and turns begin, say a word and end.
func flooded(s state.State, first, turns int, at time.Time) []state.Event {
	var events []state.Event
	for _, c := range s.Components {
		events = append(events, state.Heartbeat{Name: c.Name, Instance: c.Instance, At: at, Health: event.Health{InFlight: first % 10, Max: 10}})
	}
	for i := range turns {
		id := fmt.Sprint("flood", first+i)
		events = append(
			events,
			state.TurnStarted{Turn: state.Turn{ID: id, Session: s.Session, Text: "a question", StartedAt: at}},
			state.TurnChunk{Turn: id, Chunk: event.Chunk{Stream: id, Text: "an answer"}},
			state.TurnEnded{At: at, End: event.End{Turn: id, Session: s.Session, Status: event.StatusOK, Answer: "an answer"}},
		)
	}
	return events
}
