// Package pyfile runs the Python files that a component owns: their functions, hooks and pipes, each file in one worker
// process for the whole app, so that the globals of its module mean what they say.
package pyfile

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/script"
)

// The requests that the owner of a file answers besides those for events. Their body is a [Call].
const (
	TypeCall     = "script.call"
	TypeDescribe = "script.describe"
)

// The times that functions get.
const (
	// DefaultLimit is how long a function may take when its component does not say.
	DefaultLimit = 30 * time.Second
	pipeLimit    = 5 * time.Second
	hookLimit    = time.Minute
)

// Call is a function of a file that is to be called.
type Call struct {
	File     string         `json:"file"`
	Function string         `json:"function,omitempty"`
	Inputs   map[string]any `json:"inputs,omitempty"`
	Session  string         `json:"session,omitempty"`
	LimitMS  int64          `json:"limit_ms,omitempty"` // 0: DefaultLimit
	Tool     bool           `json:"tool,omitempty"`     // Function is the action of the file's tool class, and no function
	Model    *Model         `json:"model,omitempty"`    // what is called is this network of the file, and no function
}

// Model is a network: a class of the file, and the file with its weights.
type Model struct {
	Class   string `json:"class"`
	Weights string `json:"weights"`
}

// Host runs the files of one component.
type Host struct {
	env    component.Env
	python string // the interpreter
	worker string // the worker's script
	files  map[string]*file
	mu     sync.Mutex
	trees  map[int]int // child to guard, of all that run
}

// Open starts a worker for each file and does not wait for them: a call that comes early does.
func Open(env component.Env) (*Host, error) {
	h := &Host{env: env, files: map[string]*file{}, trees: map[int]int{}, python: Interpreter(env.Spec.App.Dir)}
	worker, err := script.UnpackPython(env.Spec.App.StateDir)
	if err != nil {
		return nil, err
	}
	h.worker = worker
	if err := script.Subreaper(); err != nil {
		env.Log.Warn("orphans of user code cannot be adopted", "error", err)
	}
	for _, name := range env.Spec.Files {
		f := &file{h: h, path: name, queue: make(chan events.Delivery, mostHooks), over: make(chan struct{})}
		go f.tell()
		h.files[name] = f
		f.mu.Lock()
		f.begin()
		f.mu.Unlock()
	}
	return h, nil
}

// Interpreter is the Python of a project.
func Interpreter(dir string) string { return script.Interpreter(dir) }

// Owns reports whether this component runs a file.
func (h *Host) Owns(name string) bool { return h.files[name] != nil }

// Call calls a function. What goes wrong in it is an answer; an error says that the file cannot be run.
func (h *Host) Call(ctx context.Context, c Call) (component.Result, error) {
	f := h.files[c.File]
	if f == nil {
		return component.Result{}, errNotOwned(h.env.Spec.Name, c.File)
	}
	limit := time.Duration(c.LimitMS) * time.Millisecond
	if limit <= 0 {
		limit = DefaultLimit
	}
	limit = h.patient(c.File, limit)
	if c.Inputs == nil {
		c.Inputs = map[string]any{}
	}
	params := map[string]any{"op": op(c, "call", "tool"), "function": c.Function, "inputs": c.Inputs}
	if c.Model != nil {
		params["op"], params["model"] = "model", c.Model
	}
	res, err := f.ask(ctx, c.Session, limit, params)
	if err != nil && ctx.Err() == nil {
		return tool.Failed("%s: %v", c.Function, err), nil
	}
	return res, err
}

// op is what the worker is asked: about functions, or about the tool class.
func op(c Call, functions, class string) string {
	if c.Tool {
		return class
	}
	return functions
}

// Describe says what the functions of a file are, or what its tool class says of itself.
func (h *Host) Describe(ctx context.Context, c Call) (tool.Description, error) {
	f := h.files[c.File]
	if f == nil {
		return tool.Description{}, errNotOwned(h.env.Spec.Name, c.File)
	}
	res, err := f.ask(ctx, "", DefaultLimit, map[string]any{"op": op(c, "describe", "describe_tool")})
	if err != nil {
		return tool.Description{Type: "functions", Problem: err.Error()}, nil //nolint:nilerr // that is the description
	}
	var said struct {
		Problem     string `json:"problem"`
		Description string `json:"description"`
		Tools       []struct {
			tool.Function
			Text string `json:"text"`
		} `json:"tools"`
	}
	if err := json.Unmarshal(res.Body, &said); err != nil {
		return tool.Description{}, err
	}
	if c.Tool {
		return tool.Description{Type: "tool", Text: said.Description, Free: true, Ordered: true, Problem: said.Problem}, nil
	}
	d := tool.Description{Type: "functions", Ordered: true, Problem: said.Problem}
	var lines []string
	for _, t := range said.Tools {
		d.Functions = append(d.Functions, t.Function)
		lines = append(lines, t.Text)
	}
	lines = append(lines, "Call one of these functions by its name as the action, with its arguments by name as inputs.")
	d.Text = strings.Join(lines, "\n")
	return d, nil
}

// Pipe hands an event to the pipes of one file, in order, and returns what they made of it.
func (h *Host) Pipe(ctx context.Context, d events.Delivery) (component.Result, error) {
	f := h.files[d.File]
	if f == nil {
		return component.Result{}, errNotOwned(h.env.Spec.Name, d.File)
	}
	limit := h.patient(d.File, pipeLimit*time.Duration(len(d.Functions)))
	res, err := f.ask(ctx, d.Session, limit, map[string]any{"op": "pipe", "event": d.Event, "functions": d.Functions, "payload": d.Payload})
	if err == nil && res.ContentType == tool.Failure {
		err = errPipe(string(res.Body))
	}
	return res, err
}

// Hook hands an event to a hook and returns at once: nobody waits for what hooks do. When too many events wait for the
// hooks of a file, this one is dropped.
func (h *Host) Hook(d events.Delivery) error {
	f := h.files[d.File]
	if f == nil {
		return errNotOwned(h.env.Spec.Name, d.File)
	}
	f.hook(d)
	return nil
}

// DebugLimit is how long a person may look at a function that stands still.
const DebugLimit = 24 * time.Hour

// patient is a limit, or none to speak of for a file that is debugged.
func (h *Host) patient(file string, limit time.Duration) time.Duration {
	if h.terminal(file) != "" {
		return DebugLimit
	}
	return limit
}

// terminal is where a file is debugged; empty: it is not.
func (h *Host) terminal(file string) string {
	if d := h.env.Spec.Debug; d != nil && d.File == file {
		return d.Terminal
	}
	return ""
}

// Close ends the workers.
func (h *Host) Close(ctx context.Context) {
	var all sync.WaitGroup
	for _, f := range h.files {
		all.Go(func() { f.close(ctx) })
	}
	all.Wait()
}

// started publishes the processes of all workers.
func (h *Host) started(guard, child int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trees[child] = guard
	h.publish(guard, child)
}

func (h *Host) gone(child int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.trees, child)
	h.publish(0, 0)
}

// publish tells the runner. The caller holds mu.
func (h *Host) publish(guard, child int) {
	var groups []int
	for c, g := range h.trees {
		groups = append(groups, g, c)
		if child == 0 {
			guard, child = g, c
		}
	}
	slices.Sort(groups)
	h.env.Processes(guard, child, groups)
}

// listeners are the hooks and pipes of a file: they are no tools.
func (h *Host) listeners(name string) []string {
	names := []string{}
	for _, l := range h.env.Spec.Listeners {
		if l.File == name {
			names = append(names, l.Function)
		}
	}
	return names
}

// environ is what user code sees: what ww was started with and the project's .env file.
func (h *Host) environ() []string {
	app := h.env.Spec.App
	out := slices.DeleteFunc(os.Environ(), func(e string) bool {
		return strings.HasPrefix(e, script.TagVariable+"=")
	})
	for name, value := range app.Seeded() {
		out = append(out, name+"="+value)
	}
	for name, value := range h.env.Spec.Variables {
		out = append(out, name+"="+value)
	}
	// Python keeps its output back when it is not a terminal, and loses it when it is killed.
	for _, name := range []string{"PYTHONUNBUFFERED", "PYTHONFAULTHANDLER"} {
		if !slices.ContainsFunc(out, func(e string) bool { return strings.HasPrefix(e, name+"=") }) {
			out = append(out, name+"=1")
		}
	}
	return append(out, script.TagVariable+"="+app.Tag, "WW_PYCACHE="+filepath.Join(app.StateDir, "pycache"))
}
