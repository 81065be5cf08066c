// Package workspace is where agents run commands and write files: `environment coding`, and `core command_line` with `core
// code` of older files. It is a directory of the project in which commands are kept as far as the system can, or, when that is
// asked for, a container.
package workspace

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/script"
)

// settings are the properties.
type settings struct {
	name    string
	home    string // the directory that is worked in, on this machine
	inside  string // what commands and paths call it
	shell   bool   // commands are lines of a shell
	limit   time.Duration
	env     map[string]string
	repo    string
	setup   []string
	startup []string
	docker  *docker // nil: commands run on this machine
	offline bool
}

// The defaults of the properties.
const (
	defaultLimit = 2 * time.Minute
	codingHome   = ".woodwork/coding-env"
	coreHome     = ".woodwork/vm"
)

// New makes the component of spec: environment coding, core command_line or core code.
func New(spec component.Spec) (component.Kind, error) {
	v := property.Values(spec.Config)
	s := settings{name: spec.Name}
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	var err error
	home, inside := codingHome, "/workspace"
	if spec.Kind == "core" {
		home, inside = coreHome, "/home/ubuntu/repo"
	}
	s.home = filepath.Join(spec.App.Dir, filepath.FromSlash(home))
	s.inside, err = v.Text("local_path", inside)
	note(err)
	s.repo, err = v.Text("repo_url", "")
	note(err)
	s.limit, err = v.Duration("command_timeout", defaultLimit)
	note(err)
	s.env, err = v.Environment("environment_variables")
	note(err)
	s.setup, err = scripts(v, "setup_scripts")
	note(err)
	s.startup, err = scripts(v, "startup_scripts")
	note(err)
	s.offline, err = v.Bool("offline")
	note(err)
	s.shell = true
	if v["shell"] != nil {
		s.shell, err = v.Bool("shell")
		note(err)
	}
	asked, err := v.Bool("docker")
	note(err)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	w := &workspace{settings: s, spec: spec, tools: codingTools()}
	switch spec.Type {
	case "command_line":
		w.tools = commandTools()
	case "code":
		w.tools = codeTools()
	}
	if asked && !s.offline {
		w.docker, err = newDocker(v, spec.Name, s)
	} else if image, _ := v.Text("dockerfile", ""); image != "" {
		w.unused = "dockerfile"
	}
	return w, err
}

// scripts is a list of lines; an entry of older files may be { command } or { path }.
func scripts(v property.Values, key string) ([]string, error) {
	list, ok := v[key].([]any)
	if !ok {
		return v.Texts(key)
	}
	var out []string
	for _, x := range list {
		switch x := x.(type) {
		case string:
			out = append(out, x)
		case map[string]any:
			line, _ := x["command"].(string)
			path, _ := x["path"].(string)
			if line = cmp.Or(line, path); line != "" {
				out = append(out, line)
			}
		}
	}
	return out, nil
}

// workspace is one instance.
type workspace struct {
	settings
	spec   component.Spec
	tools  []function
	unused string // a property that only a container has use for
	log    *slog.Logger
	procs  *processes

	setting sync.Mutex // held while it is set up
	ready   bool       // it was set up; guarded by setting
	files   sync.Mutex // held while files are looked at or changed by us; commands do what they like
	at      places
}

// places are where the commands of sessions run, below home.
type places struct {
	mu sync.Mutex
	of map[string]string // guarded by mu
}

func (p *places) get(session string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of[session]
}

func (p *places) set(session, dir string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[string]string{}
	}
	p.of[session] = dir
}

func (w *workspace) Start(ctx context.Context, env component.Env) (component.Traits, error) {
	w.log = env.Log
	w.procs = &processes{tell: env.Processes}
	if err := script.Subreaper(); err != nil {
		env.Log.Warn("orphans of commands cannot be adopted", "error", err)
	}
	if err := os.MkdirAll(w.home, 0o755); err != nil {
		return component.Traits{}, err
	}
	switch {
	case w.docker != nil:
		if err := w.docker.start(ctx, w); err != nil {
			return component.Traits{}, err
		}
	case !script.Confines():
		w.log.Warn("this system cannot keep commands within their directory: they may do what you may; docker: true runs them in a container")
	}
	if w.unused != "" {
		w.log.Warn(w.unused+" is not used: commands run in a directory of the project; docker: true runs them in a container", "directory", w.home)
	}
	return component.Traits{SideEffects: true, Capabilities: []string{"workspace"}, MaxConcurrent: 10}, nil
}

// Handle runs a turn's text as a command.
func (w *workspace) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return w.call(ctx, w.tools[0], t.Session, map[string]any{w.tools[0].first(): string(t.Body)}, func() { t.Chunk("") })
}

// Answer implements component.Answerer.
func (w *workspace) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	c := tool.ParseCall(q.Body)
	for _, f := range w.tools {
		if f.Name == c.Action || f.also == c.Action && c.Action != "" {
			return w.call(ctx, f, q.Session, c.Inputs, func() { q.Chunk("") })
		}
	}
	return tool.UnknownFunction(c.Action, described(w.tools)), nil
}

// call does one function. What goes wrong in it is for the model: a text that begins with Error.
func (w *workspace) call(ctx context.Context, f function, session string, inputs map[string]any, alive func()) (component.Result, error) {
	stop := beat(alive)
	defer stop()
	j := job{w: w, ctx: ctx, session: session, in: inputs}
	text, err := w.do(f, &j)
	switch {
	case err != nil && ctx.Err() != nil:
		return component.Result{}, context.Cause(ctx)
	case err != nil:
		return tool.Failed("%s", w.shown(err.Error())), nil
	}
	return component.Result{ContentType: tool.Text, Body: []byte(text)}, nil
}

func (w *workspace) do(f function, j *job) (string, error) {
	w.setting.Lock()
	err := w.prepare(j)
	w.setting.Unlock()
	if err != nil {
		return "", err
	}
	if !f.runs {
		w.files.Lock()
		defer w.files.Unlock()
	}
	return f.do(j)
}

// beat gives signs of life until it is stopped.
func beat(alive func()) (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(3 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				alive()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}

// shown is a text with the workspace called as models know it.
func (w *workspace) shown(text string) string { return strings.ReplaceAll(text, w.home, w.inside) }

// Describe implements component.Describer.
func (w *workspace) Describe(context.Context) (component.Result, error) {
	text := "A workspace to write and run code in. All paths are relative to it; what lies outside of it cannot be reached."
	if w.spec.Type == "command_line" {
		text = "A command line. Its directory is kept from one command to the next."
	}
	return tool.Description{Type: w.spec.Type, Ordered: true, Text: text, Functions: described(w.tools)}.Result()
}

func (w *workspace) Close(ctx context.Context) error {
	if w.docker != nil {
		return w.docker.stop(ctx, w)
	}
	return nil
}
