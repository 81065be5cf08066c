// Package console is `output console`: the leaf whose text is the answer. It prints nothing: the face that awaits the
// turn does, once, wherever that face is.
package console

import (
	"bytes"
	"context"
	"unicode"

	"github.com/woodwork-lang/ww/internal/component"
)

// New makes the component of spec. It has no properties of its own.
func New(component.Spec) (component.Kind, error) { return output{}, nil }

type output struct{}

func (output) Start(context.Context, component.Env) (component.Traits, error) {
	return component.Traits{Inline: true, Capabilities: []string{"text"}}, nil
}

func (output) Handle(_ context.Context, t component.Task) (component.Result, error) {
	return component.Result{ContentType: t.ContentType, Body: Trim(t.Body)}, nil
}

func (output) Close(context.Context) error { return nil }

// Trim takes away what models put around an answer, blank lines before it and white space after it, and keeps the
// indentation of its first line, which is part of the answer when that is code.
func Trim(text []byte) []byte {
	text = bytes.TrimRightFunc(text, unicode.IsSpace)
	first := bytes.IndexFunc(text, func(r rune) bool { return !unicode.IsSpace(r) })
	if first < 0 {
		return nil
	}
	return text[bytes.LastIndexByte(text[:first], '\n')+1:]
}
