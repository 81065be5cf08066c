package scripted

import (
	"context"
	"slices"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/property"
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
	return component.Traits{Capabilities: []string{"text", "streaming", "tools"}}, nil
}

func (a *agent) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return a.act(ctx, t.Body, stage{attempt: t.Attempt, chunk: t.Chunk, ask: t.Ask})
}
