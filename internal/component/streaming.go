package component

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/stream"
)

// outlet sends the pieces of one attempt's answer to the acceptor. What it has sent is kept while its handler runs, so
// that an acceptor that lacks something can ask for it.
type outlet struct {
	r    *Runner
	to   string
	head event.Header

	mu   sync.Mutex
	id   string // guarded by mu
	at   int    // guarded by mu
	kept []byte // the first bytes of it, at most stream.MaxKept; guarded by mu
	runs int    // how often it was begun anew; guarded by mu
}

// outlets are the streams of the handlers at work, by name.
type outlets struct {
	mu  sync.Mutex
	all map[string]*outlet // guarded by mu
}

func (o *outlets) init() { o.all = map[string]*outlet{} }

func (o *outlets) add(id string, s *outlet) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all[id] = s
}

func (o *outlets) drop(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.all, id)
}

func (o *outlets) find(id string) *outlet {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all[id]
}

// first is the name of an attempt's stream before it was begun anew.
func first(id string) string {
	id, _, _ = strings.Cut(id, "~")
	return id
}

// restart begins a new stream: whoever follows drops what it has.
func (s *outlet) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	s.id, s.at, s.kept = first(s.id)+"~"+strconv.Itoa(s.runs), 0, nil
	s.send("")
}

func (s *outlet) push(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.send(text)
}

// send is called with mu held: pieces leave in the order of their offsets.
func (s *outlet) send(text string) {
	if s.at == 0 && s.runs == 0 {
		s.r.outlets.add(s.id, s)
	}
	m := chunkMessage(s.head.Turn, event.Chunk{Stream: s.id, Offset: s.at, Text: text})
	if s.at == len(s.kept) && s.at+len(text) <= stream.MaxKept {
		s.kept = append(s.kept, text...)
	}
	s.at += len(text)
	m.Session, m.Source = s.head.Session, s.head.Source
	if s.to == s.r.spec.Name {
		s.r.follow.chunk(m)
		return
	}
	s.r.seat.Cast(s.to, m)
}

// done ends the stream with its handler.
func (s *outlet) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.r.outlets.drop(first(s.id))
}

// since is what was streamed after a position; false when that is another attempt's, or is not kept any more.
func (s *outlet) since(p event.Position) (event.Chunk, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Stream != s.id || p.Offset < 0 || p.Offset > len(s.kept) {
		return event.Chunk{}, false
	}
	return event.Chunk{Stream: s.id, Offset: p.Offset, Text: string(s.kept[p.Offset:])}, true
}

// streamed answers an acceptor that lacks a part of a stream.
func (r *Runner) streamed(req bus.Request, m event.Message) {
	var p event.Position
	if err := json.Unmarshal(m.Body, &p); err != nil {
		req.Fail(bus.Refused, err.Error())
		return
	}
	if s := r.outlets.find(first(p.Stream)); s != nil {
		if c, ok := s.since(p); ok {
			replyJSON(req, c)
			return
		}
	}
	req.Fail(bus.Refused, "nothing is streamed as "+p.Stream+" here")
}

// resumeWait is how long an acceptor waits for the part of a stream that it lacks.
const resumeWait = 2 * time.Second

// resume asks whoever streams for what comes after a position.
func (r *Runner) resume(from, session string, p event.Position) (c event.Chunk, ok bool) {
	if from == r.spec.Name {
		if s := r.outlets.find(first(p.Stream)); s != nil {
			return s.since(p)
		}
		return c, false
	}
	body, err := json.Marshal(p)
	if err != nil || from == "" {
		return c, false
	}
	ctx, cancel := context.WithTimeout(r.ctx, resumeWait)
	defer cancel()
	reply, err := r.seat.Call(ctx, from, event.Message{Header: event.Header{
		Type: event.TypeStream, Session: session, DataContentType: jsonType,
	}, Body: body}, nil)
	if err != nil || json.Unmarshal(reply.Body, &c) != nil || c.Stream != p.Stream {
		return event.Chunk{}, false
	}
	return c, true
}
