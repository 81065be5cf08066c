package event

import (
	"encoding/json"
	"time"
)

// TypeMetrics is the call that every component answers with a metrics snapshot.
const TypeMetrics = "metrics"

// The names of the events that components tell of themselves. Besides, a component of kind k tells of its hops by k.request
// and k.output, see RequestOf and OutputOf.
const (
	EventRegistered     = "component.registered"
	EventReady          = "component.ready"
	EventStateChanged   = "component.state_changed"
	EventHeartbeat      = "component.heartbeat"
	EventError          = "component.error"
	EventFailed         = "component.failed"
	EventDeregistered   = "component.deregistered"
	EventSessionCreated = "session.created"
	EventWorkflow       = "session.workflow_started"
	EventSessionFailed  = "session.failed"
	EventSessionEnded   = "session.ended"
	EventBreakerChanged = "breaker.state_changed"
	EventCallBegun      = "call.begun"
	EventCallEnded      = "call.ended"
	EventEmitted        = "component.event"
)

// RequestOf is the name of the event that a component of this kind begins to work on a message.
func RequestOf(kind string) string { return kind + ".request" }

// OutputOf is the name of the event that a component of this kind has a result.
func OutputOf(kind string) string { return kind + ".output" }

// Definition is what is known about an event before one happens. docs/reference/events.md is made of these.
type Definition struct {
	Name    string
	When    string
	Payload any // an empty one; its fields are tagged with their JSON names and with what they mean
}

// Definitions lists every event of a component of this kind.
func Definitions(kind string) []Definition {
	return []Definition{
		{EventRegistered, "An instance has taken its place on the bus; it does not take messages yet.", Registered{}},
		{EventReady, "A component can take messages. Who subscribes later hears it first.", Ready{}},
		{EventStateChanged, "A component is in another state; ready and active change places at most 4 times a second.", StateChanged{}},
		{EventHeartbeat, "An instance lives and is as busy as this; every heartbeat_interval, while somebody listens.", Beat{}},
		{EventError, "A message could not be handled, or the component ends because of an error.", Failure{}},
		{EventFailed, "An instance ends because of an error. One that is killed cannot tell: its record and its lease do.", Gone{}},
		{EventDeregistered, "An instance leaves the bus in order.", Gone{}},
		{EventSessionCreated, "The first turn of a session was accepted.", SessionCreated{}},
		{EventWorkflow, "The first turn of a session is on its way, through these components.", Workflow{}},
		{EventSessionFailed, "A turn of a session could not be answered: a component failed and nothing could take its place.", SessionFailed{}},
		{EventSessionEnded, "A session was ended by hand.", SessionEnded{}},
		{EventBreakerChanged, "A circuit breaker opened, closed, or lets a probe through.", BreakerChanged{}},
		{EventEmitted, "A component of the user's tells something of its own.", Emitted{}},
		{EventCallBegun, "A component asks another one, as a step of a turn: an agent calls a tool or its model.", CallBegun{}},
		{EventCallEnded, "The answer to such a request is here, or it failed.", CallEnded{}},
		{RequestOf(kind), "A component begins to work on a message or a call.", HopRequest{}},
		{OutputOf(kind), "A component has the result of a message or a call.", HopOutput{}},
	}
}

// Ready is the payload of component.ready.
type Ready struct {
	ComponentID   string  `json:"component_id" doc:"the instance"`
	Name          string  `json:"name" doc:"the component in the .ww file"`
	ComponentType string  `json:"component_type" doc:"its kind, as in input or llm"`
	Type          string  `json:"type" doc:"its type, as in command_line"`
	Generation    int     `json:"generation" doc:"of its configuration"`
	Restarts      int     `json:"restarts" doc:"how often it was started again"`
	Timestamp     float64 `json:"timestamp" doc:"seconds since 1970"`
}

// Registered is the payload of component.registered.
type Registered struct {
	ComponentID   string  `json:"component_id" doc:"the instance"`
	Name          string  `json:"name" doc:"the component in the .ww file"`
	ComponentType string  `json:"component_type" doc:"its kind, as in input or llm"`
	Type          string  `json:"type" doc:"its type, as in command_line"`
	State         string  `json:"state" doc:"initializing"`
	Ordinal       int     `json:"ordinal" doc:"0, 1, … among the instances of the component"`
	Generation    int     `json:"generation" doc:"of its configuration"`
	ProcessID     int     `json:"process_id" doc:"of its runner"`
	Timestamp     float64 `json:"timestamp" doc:"seconds since 1970"`
}

// Beat is the payload of component.heartbeat.
type Beat struct {
	ComponentID string  `json:"component_id" doc:"the instance"`
	State       string  `json:"state" doc:"ready, active or shutting_down"`
	CurrentLoad int     `json:"current_load" doc:"turns and requests that run"`
	Max         int     `json:"max_concurrent" doc:"how many may run"`
	Queued      int     `json:"queued" doc:"messages that wait"`
	AvgTime     float64 `json:"avg_processing_time" doc:"seconds, the moving average"`
	SuccessRate float64 `json:"success_rate" doc:"0 to 1, the moving average"`
	Timestamp   float64 `json:"timestamp" doc:"seconds since 1970"`
}

// Gone is the payload of component.failed and component.deregistered.
type Gone struct {
	ComponentID   string  `json:"component_id" doc:"the instance"`
	Name          string  `json:"name" doc:"the component in the .ww file"`
	ComponentType string  `json:"component_type" doc:"its kind"`
	Reason        string  `json:"reason,omitempty" doc:"why"`
	Timestamp     float64 `json:"timestamp" doc:"seconds since 1970"`
}

// StateChanged is the payload of component.state_changed.
type StateChanged struct {
	ComponentID string  `json:"component_id" doc:"the instance"`
	OldState    string  `json:"old_state" doc:"initializing, ready, active, shutting_down or failed"`
	NewState    string  `json:"new_state" doc:"the same"`
	Timestamp   float64 `json:"timestamp" doc:"seconds since 1970"`
}

// Failure is the payload of component.error.
type Failure struct {
	ComponentID   string      `json:"component_id" doc:"the instance"`
	SessionID     string      `json:"session_id,omitempty" doc:"of the message; absent when no message failed"`
	Turn          string      `json:"turn,omitempty" doc:"of the message"`
	Error         string      `json:"error" doc:"what went wrong"`
	OriginalEvent *HopRequest `json:"original_event,omitempty" doc:"the message, as in the event that it began"`
	Timestamp     float64     `json:"timestamp" doc:"seconds since 1970"`
}

// SessionCreated is the payload of session.created.
type SessionCreated struct {
	SessionID       string  `json:"session_id" doc:"the new session"`
	Turn            string  `json:"turn" doc:"its first turn"`
	SourceComponent string  `json:"source_component" doc:"the component that accepted it"`
	Timestamp       float64 `json:"timestamp" doc:"seconds since 1970"`
}

// Workflow is the payload of session.workflow_started.
type Workflow struct {
	SessionID       string   `json:"session_id" doc:"the session"`
	Turn            string   `json:"turn" doc:"its first turn"`
	ComponentChain  []string `json:"component_chain" doc:"the components, from the one that accepted the turn on"`
	Fixed           bool     `json:"fixed" doc:"the session was created with this chain; else it is what the .ww file connects"`
	SourceComponent string   `json:"source_component" doc:"the component that accepted it"`
	Timestamp       float64  `json:"timestamp" doc:"seconds since 1970"`
}

// SessionFailed is the payload of session.failed.
type SessionFailed struct {
	SessionID       string  `json:"session_id" doc:"the session; it goes on with its next turn"`
	Turn            string  `json:"turn" doc:"the turn that was not answered"`
	Status          string  `json:"status" doc:"dead_letter or timeout"`
	Error           string  `json:"error" doc:"why"`
	FailedComponent string  `json:"failed_component,omitempty" doc:"where it got to, if that is known"`
	Timestamp       float64 `json:"timestamp" doc:"seconds since 1970"`
}

// SessionEnded is the payload of session.ended.
type SessionEnded struct {
	SessionID string  `json:"session_id" doc:"the session; its next turn begins without its history"`
	Timestamp float64 `json:"timestamp" doc:"seconds since 1970"`
}

// BreakerChanged is the payload of breaker.state_changed.
type BreakerChanged struct {
	ComponentID string  `json:"component_id" doc:"the instance that calls"`
	Target      string  `json:"target" doc:"the component that is called"`
	Type        string  `json:"type" doc:"the type of request"`
	OldState    string  `json:"old_state" doc:"closed, open, half-open, forced open or forced closed"`
	NewState    string  `json:"new_state" doc:"the same"`
	Reason      string  `json:"reason,omitempty" doc:"why"`
	By          string  `json:"by,omitempty" doc:"who ordered it, if somebody did"`
	Timestamp   float64 `json:"timestamp" doc:"seconds since 1970"`
}

// Emitted is the payload of component.event.
type Emitted struct {
	ComponentID string          `json:"component_id" doc:"the instance"`
	SessionID   string          `json:"session_id,omitempty" doc:"what it belongs to, when that was said"`
	Event       string          `json:"event" doc:"its name"`
	Data        json.RawMessage `json:"data,omitempty" doc:"whatever it carries"`
	Timestamp   float64         `json:"timestamp" doc:"seconds since 1970"`
}

// CallBegun is the payload of call.begun.
type CallBegun struct {
	CallID          string  `json:"call_id" doc:"the same whenever the step runs again"`
	SessionID       string  `json:"session_id" doc:"of the turn"`
	Turn            string  `json:"turn" doc:"the turn"`
	SourceComponent string  `json:"source_component" doc:"who asks"`
	Target          string  `json:"target" doc:"the component that is asked"`
	Type            string  `json:"type" doc:"of the request; process_request for a tool"`
	Data            string  `json:"data" doc:"the request"`
	Truncated       bool    `json:"truncated,omitempty" doc:"data is only the first 64 KiB"`
	Timestamp       float64 `json:"timestamp" doc:"seconds since 1970"`
}

// CallEnded is the payload of call.ended.
type CallEnded struct {
	CallID          string  `json:"call_id" doc:"as in call.begun"`
	SessionID       string  `json:"session_id" doc:"of the turn"`
	Turn            string  `json:"turn" doc:"the turn"`
	SourceComponent string  `json:"source_component" doc:"who asked"`
	Target          string  `json:"target" doc:"the component that was asked"`
	ContentType     string  `json:"content_type,omitempty" doc:"of the answer; text/x-ww-failure: the tool says that it could not"`
	Result          string  `json:"result,omitempty" doc:"the answer"`
	Truncated       bool    `json:"truncated,omitempty" doc:"result is only the first 64 KiB"`
	Fallback        string  `json:"fallback,omitempty" doc:"which fallback answered, when the target did not"`
	Error           string  `json:"error,omitempty" doc:"why there is no answer"`
	TookMS          float64 `json:"took_ms" doc:"from the request to the answer"`
	Timestamp       float64 `json:"timestamp" doc:"seconds since 1970"`
}

// HopRequest is the payload of <kind>.request.
type HopRequest struct {
	ComponentID     string  `json:"component_id" doc:"the instance that works"`
	SessionID       string  `json:"session_id" doc:"of the message"`
	Turn            string  `json:"turn" doc:"of the message"`
	SourceComponent string  `json:"source_component,omitempty" doc:"who sent it; absent at the component that accepted the turn"`
	Type            string  `json:"type" doc:"of the message, as in chain.text"`
	Attempt         int     `json:"attempt,omitempty" doc:"1 for the first run"`
	Data            string  `json:"data" doc:"what came in"`
	Truncated       bool    `json:"truncated,omitempty" doc:"data is only the first 64 KiB"`
	Timestamp       float64 `json:"timestamp" doc:"seconds since 1970"`
}

// HopOutput is the payload of <kind>.output.
type HopOutput struct {
	ComponentID     string  `json:"component_id" doc:"the instance that worked"`
	SessionID       string  `json:"session_id" doc:"of the message"`
	Turn            string  `json:"turn" doc:"of the message"`
	SourceComponent string  `json:"source_component" doc:"the component that worked"`
	Result          string  `json:"result" doc:"what came out"`
	Truncated       bool    `json:"truncated,omitempty" doc:"result is only the first 64 KiB"`
	ServiceMS       float64 `json:"service_ms" doc:"how long it worked"`
	Timestamp       float64 `json:"timestamp" doc:"seconds since 1970"`
}

// maxEventText bounds the text in an event: events are for looking, the message itself travels elsewhere.
const maxEventText = 64 << 10

// EventText is a body as it stands in an event.
func EventText(body []byte) (text string, truncated bool) {
	if len(body) <= maxEventText {
		return string(body), false
	}
	return cut(string(body[:maxEventText+1]), maxEventText), true
}

// Stamp is a time as it stands in an event.
func Stamp(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// Payload is a payload as the body of an event.
func Payload(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("event: a payload is plain data: " + err.Error())
	}
	return b
}
