// Package taskmaster is the component that hands on messages and requests in a centralized app.
//
// It is one more component: its partitions and its journal keep what was handed to it over its own death, and one turn
// of a session after the other goes through it. It is also what the other components of a centralized app cannot do
// without: while it is away, nothing that goes by way of it moves.
package taskmaster

import (
	"context"

	"github.com/woodwork-lang/ww/internal/component"
)

// New makes the task master. It has no properties.
func New(component.Spec) (component.Kind, error) { return master{}, nil }

type master struct{}

// Start implements component.Kind.
func (master) Start(context.Context, component.Env) (component.Traits, error) {
	return component.Traits{Inline: true, Proxy: true}, nil
}

// Handle implements component.Kind: what comes in goes out; where to is in the message's chain.
func (master) Handle(_ context.Context, t component.Task) (component.Result, error) {
	return component.Result{ContentType: t.ContentType, Body: t.Body}, nil
}

// Close implements component.Kind.
func (master) Close(context.Context) error { return nil }
