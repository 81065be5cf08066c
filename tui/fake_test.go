package tui

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/graph"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/order"
)

// fake is a running app that does what a test says.
type fake struct {
	snap     state.State
	events   chan []state.Event
	sent     chan string // every text that was submitted
	restarts chan string
	canceled chan string
	said     chan string
	breakers []state.Breaker
	logs     string
	refuse   func(text string) error
	turns    atomic.Int32
	start    time.Time
}

func newFake() *fake {
	start := time.Now()
	beat := func(name, kind, typ string, pid int, w state.Word) state.Component {
		return state.Component{
			Name: name, Instance: name + "-k3q9", Kind: kind, Type: typ, State: w, PIDs: state.PIDs{Runner: pid},
			Max: 10, SuccessRate: 1, HeartbeatAt: start, Generation: 1,
		}
	}
	f := &fake{events: make(chan []state.Event, 64), sent: make(chan string, 64), restarts: make(chan string, 64), canceled: make(chan string, 64), said: make(chan string, 64), start: start}
	f.refuse = func(string) error { return nil }
	f.snap = state.State{
		App: "hello", Session: "s-7f2a", StartedAt: start, Generation: 1, Ready: true, Supervisor: true,
		Components: []state.Component{
			beat("brain", "llm", "scripted", 41207, state.Ready),
			beat("in", "input", "command_line", 41203, state.Ready),
			beat("out", "output", "console", 41211, state.Ready),
		},
	}
	return f
}

func (f *fake) Subscribe(context.Context) (state.State, <-chan []state.Event) {
	return f.snap.Clone(), f.events
}

func (f *fake) Send(_ context.Context, session, text string) (string, error) {
	if err := f.refuse(text); err != nil {
		f.sent <- text
		return "", err
	}
	id := fmt.Sprint(f.turns.Add(1))
	f.events <- []state.Event{state.TurnStarted{Turn: state.Turn{ID: id, Session: session, Text: text, StartedAt: time.Now()}}}
	f.sent <- text
	return id, nil
}

func (f *fake) Restart(_ context.Context, name string) error {
	f.restarts <- name
	return nil
}

func (f *fake) Start(_ context.Context, name string) error {
	f.restarts <- "start " + name
	return nil
}

func (f *fake) Stop(_ context.Context, name string) error {
	f.restarts <- "stop " + name
	return nil
}

func (f *fake) ReloadFiles(context.Context) (string, error) { return "nothing has changed", nil }

func (f *fake) Sessions(context.Context) ([]state.Talk, error) {
	return []state.Talk{{ID: f.snap.Session, Turns: 2, Used: f.start}, {ID: "s-old1", Turns: 3, Used: f.start.Add(-time.Hour), Last: "and yesterday?"}}, nil
}

func (f *fake) Talk(_ context.Context, session string) error {
	if session == "" {
		session = "s-new1"
	}
	f.events <- []state.Event{state.Talks{Session: session}}
	return nil
}

func (f *fake) Overhear(context.Context) error { return nil }

func (f *fake) Messages(_ context.Context, session, turn string) (string, error) {
	return "1 in to brain\n  what is the weather in " + session + " " + turn + "?\n", nil
}

func (f *fake) Recording(context.Context, string, string) (string, error) { return "{}\n", nil }

func (f *fake) Replay(ctx context.Context, o order.Replay) (string, error) {
	if o.Session == "endless" {
		<-ctx.Done()
		return "", ctx.Err()
	}
	return fmt.Sprintf("replayed %s %s %s %s %d\n", o.How, o.Session, o.Turn, o.Component, o.Nth), nil
}

func (f *fake) Cancel(_ context.Context, _, turn string) error {
	f.canceled <- turn
	return nil
}

func (f *fake) Say(_ context.Context, _ string, a event.UserAnswer) error {
	f.said <- a.ID + "=" + a.Text
	return nil
}

func (f *fake) Why(_ context.Context, name, _ string) ([]state.Entry, error) {
	return []state.Entry{
		{Label: "why", Text: "exit status 1: no module named 'sqlite_vec'"},
		{Label: "last lines", Text: "│ Traceback (most recent call last):"},
		{Text: "│   import sqlite_vec"},
		{Label: "last in", Text: `text from brain, 3 s ago, turn 12: "umbrella"`},
		{Label: "waiting", Text: "2 messages wait for it, none is lost"},
		{Label: "restarts", Text: "5, the last after: exit status 1, next try in 4.0 s"},
		{Label: "what to do", Text: "save a file that it needs, or: ww restart " + name},
	}, nil
}

func (f *fake) Chaos(_ context.Context, do, name, from string) error {
	if from != "" {
		name = from + " to " + name
	}
	f.restarts <- do + " " + name
	return nil
}

func (f *fake) Breakers(context.Context) ([]state.Breaker, error) { return f.breakers, nil }

func (f *fake) OrderBreakers(_ context.Context, do, target, _ string) error {
	f.restarts <- do + " " + target
	return nil
}

func (f *fake) Logs() string { return f.logs }

func (f *fake) LogsAbout(session, turn string, q *logbuf.Query) error {
	q.Only = func(l logbuf.Line) bool { return strings.Contains(l.Text, session+turn) }
	return nil
}

func (f *fake) Listen(ctx context.Context, take func(event.Message)) error {
	take(event.Message{Header: event.Header{Type: event.EventReady, Source: "brain"}, Body: []byte(`{"name":"brain"}`)})
	<-ctx.Done()
	return nil
}

func (f *fake) Graph() graph.Graph {
	return graph.Graph{
		Nodes: []graph.Node{{Name: "in", Kind: "input command_line"}, {Name: "brain", Kind: "llm scripted"}, {Name: "out", Kind: "output console"}},
		Edges: []graph.Edge{{From: "in", To: "brain", Label: "to", Chain: true}, {From: "brain", To: "out", Label: "to", Chain: true}},
	}
}

func (f *fake) Config() (string, error) { return "brain = {\n  \"kind\": \"llm\"\n}\n", nil }

// stream sends a piece of turn's answer.
func (f *fake) stream(turn string, offset int, text string) {
	f.events <- []state.Event{state.TurnChunk{Turn: turn, Chunk: event.Chunk{Stream: turn + "/brain/1", Offset: offset, Text: text}}}
}

func (f *fake) end(turn string, status event.Status, answer, problem string) {
	hops := []event.Hop{{Component: "in"}, {Component: "brain", Error: problem}}
	f.events <- []state.Event{state.TurnEnded{At: time.Now(), End: event.End{Turn: turn, Session: "s-7f2a", Status: status, Answer: answer, Error: problem, Hops: hops}}}
}
