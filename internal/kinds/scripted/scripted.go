// Package scripted is `llm scripted`: a model whose answers are written in a file. It needs no key and no network, and
// says the same every time, so that a first run, a demonstration and a test can all rely on it. The file's format is
// docs/reference/script.md.
package scripted

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/property"
)

// MaxSize is how large a script may be, in bytes.
const MaxSize = 1 << 20

// New makes the component of spec. Its one property is script, the file, relative to the project.
func New(spec component.Spec) (component.Kind, error) {
	name, err := property.Values(spec.Config).Text("script", "")
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, errNoScript(spec.Name)
	}
	return &model{name: name, dir: spec.App.Dir}, nil
}

type model struct {
	name, dir string
	script    *Script
}

func (m *model) Start(context.Context, component.Env) (component.Traits, error) {
	src, err := read(m.dir, m.name)
	if err != nil {
		return component.Traits{}, err
	}
	script, problems := Parse(m.name, src)
	if len(problems) > 0 {
		return component.Traits{}, errProblems(problems)
	}
	m.script = script
	return component.Traits{Capabilities: []string{"text", "streaming"}}, nil
}

func (m *model) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	steps, ok := m.script.Reply(string(t.Body))
	if !ok {
		return component.Result{}, errNoReply(m.name, string(t.Body))
	}
	answer, err := play(ctx, steps, t.Chunk)
	if err != nil {
		return component.Result{}, err
	}
	return component.Result{ContentType: "text/plain", Body: []byte(answer)}, nil
}

func (m *model) Close(context.Context) error { return nil }

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
