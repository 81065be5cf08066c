package engine

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// controlName is the component name of the control peer; its instance is ww-<4>.
const controlName = "ww"

// The calls that the control peer answers.
const (
	CallPS     = event.TypeControl + "ps"     // → []Row
	CallStatus = event.TypeControl + "status" // → Status
	CallDown   = event.TypeControl + "down"   // → Status; the app ends
	// The body of these names a component or one instance of it ("agent", "agent.1"); → Status when it is done.
	CallRestart = event.TypeControl + "restart" // ready again
	CallStart   = event.TypeControl + "start"   // ready
	CallStop    = event.TypeControl + "stop"    // nothing of it is alive
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
	case CallFault:
		go e.orderFaults(req)
	case CallRestart:
		go e.orderFor(req, e.Restart, true)
	case CallStart:
		go e.orderFor(req, e.Start, true)
	case CallStop:
		go e.orderFor(req, e.Stop, false)
	default:
		req.Fail(bus.UnknownType, "ww dev does not answer "+req.Message().Type)
	}
}

// orderFor carries out an order about instances; the body of the request names them.
func (e *Engine) orderFor(req bus.Request, order func(context.Context, string) error, starts bool) {
	what := string(req.Message().Body)
	err := order(req.Context(), what)
	if err == nil && starts {
		err = e.awaitStart(req.Context(), what)
	}
	if err != nil {
		req.Fail(bus.Refused, err.Error())
		return
	}
	reply(req, e.status())
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
