// Package replay is the model that answers from a recording, `llm replay`.
package replay

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/recording"
)

type model struct {
	name, file, as string
	said           *recording.Answers
}

// New makes the component of a spec.
func New(spec component.Spec) (component.Kind, error) {
	file, _ := spec.Config["recording"].(string)
	as, _ := spec.Config["model"].(string)
	if !filepath.IsAbs(file) {
		file = filepath.Join(spec.App.Dir, file)
	}
	return &model{name: spec.Name, file: file, as: as}, nil
}

// Start implements component.Kind.
func (m *model) Start(context.Context, component.Env) (component.Traits, error) {
	rec, err := recording.Load(m.file)
	if err != nil {
		return component.Traits{}, err
	}
	m.said, err = recording.AnswersOf(rec, m.as, chat.Type, "")
	if err != nil {
		return component.Traits{}, fmt.Errorf("%s: %w", m.file, err)
	}
	return component.Traits{MaxConcurrent: 100}, nil
}

// Handle implements component.Kind.
func (m *model) Handle(_ context.Context, t component.Task) (component.Result, error) {
	res, err := m.answer(event.TypeProcess, t.Body)
	if err == nil && t.Chunk != nil {
		t.Chunk(string(res.Body))
	}
	return res, err
}

// Answer implements component.Answerer.
func (m *model) Answer(_ context.Context, q component.Question) (component.Result, error) {
	res, err := m.answer(q.Type, q.Body)
	if err == nil && q.Chunk != nil && q.Type == chat.Type {
		if reply, bad := chat.ParseReply(res); bad == nil {
			q.Chunk(reply.Content)
		}
	}
	return res, err
}

func (m *model) answer(typ string, body []byte) (component.Result, error) {
	e, why := m.said.Answer(typ, body)
	switch {
	case why != "":
		return component.Result{}, fmt.Errorf("%s: %s (%s)", m.name, why, filepath.Base(m.file))
	case e.Error != "":
		return component.Result{}, fmt.Errorf("%s", e.Error)
	}
	return component.Result{ContentType: e.AnswerType, Body: e.Answer}, nil
}

// Describe implements component.Describer.
func (m *model) Describe(context.Context) (component.Result, error) {
	return tool.Description{Type: "replay", Free: true, Text: "A model that answers what it was recorded to answer. The action is the question in plain words."}.Result()
}

// Close implements component.Kind.
func (m *model) Close(context.Context) error { return nil }
