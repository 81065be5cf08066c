// Package events lets a component tell the app's hooks and pipes what happens in it. Hooks hear of it beside the work and
// cannot delay it; pipes are asked one after the other, as steps of the turn, and may change what goes on.
package events

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
)

// The events that hooks and pipes are used with. Their names are free: one that nobody tells never happens.
const (
	InputReceived     = "input.received"
	Thought           = "agent.thought"
	Action            = "agent.action"
	ToolCall          = "tool.call"
	Observation       = "tool.observation"
	StepComplete      = "agent.step_complete"
	AgentError        = "agent.error"
	AgentResponse     = "agent.response"
	ComponentResponse = "component.response"
	UserInputRequest  = "user.input.request"
	UserInputResponse = "user.input.response"
)

// The requests that the owner of a Python file answers. Their body is a [Delivery].
const (
	TypeHook = "script.hook"
	TypePipe = "script.pipe"
)

// Delivery is an event on its way to functions of one file.
type Delivery struct {
	File      string          `json:"file"`
	Functions []string        `json:"functions"`
	Event     string          `json:"event"`
	Session   string          `json:"session"`
	Dropped   int             `json:"dropped,omitempty"` // of a hook: how many before it were
	Payload   json.RawMessage `json:"payload"`
}

// Turn is the work that an event belongs to.
type Turn struct {
	ID, Session string
	Acceptor    string
	Ask         func(context.Context, component.Request) (component.Result, error) // as a step of it
}

// Teller tells the events of one component.
type Teller struct {
	env   component.Env
	hooks map[string][]component.Listener // by event, in the order of construction
	pipes map[string][]component.Listener
	lanes map[lane]*queue
	now   func() time.Time
}

// New makes a teller. Close ends it.
func New(env component.Env) *Teller {
	t := &Teller{
		env: env, hooks: map[string][]component.Listener{}, pipes: map[string][]component.Listener{}, lanes: map[lane]*queue{},
		now: time.Now,
	}
	for _, l := range env.Spec.Listeners {
		if l.Pipe {
			t.pipes[l.Event] = append(t.pipes[l.Event], l)
			continue
		}
		t.hooks[l.Event] = append(t.hooks[l.Event], l)
		at := lane{l.Owner, l.File}
		if t.lanes[at] == nil {
			t.lanes[at] = startQueue(env, at)
		}
	}
	return t
}

// Close lets hooks hear what waits for them, and ends.
func (t *Teller) Close(ctx context.Context) {
	for _, q := range t.lanes {
		q.close(ctx)
	}
}

// Wanted reports whether anybody listens.
func (t *Teller) Wanted(name string) bool { return len(t.hooks[name])+len(t.pipes[name]) > 0 }

// Tell is one event: hooks hear of it as it is, then the pipes make of it what comes back. An error ends the turn: a pipe
// could not be asked, and what it would have changed must not go on unchanged.
func (t *Teller) Tell(ctx context.Context, turn Turn, name string, fields map[string]any) (map[string]any, error) {
	if !t.Wanted(name) {
		return fields, nil
	}
	raw, err := t.Hear(turn.Session, name, fields)
	if err != nil {
		return nil, err
	}
	for _, l := range t.hooks[name] {
		t.lanes[lane{l.Owner, l.File}].settle(ctx)
	}
	if len(t.pipes[name]) == 0 {
		return fields, nil
	}
	if raw, err = t.pipe(ctx, turn, name, raw); err != nil {
		return nil, err
	}
	var changed map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // numbers stay as they were written
	if err := d.Decode(&changed); err != nil {
		return nil, fmt.Errorf("%s: what the pipes made of it cannot be read: %w", name, err)
	}
	return changed, nil
}

// Hear is one event for the hooks alone: nobody may change it, and nobody waits for it. It returns what they are told.
func (t *Teller) Hear(session, name string, fields map[string]any) (json.RawMessage, error) {
	payload := make(map[string]any, len(fields)+3)
	payload["timestamp"] = float64(t.now().UnixMicro()) / 1e6
	payload["component_id"], payload["component_type"] = t.env.Spec.Name, t.env.Spec.Kind
	for k, v := range fields {
		payload[k] = v
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, l := range t.hooks[name] {
		t.lanes[lane{l.Owner, l.File}].put(Delivery{File: l.File, Functions: []string{l.Function}, Event: name, Session: session, Payload: raw})
	}
	return raw, nil
}

// pipe asks the pipes of an event in order. Those of one file that follow each other are asked at once.
func (t *Teller) pipe(ctx context.Context, turn Turn, name string, raw json.RawMessage) (json.RawMessage, error) {
	list := t.pipes[name]
	for i := 0; i < len(list); {
		d := Delivery{File: list[i].File, Event: name, Session: turn.Session, Payload: raw}
		owner := list[i].Owner
		for ; i < len(list) && list[i].File == d.File && list[i].Owner == owner; i++ {
			d.Functions = append(d.Functions, list[i].Function)
		}
		body, err := json.Marshal(d)
		if err != nil {
			return nil, err
		}
		res, err := turn.Ask(ctx, component.Request{To: owner, Type: TypePipe, ContentType: "application/json", Body: body, OnUnknown: component.RetryUnknown})
		if err != nil {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			return nil, errPipe(name, d, err)
		}
		raw = res.Body
	}
	return raw, nil
}
