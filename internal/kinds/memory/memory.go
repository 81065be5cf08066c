// Package memory is `memory short_term`: what was said in a session, for the models that remember by it. It is kept on
// disk, so that a restart forgets nothing.
package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// mostRead is how much of a long conversation is remembered, in bytes; what is older stays on disk.
const mostRead = 256 << 10

// New makes the component of spec. It has no properties of its own.
func New(spec component.Spec) (component.Kind, error) {
	return &memory{dir: filepath.Join(spec.App.StateDir, "memory", spec.Name)}, nil
}

type memory struct {
	dir string
	mu  sync.Mutex // one writer, so that every line is whole
}

// said is one line of a session's file.
type said struct {
	ID   string `json:"id,omitempty"` // of the call that wrote it
	User string `json:"user,omitempty"`
	AI   string `json:"ai,omitempty"`
}

func (m *memory) Start(context.Context, component.Env) (component.Traits, error) {
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return component.Traits{}, err
	}
	return component.Traits{SideEffects: true, Capabilities: []string{"memory"}, MaxConcurrent: 100}, nil
}

// Handle passes on what is remembered of the session, behind what was said now.
func (m *memory) Handle(_ context.Context, t component.Task) (component.Result, error) {
	text, err := m.read(t.Session)
	return component.Result{ContentType: tool.Text, Body: []byte(strings.TrimLeft(text+"\n"+string(t.Body), "\n"))}, err
}

// Answer implements component.Answerer.
func (m *memory) Answer(_ context.Context, q component.Question) (component.Result, error) {
	c := tool.ParseCall(q.Body)
	text := func(name string) string { s, _ := c.Inputs[name].(string); return s }
	switch c.Action {
	case "read":
		all, err := m.read(q.Session)
		return component.Result{ContentType: tool.Text, Body: []byte(all)}, err
	case "append":
		err := m.append(q.Session, said{ID: q.ID, User: text("user"), AI: text("ai")})
		return component.Result{ContentType: tool.Text}, err
	case "clear":
		err := os.Remove(m.file(q.Session))
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return component.Result{ContentType: tool.Text}, err
	}
	return tool.UnknownFunction(c.Action, functions()), nil
}

// Describe implements component.Describer.
func (m *memory) Describe(context.Context) (component.Result, error) {
	return tool.Description{Type: "short_term", Ordered: true, Text: "What was said before in this session.", Functions: functions()}.Result()
}

func functions() []tool.Function {
	object := func(s string) json.RawMessage { return json.RawMessage(`{"type":"object","properties":{` + s + `}}`) }
	return []tool.Function{
		{Name: "read", Description: "Returns what was said, a line for each side.", Parameters: object("")},
		{Name: "append", Description: "Adds what the user and the model said.", Parameters: object(`"user":{"type":"string"},"ai":{"type":"string"}`)},
		{Name: "clear", Description: "Forgets what was said.", Parameters: object("")},
	}
}

func (m *memory) Close(context.Context) error { return nil }

// file is where a session is kept. Its name says nothing that a path could be made of.
func (m *memory) file(session string) string {
	sum := sha256.Sum256([]byte(session))
	return filepath.Join(m.dir, hex.EncodeToString(sum[:12])+".jsonl")
}

func (m *memory) append(session string, s said) error {
	line, err := json.Marshal(s)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f, err := os.OpenFile(m.file(session), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// read is the conversation as models see it. A line that is torn is left out, and so is one that a crash wrote twice.
func (m *memory) read(session string) (string, error) {
	b, err := os.ReadFile(m.file(session))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var out strings.Builder
	last := ""
	for line := range bytes.Lines(b) {
		var s said
		if json.Unmarshal(line, &s) != nil || s.ID != "" && s.ID == last {
			continue
		}
		last = s.ID
		for _, side := range []struct{ name, text string }{{"[USER] ", s.User}, {"[AI] ", s.AI}} {
			if side.text != "" {
				out.WriteString(side.name + side.text + "\n")
			}
		}
	}
	text := strings.TrimSuffix(out.String(), "\n")
	if len(text) > mostRead {
		text = text[len(text)-mostRead:]
		_, text, _ = strings.Cut(text, "\n")
	}
	return text, nil
}
