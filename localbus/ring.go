package localbus

import "github.com/woodwork-lang/ww/internal/event"

// ringSize bounds what waits for one slow reader.
const ringSize = 1024

// ring keeps the newest ringSize messages in order. What it loses is counted in the next message that comes out.
type ring struct {
	items   []event.Message
	head    int
	dropped int
}

func (r *ring) len() int { return len(r.items) - r.head }

func (r *ring) put(m event.Message) {
	if r.len() == ringSize {
		lost := r.take()
		r.dropped += 1 + lost.Dropped
	}
	if r.head > 0 && len(r.items) == cap(r.items) {
		n := copy(r.items, r.items[r.head:])
		clear(r.items[n:])
		r.items, r.head = r.items[:n], 0
	}
	r.items = append(r.items, m)
}

// join is put, but for a piece of an answer that goes on where the newest one ends: they become one.
func (r *ring) join(m event.Message) {
	if n := len(r.items); r.len() > 0 && event.JoinChunks(&r.items[n-1], &m) {
		return
	}
	r.put(m)
}

func (r *ring) take() event.Message {
	m := r.items[r.head]
	r.items[r.head] = event.Message{}
	r.head++
	if r.head == len(r.items) {
		r.items, r.head = r.items[:0], 0
	}
	m.Dropped += r.dropped
	r.dropped = 0
	return m
}
