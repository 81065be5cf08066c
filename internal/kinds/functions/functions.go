// Package functions is `api functions`: the functions of a Python file as tools of agents.
package functions

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/pyfile"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/schema"
)

// alive is how often a caller hears that a function still runs; within a short limit, three times.
const alive = 5 * time.Second

// NewTool makes `custom tool`: the tool is a class of the file, as old files have it.
func NewTool(spec component.Spec) (component.Kind, error) {
	k, err := New(spec)
	if f, ok := k.(*functions); ok {
		f.class = true
	}
	return k, err
}

// NewModel makes `model pytorch`: what can be called is a network that the file has the class of.
func NewModel(spec component.Spec) (component.Kind, error) {
	v := property.Values(spec.Config)
	code, errCode := v.Text("model_code", "")
	weights, errWeights := v.Text("model_weights", "")
	limit, errLimit := v.Duration("timeout", pyfile.DefaultLimit)
	if err := errors.Join(errCode, errWeights, errLimit); err != nil {
		return nil, err
	}
	file, class := schema.ModelCode(code)
	if file == "" || weights == "" {
		return nil, errNoModel(spec.Name)
	}
	return &functions{
		path: file, model: &pyfile.Model{Class: class, Weights: weights}, limit: limit, pulse: max(time.Millisecond, min(alive, limit/3)), owner: spec.Owners[file],
	}, nil
}

// New makes the component of spec. Its properties are path, the file, and timeout, how long a function may take.
func New(spec component.Spec) (component.Kind, error) {
	v := property.Values(spec.Config)
	path, errPath := v.Text("path", "")
	limit, errLimit := v.Duration("timeout", pyfile.DefaultLimit)
	if err := errors.Join(errPath, errLimit); err != nil {
		return nil, err
	}
	if path == "" {
		return nil, errNoPath(spec.Name)
	}
	path = filepath.ToSlash(filepath.Clean(path))
	pulse := max(time.Millisecond, min(alive, limit/3))
	if spec.Debug != nil && spec.Debug.File == path {
		limit = pyfile.DebugLimit
	}
	return &functions{path: path, limit: limit, pulse: pulse, owner: spec.Owners[path]}, nil
}

type functions struct {
	path  string
	class bool          // a class of the file is the tool
	model *pyfile.Model // a network of the file is
	limit time.Duration
	pulse time.Duration // between two signs of life for who calls
	owner string
	host  *pyfile.Host
	env   component.Env
}

// UseHost gives the component what runs its file, when it owns it.
func (f *functions) UseHost(h *pyfile.Host) { f.host = h }

func (f *functions) Start(_ context.Context, env component.Env) (component.Traits, error) {
	f.env = env
	return component.Traits{SideEffects: true, MaxConcurrent: 200, Capabilities: []string{"functions"}}, nil
}

// Handle calls a function in a chain: the text is a call as agents write it, as JSON.
func (f *functions) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return f.call(ctx, t.Session, tool.ParseCall(t.Body), t.Ask)
}

// Answer implements component.Answerer.
func (f *functions) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	done := make(chan struct{})
	defer close(done)
	go func() {
		tick := time.NewTicker(f.pulse)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				q.Chunk("")
			case <-done:
				return
			}
		}
	}()
	return f.call(ctx, q.Session, tool.ParseCall(q.Body), q.Ask)
}

func (f *functions) call(ctx context.Context, session string, c tool.Call, ask func(context.Context, component.Request) (component.Result, error)) (component.Result, error) {
	call := pyfile.Call{File: f.path, Function: c.Action, Inputs: c.Inputs, Session: session, LimitMS: f.limit.Milliseconds(), Tool: f.class, Model: f.model}
	if f.host != nil && f.host.Owns(f.path) {
		return f.host.Call(ctx, call)
	}
	body, err := json.Marshal(call)
	if err != nil {
		return component.Result{}, err
	}
	return ask(ctx, component.Request{To: f.owner, Type: pyfile.TypeCall, ContentType: tool.JSON, Body: body})
}

// Describe implements component.Describer.
func (f *functions) Describe(ctx context.Context) (component.Result, error) {
	if f.model != nil {
		return tool.Description{
			Type: "pytorch", Ordered: true,
			Text: "The neural network " + f.model.Class + ". forward runs it: the inputs are those of its forward method by name, numbers and lists of numbers become tensors; " +
				"the result is its output as numbers.",
			Functions: []tool.Function{{Name: "forward", Description: "Runs the network.", Parameters: json.RawMessage(`{"type":"object","additionalProperties":true}`)}},
		}.Result()
	}
	if f.host != nil && f.host.Owns(f.path) {
		d, err := f.host.Describe(ctx, pyfile.Call{File: f.path, Tool: f.class})
		if err != nil {
			return component.Result{}, err
		}
		return d.Result()
	}
	body, err := json.Marshal(pyfile.Call{File: f.path, Tool: f.class})
	if err != nil {
		return component.Result{}, err
	}
	return f.env.Ask(ctx, component.Request{To: f.owner, Type: pyfile.TypeDescribe, ContentType: tool.JSON, Body: body})
}

func (f *functions) Close(context.Context) error { return nil }
