// Package commandline is `input command_line`: the door through which a person's text enters an app. The text is read
// by the face (terminal, pipe, `ww chat`), never by this component.
package commandline

import (
	"context"

	"github.com/woodwork-lang/ww/internal/component"
)

// New makes the component of spec. It has no properties of its own.
func New(component.Spec) (component.Kind, error) { return input{}, nil }

type input struct{}

func (input) Start(context.Context, component.Env) (component.Traits, error) {
	return component.Traits{Inline: true, Capabilities: []string{"text"}}, nil
}

// Handle passes the text on untouched: blanks may matter to whoever reads it next.
func (input) Handle(_ context.Context, t component.Task) (component.Result, error) {
	return component.Result{ContentType: t.ContentType, Body: t.Body}, nil
}

func (input) Close(context.Context) error { return nil }
