package component

import (
	"encoding/json"
	"slices"
	"sync"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/stream"
)

// followers are the calls that await a turn, and what has been streamed of it so far.
type followers struct {
	resume func(from, session string, at event.Position) (event.Chunk, bool) // asks who streams for what comes after a position; may wait
	spawn  func(func())

	mu    sync.Mutex
	turns map[string]*followed // guarded by mu
}

type followed struct {
	session string
	reqs    []follower
	book    stream.Book
	held    map[string][]event.Chunk // by stream that is being resumed: what came meanwhile
}

// follower is one call that awaits a turn.
type follower struct {
	bus.Request
	user bool // who called can be asked a question
}

// maxHeld bounds the pieces that wait for what is missing before them.
const maxHeld = 1024

func (f *followers) init() { f.turns = map[string]*followed{} }

// add lets a call follow a turn; it gets at once what it lacks of what has been streamed so far.
func (f *followers) add(await event.Message, req bus.Request) {
	var have []event.Position
	if await.Type == event.TypeAwait && json.Unmarshal(await.Body, &have) != nil {
		have = nil // it gets everything
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.turns[await.Turn]
	if t == nil {
		t = &followed{session: await.Session, held: map[string][]event.Chunk{}}
		f.turns[await.Turn] = t
	}
	t.reqs = slices.DeleteFunc(t.reqs, func(old follower) bool { return old.Context().Err() != nil })
	t.reqs = append(t.reqs, follower{req, await.User > 0})
	for _, c := range t.book.Since(have) {
		req.Push(chunkMessage(await.Turn, c))
	}
}

// chunk passes a piece on. When something before it is missing, because its acceptor was another process then or nobody
// followed, that is asked of whoever streams, and what comes meanwhile waits.
func (f *followers) chunk(m event.Message) {
	var c event.Chunk
	if json.Unmarshal(m.Body, &c) != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.turns[m.Turn]
	if t == nil {
		return // nobody follows: the END says it all
	}
	if held, waits := t.held[c.Stream]; waits {
		if len(held) < maxHeld {
			t.held[c.Stream] = append(held, c)
		}
		return
	}
	fresh, v := t.book.Take(c)
	switch v {
	case stream.Fresh:
		t.push(m.Turn, fresh)
	case stream.Gap:
		t.held[c.Stream] = []event.Chunk{c}
		at := event.Position{Stream: c.Stream, Offset: t.book.At(c.Stream)}
		f.spawn(func() { f.fill(m.Turn, t, m.Source, at) })
	}
}

// fill gets what is missing of a stream and passes it on, with what came meanwhile behind it. What nobody has any more
// is a hole.
func (f *followers) fill(turn string, t *followed, from string, at event.Position) {
	missing, ok := f.resume(from, t.session, at)
	f.mu.Lock()
	defer f.mu.Unlock()
	held := t.held[at.Stream]
	delete(t.held, at.Stream)
	if f.turns[turn] != t {
		return // it has ended, or is another instance's
	}
	if ok {
		held = append([]event.Chunk{missing}, held...)
	}
	for _, c := range held {
		if fresh, v := t.book.Skip(c); v == stream.Fresh {
			t.push(turn, fresh)
		}
	}
}

func (t *followed) push(turn string, c event.Chunk) {
	m := chunkMessage(turn, c)
	for _, req := range t.reqs {
		req.Push(m)
	}
}

// tellUsers passes a message on to everybody who can be asked a question; it reports whether there is anybody.
func (f *followers) tellUsers(turn string, m *event.Message) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.turns[turn]
	if t == nil {
		return false
	}
	there := false
	for _, req := range t.reqs {
		if !req.user || req.Context().Err() != nil {
			continue
		}
		there = true
		if m != nil {
			req.Push(*m)
		}
	}
	return there
}

// ended answers everybody who awaits the turn.
func (f *followers) ended(end event.Message) {
	f.mu.Lock()
	t := f.turns[end.Turn]
	delete(f.turns, end.Turn)
	f.mu.Unlock()
	if t == nil {
		return
	}
	for _, req := range t.reqs {
		req.Reply(end)
	}
}

// release sends everybody who awaits a turn of a partition to its next owner.
func (f *followers) release(partition int) {
	f.mu.Lock()
	var left []*followed
	for turn, t := range f.turns {
		if delivery.PartitionOf(t.session) == partition {
			left = append(left, t)
			delete(f.turns, turn)
		}
	}
	f.mu.Unlock()
	for _, t := range left {
		for _, req := range t.reqs {
			req.Fail(bus.NotOwner, "another instance has this session now")
		}
	}
}

func chunkMessage(turn string, c event.Chunk) event.Message {
	body, err := json.Marshal(c)
	if err != nil {
		panic("component: a chunk is plain data: " + err.Error())
	}
	return event.Message{Header: event.Header{Type: event.TypeChunk, Turn: turn, DataContentType: jsonType}, Body: body}
}
