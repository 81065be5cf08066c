package component

import (
	"encoding/json"
	"os"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// tellRegistered tells that this instance has its place.
func (r *Runner) tellRegistered() {
	if r.heard(event.EventRegistered) {
		r.emit(event.Header{Type: event.EventRegistered}, event.Registered{
			ComponentID: r.spec.Instance, Name: r.spec.Name, ComponentType: r.spec.Kind, Type: r.spec.Type, State: StateInitializing,
			Ordinal: r.spec.Ordinal, Generation: r.spec.Generation, ProcessID: os.Getpid(), Timestamp: event.Stamp(time.Now()),
		})
	}
}

// tellGone tells that this instance ends: failed, or in order when there is no reason.
func (r *Runner) tellGone(typ, reason string) {
	if r.heard(typ) {
		r.emit(event.Header{Type: typ}, event.Gone{
			ComponentID: r.spec.Instance, Name: r.spec.Name, ComponentType: r.spec.Kind, Reason: reason, Timestamp: event.Stamp(time.Now()),
		})
	}
}

// beat tells how busy this instance is, again and again, while somebody listens.
func (r *Runner) beat(done <-chan struct{}) {
	r.beats.Run(done, func() {
		if !r.heard(event.EventHeartbeat) {
			return
		}
		h := r.Health()
		r.emit(event.Header{Type: event.EventHeartbeat}, event.Beat{
			ComponentID: r.spec.Instance, State: h.State, CurrentLoad: h.InFlight, Max: h.Max, Queued: h.Queued,
			AvgTime: h.AvgServiceMS / 1000, SuccessRate: h.SuccessRate, Timestamp: event.Stamp(time.Now()),
		})
	})
}

// tellWorkflow tells the way of a session's first turn.
func (r *Runner) tellWorkflow(m *event.Message) {
	if !r.heard(event.EventWorkflow) {
		return
	}
	chain, fixed := r.spec.Reach, false
	switch m.Chain {
	case "":
	case event.ChainEnd:
		chain, fixed = nil, true
	default:
		chain, fixed = strings.Split(m.Chain, ","), true
	}
	r.emit(hopHeader(event.EventWorkflow, m), event.Workflow{
		SessionID: m.Session, Turn: m.Turn, ComponentChain: append([]string{r.spec.Name}, chain...), Fixed: fixed,
		SourceComponent: r.spec.Name, Timestamp: event.Stamp(time.Now()),
	})
}

// tellSessionFailed tells of a turn that nobody could answer.
func (r *Runner) tellSessionFailed(end *event.Message) {
	status := event.EndStatus(end)
	if status != event.StatusDead && status != event.StatusTimeout || !r.heard(event.EventSessionFailed) {
		return
	}
	e, err := event.ParseEnd(end)
	if err != nil {
		return // it was just written by us
	}
	at := ""
	if n := len(e.Hops); n > 0 {
		at = e.Hops[n-1].Component
	}
	r.emit(hopHeader(event.EventSessionFailed, end), event.SessionFailed{
		SessionID: end.Session, Turn: end.Turn, Status: string(status), Error: e.Error, FailedComponent: at, Timestamp: event.Stamp(time.Now()),
	})
}

// sessionEnded passes on that a session was ended by hand; its file says so already.
func (r *Runner) sessionEnded(req bus.Request, m event.Message) {
	if r.heard(event.EventSessionEnded) {
		r.emit(event.Header{Type: event.EventSessionEnded, Session: m.Session}, event.SessionEnded{SessionID: m.Session, Timestamp: event.Stamp(time.Now())})
	}
	req.Reply(event.Message{})
}

// tellEmitted is Env.Emit.
func (r *Runner) tellEmitted(session, name string, data json.RawMessage) {
	if r.heard(event.EventEmitted) {
		r.emit(event.Header{Type: event.EventEmitted, Session: session}, event.Emitted{
			ComponentID: r.spec.Instance, SessionID: session, Event: name, Data: data, Timestamp: event.Stamp(time.Now()),
		})
	}
}
