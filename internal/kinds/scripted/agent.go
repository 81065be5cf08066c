package scripted

import (
	"context"
	"errors"
	"slices"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// NewAgent makes an `agent scripted`. Its properties are script, the file, and tools, the components that it may call.
func NewAgent(spec component.Spec) (component.Kind, error) {
	a, err := newActor(spec)
	if err != nil {
		return nil, err
	}
	tools, err := property.Values(spec.Config).Texts("tools")
	if err != nil {
		return nil, err
	}
	return &agent{actor: a, tools: tools}, nil
}

// agent is an actor that calls its tools.
type agent struct {
	*actor
	tools []string
}

func (a *agent) Start(_ context.Context, env component.Env) (component.Traits, error) {
	err := a.load(env, func(call Step) (problem, bool) {
		return errNotATool(call.To, a.tools), !slices.Contains(a.tools, call.To)
	})
	if err != nil {
		return component.Traits{}, err
	}
	return component.Traits{Capabilities: []string{"text", "streaming", "tools"}, Steps: true}, nil
}

func (a *agent) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return a.act(ctx, t.Body, stage{attempt: t.Attempt, chunk: t.Chunk, ask: sends(t.Ask)})
}

// Answer implements component.Answerer: it works on a task of another component as it does on a turn.
func (a *agent) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	text := tool.ParseCall(q.Body).Filled()
	if text == "" {
		text = string(q.Body)
	}
	return a.act(ctx, []byte(text), stage{attempt: 1, chunk: q.Chunk, ask: sends(q.Ask)})
}

// Describe implements component.Describer.
func (a *agent) Describe(context.Context) (component.Result, error) {
	return tool.Description{Type: "scripted", Free: true, Text: "An agent that works on tasks by a script. The action is the task in plain words."}.Result()
}

// sends makes the calls of steps as requests. What stands in a script goes out as it stands; a function goes with it.
func sends(ask func(context.Context, component.Request) (component.Result, error)) asking {
	if ask == nil {
		return nil
	}
	return func(ctx context.Context, s Step, body string) (component.Result, error) {
		q := component.Request{To: s.To, ContentType: tool.Text, Body: []byte(body)}
		switch {
		case s.Func != "":
			c := tool.Call{Action: s.Func, Inputs: tool.ParseCall([]byte(body)).Inputs}
			if !s.Text.json {
				c.Inputs = map[string]any{"input": body}
			}
			q = c.Request(s.To)
		case s.Text.json:
			q.ContentType = tool.JSON
		}
		r, err := ask(ctx, q)
		if err == nil && r.ContentType == tool.Failure {
			return r, errors.New(s.To + ": " + string(r.Body))
		}
		return r, err
	}
}
