// Package scripted is what acts by a file: `llm scripted`, a model whose answers are written down, `custom scripted`, a
// tool whose work is, and `agent scripted`, which calls tools. They need no key and no network, and do the same every
// time, so that a first run, a demonstration and a test can all rely on them. The file's format is
// docs/reference/script.md.
package scripted

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/kinds/property"
)

// MaxSize is how large a script may be, in bytes.
const MaxSize = 1 << 20

// New makes an `llm scripted`. Its property is script, the file, relative to the project. With offline it stands in for
// another model: it needs no script, and what a script says nothing about is answered all the same.
func New(spec component.Spec) (component.Kind, error) {
	offline, err := property.Values(spec.Config).Bool("offline")
	if err != nil {
		return nil, err
	}
	a, err := newActor(spec)
	if err != nil && (!offline || spec.Config["script"] != nil) {
		return nil, err
	}
	if a == nil {
		a = &actor{}
	}
	remembers, err := property.Values(spec.Config).Text("memory", "")
	if err != nil {
		return nil, err
	}
	knows, err := property.Values(spec.Config).Text("knowledge_base", "")
	if err != nil {
		return nil, err
	}
	return &llm{memory: remembers, knowledge: knows, model: model{actor: a, traits: component.Traits{Capabilities: []string{"text", "streaming", "tools"}}}, standIn: offline}, nil
}

// NewTool makes a `custom scripted`, which others call. With side_effects its script changes the world: a call that
// comes again is answered from its receipt.
func NewTool(spec component.Spec) (component.Kind, error) {
	a, err := newActor(spec)
	if err != nil {
		return nil, err
	}
	effects, err := property.Values(spec.Config).Bool("side_effects")
	if err != nil {
		return nil, err
	}
	return &model{actor: a, traits: component.Traits{Capabilities: []string{"text"}, SideEffects: effects}}, nil
}

// actor is what all of them do: read a script at the start, and act by it.
type actor struct {
	name, dir string
	script    *Script
	env       component.Env
}

func newActor(spec component.Spec) (*actor, error) {
	name, err := property.Values(spec.Config).Text("script", "")
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, errNoScript(spec.Name)
	}
	return &actor{name: name, dir: spec.App.Dir}, nil
}

// load reads the script. check says what is wrong with a call.
func (a *actor) load(env component.Env, check func(Step) (problem, bool)) error {
	src, err := read(a.dir, a.name)
	if err != nil {
		return err
	}
	script, problems := Parse(a.name, src)
	for _, call := range script.calls() {
		if p, wrong := check(call); wrong {
			problems = append(problems, diag.Diagnostic{
				Code: p.code, Severity: diag.Error, Summary: p.summary, Detail: p.detail, Span: call.Span,
			})
		}
	}
	if len(problems) > 0 {
		return errProblems(sorted(problems))
	}
	a.script, a.env = script, env
	return nil
}

// act plays the reply to an input.
func (a *actor) act(ctx context.Context, input []byte, on stage) (component.Result, error) {
	steps, places, ok := a.script.Reply(string(input))
	if !ok {
		return component.Result{}, errNoReply(a.name, string(input))
	}
	on.script, on.log, on.fatal = a.name, a.env.Stdout, a.env.Fatal
	answer, err := play(ctx, on, steps, places)
	if err != nil {
		return component.Result{}, err
	}
	return component.Result{ContentType: "text/plain", Body: []byte(answer)}, nil
}

func (a *actor) Close(context.Context) error { return nil }

// model is an actor that others may call and that calls nobody.
type model struct {
	*actor
	traits component.Traits
}

func (m *model) Start(_ context.Context, env component.Env) (component.Traits, error) {
	err := m.load(env, func(Step) (problem, bool) { return errNoCalls, true })
	if err != nil {
		return component.Traits{}, err
	}
	return m.traits, nil
}

func (m *model) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return m.act(ctx, t.Body, stage{attempt: t.Attempt, chunk: t.Chunk})
}

// Answer implements component.Answerer.
func (m *model) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	return m.act(ctx, q.Body, stage{attempt: 1})
}

// read refuses what is not a plain file before it opens it: reading a pipe would wait for ever.
func read(dir, name string) ([]byte, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, errRead(name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, errRead(name, errNotAFile)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, errRead(name, err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, errRead(name, err)
	}
	if len(src) > MaxSize {
		return nil, errRead(name, fmt.Errorf("it is larger than %d bytes", MaxSize))
	}
	return src, nil
}
