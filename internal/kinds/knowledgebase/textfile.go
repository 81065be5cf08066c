package knowledgebase

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// How large the file may be, and how much of it is handed over at once.
const (
	largestText = 16 << 20
	mostShown   = 512 << 10
)

// NewTextFile makes a `knowledge_base text_file`.
func NewTextFile(spec component.Spec) (component.Kind, error) {
	path, err := property.Values(spec.Config).Text("path", "")
	if err == nil && path == "" {
		err = errNoPath(spec.Name)
	}
	return &textFile{name: spec.Name, shown: path, path: inProject(spec.App.Dir, path)}, err
}

type textFile struct {
	name, shown, path string
	mu                sync.Mutex // one writer
}

// Start makes the file when it is not there.
func (f *textFile) Start(context.Context, component.Env) (component.Traits, error) {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return component.Traits{}, errTextFile(f.name, f.shown, err)
	}
	w, err := os.OpenFile(f.path, os.O_RDONLY|os.O_CREATE, 0o644)
	if err != nil {
		return component.Traits{}, errTextFile(f.name, f.shown, err)
	}
	return component.Traits{SideEffects: true, Capabilities: []string{"knowledge"}}, w.Close()
}

// Handle passes on the text.
func (f *textFile) Handle(context.Context, component.Task) (component.Result, error) { return f.read() }

// Answer implements component.Answerer.
func (f *textFile) Answer(_ context.Context, q component.Question) (component.Result, error) {
	c := tool.ParseCall(q.Body)
	text := func(name string) (string, bool) { s, ok := c.Inputs[name].(string); return s, ok }
	switch c.Action {
	case "read":
		return f.read()
	case "query":
		want, ok := text("query")
		if !ok {
			return tool.Failed("query needs the input query: the text that is looked for"), nil
		}
		all, err := f.load()
		if err != nil {
			return tool.Failed("%v", errTextFile(f.name, f.shown, err)), nil
		}
		b, err := json.Marshal(strings.Contains(string(all), want))
		return component.Result{ContentType: tool.JSON, Body: b}, err
	case "write":
		content, ok := text("content")
		if !ok {
			return tool.Failed("write needs the input content: the new text of the file"), nil
		}
		if err := f.write(content); err != nil {
			return tool.Failed("%v", errTextFile(f.name, f.shown, err)), nil
		}
		return component.Result{ContentType: tool.JSON, Body: []byte("null")}, nil
	}
	return tool.UnknownFunction(c.Action, textFunctions()), nil
}

// load reads the file; one that is not there is empty.
func (f *textFile) load() ([]byte, error) {
	r, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, largestText+1))
	if err == nil && len(b) > largestText {
		err = errTooLarge
	}
	return b, err
}

func (f *textFile) read() (component.Result, error) {
	b, err := f.load()
	if err != nil {
		return tool.Failed("%v", errTextFile(f.name, f.shown, err)), nil
	}
	if len(b) > mostShown {
		b = fmt.Appendf(b[:mostShown:mostShown], "\n[cut: these are the first %d of %d bytes]", mostShown, len(b))
	}
	return component.Result{ContentType: tool.Text, Body: b}, nil
}

// write replaces the file as a whole: whoever reads it sees the old text or the new one.
func (f *textFile) write(content string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := f.path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // it has another name when all is well
	_, err = tmp.WriteString(content)
	if info, serr := os.Stat(path); serr == nil && err == nil {
		err = tmp.Chmod(info.Mode().Perm())
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// Describe implements component.Describer.
func (f *textFile) Describe(context.Context) (component.Result, error) {
	return tool.Description{
		Type: "text_file", Ordered: true, Functions: textFunctions(),
		Text: "The file " + f.shown + ". query(query) says whether a text is in it, read() returns all of it, write(content) replaces all of it.",
	}.Result()
}

func textFunctions() []tool.Function {
	object := func(name string) json.RawMessage {
		if name == "" {
			return json.RawMessage(`{"type":"object","properties":{}}`)
		}
		return json.RawMessage(`{"type":"object","properties":{"` + name + `":{"type":"string"}},"required":["` + name + `"]}`)
	}
	return []tool.Function{
		{Name: "query", Description: "Says whether a text is in the file.", Parameters: object("query")},
		{Name: "read", Description: "Returns the text of the file.", Parameters: object("")},
		{Name: "write", Description: "Replaces the text of the file.", Parameters: object("content")},
	}
}

func (f *textFile) Close(context.Context) error { return nil }
