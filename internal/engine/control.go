package engine

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
)

// controlName is the component name of the control peer; its instance is ww-<4>.
const controlName = "ww"

// The calls that the control peer answers.
const (
	CallPS      = event.TypeControl + "ps"      // → []Row
	CallStatus  = event.TypeControl + "status"  // → Status
	CallDown    = event.TypeControl + "down"    // → Status; the app ends
	CallRestart = event.TypeControl + "restart" // body: the name of the component; → Status when the old process is gone
)

// Status is how the app is, as its supervisor sees it.
type Status struct {
	PID       int       `json:"pid"`
	StartedAt time.Time `json:"started_at"`
	Ready     bool      `json:"ready"`
	ReadyMS   int64     `json:"ready_ms"` // from start to READY; 0 until then
	Stopping  bool      `json:"stopping"`
	Rows      []Row     `json:"components"`
}

// control is the engine's side of the bus. No message between components passes here.
type control Engine

// Accept refuses: the control peer is no hop.
func (c *control) Accept(batch []event.Message) []bus.Verdict {
	v := make([]bus.Verdict, len(batch))
	for i := range v {
		v[i] = bus.Verdict{Code: bus.Refused, Reason: "ww dev takes no turns; send them to an input"}
	}
	return v
}

// Event implements bus.Receiver.
func (c *control) Event(event.Message) {}

// Call answers orders and questions.
func (c *control) Call(req bus.Request) {
	e := (*Engine)(c)
	switch req.Message().Type {
	case CallPS:
		go func() {
			e.freshen(req.Context())
			reply(req, Rows(e.Picture(), time.Now()))
		}()
	case CallStatus:
		reply(req, e.status())
	case CallDown:
		reply(req, e.status())
		e.downed.Do(func() { close(e.down) })
	case CallRestart:
		go e.restartFor(req)
	default:
		req.Fail(bus.UnknownType, "ww dev does not answer "+req.Message().Type)
	}
}

func (e *Engine) restartFor(req bus.Request) {
	if err := e.Restart(req.Context(), string(req.Message().Body)); err != nil {
		req.Fail(bus.Refused, err.Error())
		return
	}
	if c, ok := e.awaitStart(req.Context(), string(req.Message().Body)); ok && c.State == state.Failed {
		req.Fail(bus.Refused, c.Name+" does not start: "+c.Reason)
		return
	}
	reply(req, e.status())
}

// awaitStart waits until a component is ready, or will not be. ok is false when ctx ended first.
func (e *Engine) awaitStart(ctx context.Context, name string) (c state.Component, ok bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, events := e.Subscribe(ctx)
	for {
		for _, c := range s.Components {
			if c.Name == name && (c.State == state.Ready || c.State == state.Active || c.State == state.Failed) {
				return c, true
			}
		}
		batch, more := <-events
		if !more {
			return state.Component{}, false
		}
		for _, ev := range batch {
			s.Apply(ev)
		}
	}
}

func (e *Engine) status() Status {
	s := e.Picture()
	st := Status{PID: os.Getpid(), StartedAt: s.StartedAt, Ready: s.Ready, Stopping: s.Stopping, Rows: Rows(s, time.Now())}
	if s.Ready {
		st.ReadyMS = s.ReadyAt.Sub(s.StartedAt).Milliseconds()
	}
	return st
}

func reply(req bus.Request, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		req.Fail(bus.Refused, err.Error())
		return
	}
	req.Reply(event.Message{Header: event.Header{DataContentType: "application/json"}, Body: body})
}
