package component

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
)

// maxPartial bounds how much of a running answer is kept for whoever comes late.
const maxPartial = 256 << 10

// followers are the calls that await a turn, and what has been streamed of it so far.
type followers struct {
	mu    sync.Mutex
	turns map[string]*followed
}

type followed struct {
	session string
	reqs    []follower
	stream  string
	text    []byte
}

// follower is one call that awaits a turn.
type follower struct {
	bus.Request
	user bool // who called can be asked a question
}

func (f *followers) init() { f.turns = map[string]*followed{} }

// add lets a call follow a turn; it gets at once what has been streamed so far.
func (f *followers) add(await event.Message, req bus.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.turns[await.Turn]
	if t == nil {
		t = &followed{session: await.Session}
		f.turns[await.Turn] = t
	}
	t.reqs = append(t.reqs, follower{req, await.User > 0})
	if len(t.text) > 0 {
		req.Push(chunkMessage(await.Turn, event.Chunk{Stream: t.stream, Text: string(t.text)}))
	}
}

// chunk passes a piece on. A new stream id is a new attempt: what was kept of the old one goes.
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
	if t.stream != c.Stream {
		t.stream, t.text = c.Stream, nil
	}
	if c.Offset == len(t.text) && len(t.text)+len(c.Text) <= maxPartial {
		t.text = append(t.text, c.Text...)
	}
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

// stream sends the pieces of one attempt's answer to the acceptor. It belongs to one handler.
type stream struct {
	r    *Runner
	to   string
	head event.Header
	id   string
	at   int
	runs int // how often it was begun anew
}

// restart begins a new stream: whoever follows drops what it has.
func (s *stream) restart() {
	s.runs++
	base, _, _ := strings.Cut(s.id, "~")
	s.id, s.at = base+"~"+strconv.Itoa(s.runs), 0
	s.push("")
}

func (s *stream) push(text string) {
	m := chunkMessage(s.head.Turn, event.Chunk{Stream: s.id, Offset: s.at, Text: text})
	s.at += len(text)
	m.Session, m.Source = s.head.Session, s.head.Source
	if s.to == s.r.spec.Name {
		s.r.follow.chunk(m)
		return
	}
	s.r.seat.Cast(s.to, m)
}
