package engine

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
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
	CallScale   = event.TypeControl + "scale"   // body: a Scaling; → Status when every new instance is ready
	CallReload  = event.TypeControl + "reload"  // body: a ReloadOrder; → Reloaded when the new instances serve
)

// Status is how the app is, as its supervisor sees it.
type Status struct {
	PID       int           `json:"pid"`
	StartedAt time.Time     `json:"started_at"`
	Ready     bool          `json:"ready"`
	ReadyMS   int64         `json:"ready_ms"` // from start to READY; 0 until then
	Stopping  bool          `json:"stopping"`
	Rows      []Row         `json:"components"`
	Faults    []state.Fault `json:"faults,omitempty"` // practice faults that are on
	Beats     []Beat        `json:"beats,omitempty"`

	// What a screen elsewhere shows of files and reloads.
	Refused  string       `json:"refused,omitempty"` // why the files as they are now are not what runs
	Plan     string       `json:"plan,omitempty"`
	Mode     string       `json:"mode,omitempty"`      // who hands messages on
	ModeNote string       `json:"mode_note,omitempty"` // what is not promised then
	Notice   string       `json:"notice,omitempty"`
	Problems diag.List    `json:"problems,omitempty"`
	Sources  diag.Sources `json:"sources,omitempty"`
}

// Beat is how an instance was when it said so last.
type Beat struct {
	Name     string       `json:"name"`
	Instance string       `json:"instance"`
	AgeMS    int64        `json:"age_ms"`
	Health   event.Health `json:"health"`
}

// Scaling is the body of CallScale.
type Scaling struct {
	Name     string `json:"name"`
	Replicas int    `json:"replicas"`
}

// ReloadOrder is the body of CallReload.
type ReloadOrder struct {
	DryRun bool `json:"dry_run"` // only say what would be done
}

// Step is what a reload does with one component, and why.
type Step struct {
	Op        string `json:"op"` // live, replace, add, remove
	Component string `json:"component"`
	Cause     string `json:"cause"`
}

// Reloaded answers CallReload.
type Reloaded struct {
	Generation int    `json:"generation"` // that the app runs now
	Changed    bool   `json:"changed"`
	Steps      []Step `json:"steps"` // without those that stay the same
	Error      string `json:"error,omitempty"`
	// Problems is what is wrong with the files, for people.
	Problems string `json:"problems,omitempty"`
	Broken   bool   `json:"broken,omitempty"` // the files are wrong: what ww check says
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
			reply(req, measured(req.Context(), &e.meter, Rows(e.Picture(), time.Now())))
		}()
	case event.TypeMetrics:
		reply(req, e.counted())
	case CallStatus:
		reply(req, e.status())
	case CallDown:
		reply(req, e.status())
		e.downed.Do(func() { close(e.down) })
	case CallFault:
		go e.orderFaults(req)
	case CallChaos:
		go e.chaosFor(req)
	case CallRestart:
		go e.orderFor(req, e.Restart, true)
	case CallStart:
		go e.orderFor(req, e.Start, true)
	case CallStop:
		go e.orderFor(req, e.Stop, false)
	case CallScale:
		go e.scaleFor(req)
	case CallReload:
		go e.reloadFor(req)
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

func (e *Engine) scaleFor(req bus.Request) {
	var s Scaling
	err := json.Unmarshal(req.Message().Body, &s)
	if err == nil {
		err = e.Scale(req.Context(), s.Name, s.Replicas)
	}
	if err != nil {
		req.Fail(bus.Refused, err.Error())
		return
	}
	reply(req, e.status())
}

// reloadFor outlives whoever asked: a reload that has begun goes on.
func (e *Engine) reloadFor(req bus.Request) {
	var o ReloadOrder
	if err := json.Unmarshal(req.Message().Body, &o); err != nil {
		req.Fail(bus.Refused, err.Error())
		return
	}
	r, err := e.Reload(e.living, o.DryRun)
	answer := Reloaded{Generation: r.Generation, Changed: r.Changed, Steps: []Step{}}
	for _, s := range changing(r.Plan) {
		answer.Steps = append(answer.Steps, Step{Op: string(s.Op), Component: s.Component, Cause: s.Cause})
	}
	var broken *BrokenError
	if errors.As(err, &broken) {
		var text strings.Builder
		_ = diag.Write(&text, broken.Sources, broken.Problems, 0, false) // a Builder takes everything
		answer.Problems, answer.Broken = text.String(), true
	}
	if err != nil {
		answer.Error = err.Error()
	}
	reply(req, answer)
}

func (e *Engine) status() Status {
	s := e.Picture()
	st := Status{PID: os.Getpid(), StartedAt: s.StartedAt, Ready: s.Ready, Stopping: s.Stopping, Faults: s.Faults, Rows: Rows(s, time.Now())}
	st.Mode, st.ModeNote = s.Mode, s.ModeNote
	st.Plan, st.Notice, st.Problems, st.Sources = s.Plan, s.Notice, s.Diagnostics, s.Sources
	if why := e.refused.Load(); why != nil {
		st.Refused = *why
	}
	for _, c := range s.Components {
		if c.HeartbeatAt.IsZero() || c.PIDs.Runner == 0 {
			continue
		}
		st.Beats = append(st.Beats, Beat{Name: c.Name, Instance: c.Instance, AgeMS: time.Since(c.HeartbeatAt).Milliseconds(), Health: event.Health{
			InFlight: c.InFlight, Max: c.Max, Queued: c.Queued, SuccessRate: c.SuccessRate, Breakers: c.Breakers,
			OldestAgeMS: c.Pace.OldestAge.Milliseconds(), AvgServiceMS: float64(c.Pace.Service.Microseconds()) / 1000,
		}})
	}
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
