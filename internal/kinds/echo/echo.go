// Package echo is `llm echo`: it answers what it is told. Tests, benches and first steps need a model that is never
// wrong.
package echo

import (
	"context"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// New makes the component of spec. Its one property is delay: how long it thinks.
func New(spec component.Spec) (component.Kind, error) {
	delay, err := property.Values(spec.Config).Duration("delay", 0)
	if err != nil {
		return nil, err
	}
	return &model{delay: delay}, nil
}

type model struct{ delay time.Duration }

// Start says that the component may run where messages are read, unless it has to wait: then it would hold them up.
func (m *model) Start(context.Context, component.Env) (component.Traits, error) {
	return component.Traits{Inline: m.delay == 0, Capabilities: []string{"text"}}, nil
}

func (m *model) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return m.say(ctx, t.ContentType, t.Body)
}

// Answer implements component.Answerer.
func (m *model) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	if c := tool.ParseCall(q.Body); c.Action != "" { // a call of an agent, or plain text
		return m.say(ctx, tool.Text, []byte(c.Filled()))
	}
	return m.say(ctx, q.ContentType, q.Body)
}

// Describe implements component.Describer.
func (m *model) Describe(context.Context) (component.Result, error) {
	return tool.Description{Type: "echo", Free: true, Text: "Answers with the text it gets, which is the action."}.Result()
}

func (m *model) say(ctx context.Context, contentType string, body []byte) (component.Result, error) {
	if m.delay > 0 {
		timer := time.NewTimer(m.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return component.Result{}, context.Cause(ctx)
		}
	}
	return component.Result{ContentType: contentType, Body: body}, nil
}

func (m *model) Close(context.Context) error { return nil }
