package component

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/woodwork-lang/ww/breaker"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fanout"
)

// statePause is the least time between two announcements that a component is ready or active.
const statePause = 250 * time.Millisecond

// eventsGrace is how long subscribers may take over what waits for them at the end.
const eventsGrace = time.Second

// busSubscriber is the name of the subscriber that publishes every event on the bus.
const busSubscriber = "bus"

// events are what a runner tells of itself. What nobody hears is not made.
type events struct {
	fan             atomic.Pointer[fanout.Fanout]
	hooked          bool // somebody in this process listens
	request, output string
	shown           shownState
}

// shownState is the state that was told last.
type shownState struct {
	mu     sync.Mutex
	last   string
	at     time.Time
	timer  *time.Timer
	closed bool
}

// openEvents begins to tell: to the bus, and to the hooks in this process.
func (r *Runner) openEvents(hooks []fanout.Subscriber) error {
	var topics []string
	for _, d := range event.Definitions(r.spec.Kind) {
		topics = append(topics, d.Name)
	}
	report := func(e *fanout.PanicError) {
		r.log.Error("panic", "subscriber", e.Subscriber, "event", e.Topic, "value", e.Value, "stack", string(e.Stack))
	}
	all := append([]fanout.Subscriber{{Name: busSubscriber, Pattern: ">", Handle: r.seat.Publish}}, hooks...)
	fan, err := fanout.New(topics, report, all...)
	if err != nil {
		return err
	}
	r.events.hooked = len(hooks) > 0
	r.events.fan.Store(fan)
	return nil
}

// closeEvents lets subscribers hear what has happened.
func (r *Runner) closeEvents() {
	s := &r.events.shown
	s.mu.Lock()
	s.closed = true
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), eventsGrace)
	defer cancel()
	if err := r.events.fan.Load().Close(ctx); err != nil {
		r.log.Warn("closing the events", "error", err)
	}
}

// heard says whether an event of this type has a listener.
func (r *Runner) heard(typ string) bool {
	return r.events.fan.Load() != nil && (r.events.hooked || r.seat.Heard(typ))
}

// emit tells an event. It never waits.
func (r *Runner) emit(h event.Header, payload any) {
	fan := r.events.fan.Load()
	if fan == nil {
		return
	}
	h.ID, h.Source, h.DataContentType = rand.Text(), r.spec.Name, jsonType
	if err := fan.Emit(event.Message{Header: h, Body: event.Payload(payload)}); err != nil && !errors.Is(err, fanout.ErrClosed) {
		r.log.Warn("an event was not told", "event", h.Type, "error", err)
	}
}

// tellReady is heard by whoever subscribes later, too; so it is always told.
func (r *Runner) tellReady() {
	r.emit(event.Header{Type: event.EventReady}, event.Ready{
		ComponentID: r.spec.Instance, Name: r.spec.Name, ComponentType: r.spec.Kind, Type: r.spec.Type,
		Generation: r.spec.Generation, Restarts: r.spec.Restarts, Timestamp: event.Stamp(time.Now()),
	})
}

// stateNow is the state with its load: a component that is ready and works is active.
func (r *Runner) stateNow() string {
	s := *r.state.Load()
	if s == StateReady && r.slots.inFlight() > 0 {
		return stateActive
	}
	return s
}

// tellLoad tells whether the component has become ready or active, when somebody wants to know.
func (r *Runner) tellLoad() {
	if r.heard(event.EventStateChanged) {
		r.tellState(statePause)
	}
}

// tellState tells the state if it is another one than the last; when that was told less than pause ago, later.
func (r *Runner) tellState(pause time.Duration) {
	s := &r.events.shown
	s.mu.Lock()
	defer s.mu.Unlock()
	now, state := time.Now(), r.stateNow()
	if s.closed || s.timer != nil && pause > 0 || state == s.last {
		return
	}
	if wait := s.at.Add(pause).Sub(now); wait > 0 {
		s.timer = time.AfterFunc(wait, r.tellStateLate)
		return
	}
	old := s.last
	s.last, s.at = state, now
	if old != "" && r.heard(event.EventStateChanged) {
		r.emit(event.Header{Type: event.EventStateChanged}, event.StateChanged{
			ComponentID: r.spec.Instance, OldState: old, NewState: state, Timestamp: event.Stamp(now),
		})
	}
}

// tellStateLate tells what the state has come to after a pause.
func (r *Runner) tellStateLate() {
	r.events.shown.mu.Lock()
	r.events.shown.timer = nil
	r.events.shown.mu.Unlock()
	r.tellState(statePause)
}

// hopHeader is the header of an event about a message.
func hopHeader(typ string, m *event.Message) event.Header {
	return event.Header{Type: typ, Turn: m.Turn, Session: m.Session, TraceParent: m.TraceParent}
}

// tellRequest tells that the work on a message begins.
func (r *Runner) tellRequest(m *event.Message) {
	if r.heard(r.events.request) {
		r.emit(hopHeader(r.events.request, m), r.requestOf(m))
	}
}

func (r *Runner) requestOf(m *event.Message) event.HopRequest {
	data, cut := event.EventText(m.Body)
	return event.HopRequest{
		ComponentID: r.spec.Instance, SessionID: m.Session, Turn: m.Turn, SourceComponent: m.Source, Type: m.Type,
		Attempt: m.Attempt, Data: data, Truncated: cut, Timestamp: event.Stamp(time.Now()),
	}
}

// tellOutcome tells the result of a message, or its failure.
func (r *Runner) tellOutcome(m *event.Message, o delivery.Outcome, took time.Duration) {
	switch {
	case o.Err != "":
		r.tellFailure(m, o.Err)
	case r.heard(r.events.output):
		result, cut := event.EventText(o.Body)
		r.emit(hopHeader(r.events.output, m), event.HopOutput{
			ComponentID: r.spec.Instance, SessionID: m.Session, Turn: m.Turn, SourceComponent: r.spec.Name, Result: result,
			Truncated: cut, ServiceMS: float64(took.Microseconds()) / 1000, Timestamp: event.Stamp(time.Now()),
		})
	}
}

// tellCall tells that a step of a turn asks another component.
func (r *Runner) tellCall(m *event.Message) {
	if !r.heard(event.EventCallBegun) {
		return
	}
	data, cut := event.EventText(m.Body)
	r.emit(hopHeader(event.EventCallBegun, m), event.CallBegun{
		CallID: m.ID, SessionID: m.Session, Turn: m.Turn, SourceComponent: r.spec.Name, Target: m.Subject, Type: m.Type,
		Data: data, Truncated: cut, Timestamp: event.Stamp(time.Now()),
	})
}

// tellAnswer tells what came of it.
func (r *Runner) tellAnswer(m, reply *event.Message, failure error, took time.Duration) {
	if !r.heard(event.EventCallEnded) {
		return
	}
	e := event.CallEnded{
		CallID: m.ID, SessionID: m.Session, Turn: m.Turn, SourceComponent: r.spec.Name, Target: m.Subject,
		TookMS: float64(took.Microseconds()) / 1000, Timestamp: event.Stamp(time.Now()),
	}
	if failure != nil {
		e.Error = failure.Error()
	} else {
		e.ContentType, e.Fallback = reply.DataContentType, reply.Fallback
		e.Result, e.Truncated = event.EventText(reply.Body)
	}
	r.emit(hopHeader(event.EventCallEnded, m), e)
}

// tellFailure tells an error; m is nil when it is the whole component's.
func (r *Runner) tellFailure(m *event.Message, reason string) {
	if !r.heard(event.EventError) {
		return
	}
	f := event.Failure{ComponentID: r.spec.Instance, Error: reason, Timestamp: event.Stamp(time.Now())}
	h := event.Header{Type: event.EventError}
	if m != nil {
		original := r.requestOf(m)
		f.SessionID, f.Turn, f.OriginalEvent = m.Session, m.Turn, &original
		h = hopHeader(event.EventError, m)
	}
	r.emit(h, f)
}

func (r *Runner) tellSession(m *event.Message) {
	if r.heard(event.EventSessionCreated) {
		r.emit(hopHeader(event.EventSessionCreated, m), event.SessionCreated{
			SessionID: m.Session, Turn: m.Turn, SourceComponent: r.spec.Name, Timestamp: event.Stamp(time.Now()),
		})
	}
}

func (r *Runner) tellBreaker(rt breaker.Route, c breaker.Change) {
	if r.heard(event.EventBreakerChanged) {
		r.emit(event.Header{Type: event.EventBreakerChanged}, event.BreakerChanged{
			ComponentID: r.spec.Instance, Target: rt.Target, Type: rt.Message, OldState: c.From.String(), NewState: c.To.String(),
			Reason: c.Reason, By: c.By, Timestamp: event.Stamp(timeOr(c.At)),
		})
	}
}

// timeOr is a time, or now when it is not known.
func timeOr(t time.Time) time.Time {
	if t.IsZero() {
		return time.Now()
	}
	return t
}

// init sets the names that depend on the component's kind.
func (e *events) init(kind string) {
	kind = cmp.Or(kind, "component")
	e.request, e.output = event.RequestOf(kind), event.OutputOf(kind)
}
