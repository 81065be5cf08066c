package tui

import "github.com/woodwork-lang/ww/internal/state"

// batch gathers the events between two frames. What a newer event makes pointless is not kept: of an instance's
// heartbeats the last one, of a stream's pieces their sum. The order of everything else stays.
type batch struct {
	events []state.Event
	beats  map[[2]string]int // where the waiting heartbeat of an instance is
	chunks map[string]int    // where the waiting piece of a turn is
}

func (b *batch) add(events []state.Event) {
	if b.beats == nil {
		b.beats, b.chunks = map[[2]string]int{}, map[string]int{}
	}
	for _, e := range events {
		if !b.absorb(e) {
			b.events = append(b.events, e)
		}
	}
}

// absorb puts an event into one that waits already, when no event between them could tell the difference.
func (b *batch) absorb(e state.Event) bool {
	switch e := e.(type) {
	case state.Heartbeat:
		return b.beat(e)
	case state.TurnChunk:
		return b.chunk(e)
	case state.ComponentChanged:
		delete(b.beats, [2]string{e.Component.Name, e.Component.Instance})
	case state.ComponentRemoved:
		delete(b.beats, [2]string{e.Name, e.Instance})
	case state.TurnStarted:
		delete(b.chunks, e.Turn.ID)
	case state.TurnEnded:
		delete(b.chunks, e.End.Turn)
	}
	return false
}

func (b *batch) beat(e state.Heartbeat) bool {
	id := [2]string{e.Name, e.Instance}
	i, waiting := b.beats[id]
	if !waiting {
		b.beats[id] = len(b.events)
		return false
	}
	if !e.At.Before(b.events[i].(state.Heartbeat).At) {
		b.events[i] = e
	}
	return true
}

func (b *batch) chunk(e state.TurnChunk) bool {
	i, waiting := b.chunks[e.Turn]
	if waiting {
		old := b.events[i].(state.TurnChunk)
		if old.Chunk.Stream == e.Chunk.Stream && old.Chunk.Offset+len(old.Chunk.Text) == e.Chunk.Offset {
			old.Chunk.Text += e.Chunk.Text
			b.events[i] = old
			return true
		}
	}
	b.chunks[e.Turn] = len(b.events)
	return false
}

// take empties the batch.
func (b *batch) take() []state.Event {
	events := b.events
	*b = batch{}
	return events
}
