package component_test

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// speaker streams a text when it is told to, and ends its turn when the list is closed.
func speaker(say <-chan string) handler {
	return handler{handle: func(_ context.Context, t component.Task) (component.Result, error) {
		text := ""
		for s := range say {
			text += s
			t.Chunk(s)
		}
		return component.Result{Body: []byte(text)}, nil
	}}
}

// awaitFrom awaits turn t1 with what was streamed before.
func (a *app) awaitFrom(have ...event.Position) *request {
	m := event.Message{Header: event.Header{Type: event.TypeAwait, Turn: "t1", Session: "s"}}
	if len(have) > 0 {
		m.Body = event.Payload(have)
	}
	return call(a.t.Context(), a.net.find("in"), m)
}

func (r *request) piece(t *testing.T) event.Chunk {
	t.Helper()
	for m := range r.pushes {
		var c event.Chunk
		if m.Type == event.TypeChunk && json.Unmarshal(m.Body, &c) == nil {
			return c
		}
	}
	return event.Chunk{}
}

func (r *request) hears(t *testing.T, offset int, text string) event.Position {
	t.Helper()
	c := r.piece(t)
	if c.Offset != offset || c.Text != text {
		t.Fatalf("got %q at %d, want %q at %d", c.Text, c.Offset, text, offset)
	}
	return event.Position{Stream: c.Stream, Offset: c.Offset + len(c.Text)}
}

func TestAStreamIsResumedAtAnOffset(t *testing.T) {
	a := newApp(t)
	say := make(chan string)
	in, ag := a.start("in", passing(), "agent"), a.start("agent", speaker(say))
	turn := a.follow(event.TypeAsk, 0)
	say <- "one "
	turn.hears(t, 0, "one ")
	say <- "two "
	at := turn.hears(t, 4, "two ")
	say <- "three "
	turn.hears(t, 8, "three ")
	a.awaitFrom(at).hears(t, 8, "three ")
	a.awaitFrom().hears(t, 0, "one two three ")
	other := event.Position{Stream: "t1/agent/7", Offset: 4}
	late := a.awaitFrom(other) // of a later attempt than the one that runs: it lacks nothing
	say <- "four"
	late.hears(t, 14, "four")
	close(say)
	late.answered(t, "one two three four")
	in.end(t)
	ag.end(t)
}

// TestNobodyFollowedAndThenSomebodyDoes: the acceptor has kept nothing, so it asks who streams.
func TestNobodyFollowedAndThenSomebodyDoes(t *testing.T) {
	a := newApp(t)
	say := make(chan string)
	in, ag := a.start("in", passing(), "agent"), a.start("agent", speaker(say))
	<-a.follow(event.TypeSubmit, 0).reply
	say <- "one "
	say <- "two "
	late := a.awaitFrom()
	say <- "three"
	heard := ""
	for heard != "one two three" {
		c := late.piece(t)
		if c.Offset != len(heard) {
			t.Fatalf("got %q at %d behind %q", c.Text, c.Offset, heard)
		}
		heard += c.Text
	}
	close(say)
	late.answered(t, heard)
	in.end(t)
	ag.end(t)
}

// TestAStreamSurvivesItsAcceptor: the next acceptor knows nothing of what was streamed, and passes on the rest without a
// hole.
func TestAStreamSurvivesItsAcceptor(t *testing.T) {
	a := newApp(t)
	var env atomic.Pointer[component.Env]
	input := passing()
	input.start = mortal(&env)
	say := make(chan string)
	in, ag := a.start("in", input, "agent"), a.start("agent", speaker(say))
	turn := a.follow(event.TypeAsk, 0)
	say <- "one "
	at := turn.hears(t, 0, "one ")
	die(&env)
	in.died(t)
	say <- "two " // nobody hears it
	in = a.start("in", input, "agent")
	turn = a.awaitFrom(at)
	say <- "three"
	heard := ""
	for heard != "one two three" { // where it has come to is known to who asks; its acceptor begins with the beginning
		c := turn.piece(t)
		if c.Offset != len(heard) {
			t.Fatalf("got %q at %d behind %q", c.Text, c.Offset, heard)
		}
		heard += c.Text
	}
	close(say)
	turn.answered(t, heard)
	in.end(t)
	ag.end(t)
}
