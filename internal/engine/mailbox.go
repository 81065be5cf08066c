package engine

import (
	"sync"

	"github.com/woodwork-lang/ww/internal/state"
)

// mailbox holds what one reader has not read yet. Its writer never waits. What has no key is never dropped; what has
// one takes the place of the waiting event with that key, or is absorbed by it.
type mailbox struct {
	mu     sync.Mutex
	events []state.Event
	keys   map[key]int
	wake   chan struct{} // has room for one: something is waiting
	closed bool
}

// key names facts of which only the last counts, and whose order against other facts does not matter.
type key struct{ what, name, instance string }

func newMailbox() *mailbox {
	return &mailbox{keys: map[key]int{}, wake: make(chan struct{}, 1)}
}

func (m *mailbox) put(events ...state.Event) {
	m.mu.Lock()
	for _, e := range events {
		m.add(e)
	}
	m.mu.Unlock()
	m.ring()
}

func (m *mailbox) ring() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *mailbox) add(e state.Event) {
	switch e := e.(type) {
	case state.Heartbeat:
		m.replace(key{"beat", e.Name, e.Instance}, e)
		return
	case state.TurnChunk:
		m.addChunk(e)
		return
	case state.ComponentChanged: // a heartbeat from before must not overtake what comes after
		delete(m.keys, key{"beat", e.Component.Name, e.Component.Instance})
	case state.ComponentRemoved:
		delete(m.keys, key{"beat", e.Name, e.Instance})
	case state.TurnEnded:
		delete(m.keys, key{"chunk", e.End.Turn, ""})
	}
	m.events = append(m.events, e)
}

func (m *mailbox) replace(k key, e state.Event) {
	if i, ok := m.keys[k]; ok {
		m.events[i] = e
		return
	}
	m.keys[k] = len(m.events)
	m.events = append(m.events, e)
}

// addChunk appends to the waiting piece of the same stream when nothing is missing between them.
func (m *mailbox) addChunk(e state.TurnChunk) {
	k := key{"chunk", e.Turn, ""}
	if i, ok := m.keys[k]; ok {
		last := m.events[i].(state.TurnChunk)
		if last.Chunk.Stream == e.Chunk.Stream && last.Chunk.Offset+len(last.Chunk.Text) == e.Chunk.Offset {
			last.Chunk.Text += e.Chunk.Text
			m.events[i] = last
			return
		}
	}
	m.keys[k] = len(m.events)
	m.events = append(m.events, e)
}

// take empties the box. done says that nothing will come any more.
func (m *mailbox) take() (events []state.Event, done bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	events = m.events
	m.events = nil
	clear(m.keys)
	return events, m.closed
}

func (m *mailbox) close() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.ring()
}
