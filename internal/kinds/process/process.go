// Package process is `custom process`: a component in any language, which speaks JSON-RPC on its stdin and stdout.
// docs/reference/process.md is for whoever writes one.
package process

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/script"
)

// protocolVersion is told to the process. Additions do not change it.
const protocolVersion = 1

// New makes the component of spec. Its properties are command, env, config and ready_timeout.
func New(spec component.Spec) (component.Kind, error) {
	values := property.Values(spec.Config)
	command, errCommand := values.Texts("command")
	env, errEnv := values.Environment("env")
	config, errConfig := values.Dictionary("config")
	readyTimeout, errTimeout := values.Duration("ready_timeout", 0)
	if err := errors.Join(errCommand, errEnv, errConfig, errTimeout); err != nil {
		return nil, err
	}
	if len(command) == 0 || command[0] == "" {
		return nil, errNoCommand(spec.Name)
	}
	own := spec.App.Seeded()
	maps.Copy(own, env)
	return &process{options: script.Options{
		Command: script.Command{
			Argv: command, Dir: spec.App.Dir, Env: script.Environment(own, spec.App.Tag),
		},
		Initialize:   greeting(spec, config),
		ReadyTimeout: readyTimeout,
	}}, nil
}

// initialize is what a process learns first.
type initialize struct {
	Protocol  int            `json:"protocol"`
	Component who            `json:"component"`
	App       app            `json:"app"`
	Config    map[string]any `json:"config"`
}

type who struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Type       string `json:"type"`
	Instance   string `json:"instance"`
	Generation int    `json:"generation"`
	Restarts   int    `json:"restarts"`
}

type app struct {
	Name string `json:"name"`
	Dir  string `json:"dir"`
}

func greeting(s component.Spec, config map[string]any) initialize {
	return initialize{
		Protocol:  protocolVersion,
		Component: who{s.Name, s.Kind, s.Type, s.Instance, s.Generation, s.Restarts},
		App:       app{s.App.Name, s.App.Dir},
		Config:    config,
	}
}

type process struct {
	options script.Options
	worker  *script.Worker
	tell    *events.Teller
}

func (p *process) Start(ctx context.Context, env component.Env) (component.Traits, error) {
	if err := script.Subreaper(); err != nil {
		env.Log.Warn("orphans of user code cannot be adopted", "error", err)
	}
	o := p.options
	o.Out, o.Command.Stderr = env.Stdout, env.Stderr
	o.Ended = env.Fatal
	p.tell = events.New(env)
	o.Emit = func(session, name string, data json.RawMessage) { p.emit(env, session, name, data) }
	o.Started = func(guard, child int) { env.Processes(guard, child, []int{guard, child}) }
	worker, err := script.Open(ctx, o)
	if err != nil {
		return component.Traits{}, err
	}
	p.worker = worker
	said := worker.Ready()
	return component.Traits{
		SideEffects:   said.SideEffects,
		MaxConcurrent: min(said.MaxConcurrent, mostConcurrent),
		Capabilities:  said.Capabilities,
		InputEvents:   said.InputEvents,
		OutputEvents:  said.OutputEvents,
	}, nil
}

// mostConcurrent bounds what a process may say of itself.
const mostConcurrent = 1000

func (p *process) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return p.process(ctx, script.Request{
		Role: "hop", Session: t.Session, Turn: t.Turn, Branch: t.Branch, Attempt: t.Attempt,
		Payload: script.Payload{ContentType: t.ContentType, Body: t.Body},
	}, listener(t.Chunk, t.Ask))
}

// listener passes on what the process says before its answer.
func listener(chunk func(string), ask func(context.Context, component.Request) (component.Result, error)) script.Listener {
	l := script.Listener{Chunk: chunk}
	if ask != nil {
		l.Ask = func(ctx context.Context, to string, q script.Payload) (script.Payload, error) {
			r, err := ask(ctx, component.Request{To: to, ContentType: q.ContentType, Body: q.Body})
			return script.Payload{ContentType: r.ContentType, Body: r.Body, Fallback: r.Fallback}, err
		}
	}
	return l
}

// Answer lets other components call this one. A tool that says what went wrong is a tool that works.
func (p *process) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	r := script.Request{
		Role: "call", Session: q.Session, Turn: q.Turn, From: q.From, ID: q.ID,
		Payload: script.Payload{ContentType: q.ContentType, Body: q.Body},
	}
	if p.hasTools() {
		c := tool.ParseCall(q.Body)
		if d := p.description(); !slices.ContainsFunc(d.Functions, func(f tool.Function) bool { return f.Name == c.Action }) {
			return tool.UnknownFunction(c.Action, d.Functions), nil
		}
		r.Tool, r.Inputs = c.Action, c.Inputs
	}
	res, err := p.process(ctx, r, listener(q.Chunk, q.Ask))
	if remote := (*script.RemoteError)(nil); r.Tool != "" && errors.As(err, &remote) {
		return tool.Failed("%s", remote.Error()), nil
	}
	return res, err
}

func (p *process) process(ctx context.Context, r script.Request, l script.Listener) (component.Result, error) {
	reply, err := p.worker.Process(ctx, r, l)
	if err != nil {
		return component.Result{}, blame(err)
	}
	return component.Result{ContentType: reply.ContentType, Body: reply.Body}, nil
}

// blame tells the death of the process with one message apart from its death with several, or by another's hand.
func blame(err error) error {
	var crash *script.CrashError
	switch {
	case errors.As(err, &crash) && crash.Blames():
		return because(component.ErrCrashed, crash)
	case crash != nil, errors.Is(err, script.ErrEnded):
		return because(component.ErrInterrupted, err)
	default:
		return err
	}
}

func (p *process) Close(ctx context.Context) error {
	var err error
	if p.worker != nil {
		err = p.worker.Stop(ctx)
	}
	if p.tell != nil {
		p.tell.Close(ctx)
	}
	return err
}
