// Package agentllm is `agent llm`: it works on a task with a model and tools, one step after the other. Every answer of
// the model and every result of a tool is a step of its turn, so that a turn goes on where it was when the agent's
// process died.
package agentllm

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// The defaults of the properties.
const (
	defaultIterations  = 50
	defaultHistory     = 20
	defaultContext     = 90_000 // tokens
	defaultObservation = 15_000 // tokens
)

// concurrent is how many turns an agent works on at once: most of the time it waits for others.
const concurrent = 100

// settings are the properties of an agent.
type settings struct {
	tools       []string
	model       string
	knowledge   string // where it looks things up before it begins; empty: nowhere
	planning    bool
	cached      bool           // plans are kept, and followed again
	file        string         // of the instruction; empty: ours
	variables   map[string]any // what its places stand for
	iterations  int
	history     int
	context     int           // tokens of a conversation before it is summed up
	observation int           // tokens of a tool's result
	patience    time.Duration // of a user who is asked; 0: as long as the turn
}

// New makes the component of spec.
func New(spec component.Spec) (component.Kind, error) {
	v := property.Values(spec.Config)
	var s settings
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	var err error
	s.tools, err = v.Names("tools")
	note(err)
	s.model, err = v.Text("model", "")
	note(err)
	s.cached, err = v.Bool("cache")
	note(err)
	s.knowledge, err = v.Text("knowledge_base", "")
	note(err)
	s.planning, err = v.Bool("planning")
	note(err)
	for name, p := range map[string]struct {
		to       *int
		default_ int
	}{
		"max_iterations": {&s.iterations, defaultIterations}, "history": {&s.history, defaultHistory},
		"context_limit": {&s.context, defaultContext}, "observation_limit": {&s.observation, defaultObservation},
	} {
		*p.to, err = v.Int(name, p.default_)
		note(err)
	}
	s.patience, err = v.Duration("ask_timeout", 0)
	note(err)
	prompt, err := v.Dictionary("prompt")
	note(err)
	s.file, err = property.Values(prompt).Text("file", "")
	note(err)
	s.variables, err = property.Values(prompt).Dictionary("variables")
	note(err)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if s.model == "" {
		return nil, errNoModel(spec.Name)
	}
	plans, err := cacheOf(spec)
	return &agent{settings: s, name: spec.Name, dir: spec.App.Dir, plans: plans}, err
}

// agent is one instance.
type agent struct {
	settings
	name, dir string
	plans     cache
	env       component.Env
	tell      *events.Teller
}

func (a *agent) Start(_ context.Context, env component.Env) (component.Traits, error) {
	a.env = env
	a.tell = events.New(env)
	if _, err := a.instruction(false); err != nil {
		env.Log.Warn("the instruction cannot be read", "error", err) // its turns will say so too
	}
	return component.Traits{Capabilities: []string{"text", "streaming", "tools"}, MaxConcurrent: concurrent, Steps: true}, nil
}

// Handle works on a turn.
func (a *agent) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	r := a.run(asking{t.Ask, t.Issue}, t.Chunk)
	r.turn = events.Turn{ID: t.Turn, Session: t.Session, Acceptor: t.Acceptor, Ask: t.Ask}
	r.restart = t.Restart
	history := a.earlier(ctx, t)
	res, err := r.work(ctx, string(t.Body), history)
	if err != nil {
		return res, err
	}
	return events.Response(ctx, a.tell, r.turn, events.AgentResponse, res)
}

// Answer works on a task of another agent. It knows nothing of the session's earlier turns: the task says it all.
func (a *agent) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	if q.Type == TypeRecall {
		return a.recalled(ctx, string(q.Body))
	}
	call := tool.ParseCall(q.Body)
	r := a.run(asking{q.Ask, q.Issue}, func(string) { q.Chunk("") }) // what it writes is a sign of life; the answer is for the one who asks
	r.turn = events.Turn{ID: q.Turn, Session: q.Session, Acceptor: q.Acceptor, Ask: q.Ask}
	for name, v := range call.Inputs {
		r.variables[name] = v
	}
	task := call.Filled()
	if task == "" {
		task = tool.Show(call.Inputs)
	}
	return r.work(ctx, task, nil)
}

// Describe says to other agents what this one is good for.
func (a *agent) Describe(context.Context) (component.Result, error) {
	has := "It has no tools of its own."
	if len(a.tools) > 0 {
		has = "It works with these tools: " + strings.Join(a.tools, ", ") + "."
	}
	return tool.Description{
		Type: "llm", Free: true,
		Text: "An agent that works on a whole task by itself. " + has + " Say in plain words, as the action, what it is to do; " +
			"{name} in the action stands for the value of the input with that name, which may be the output of an earlier step.",
	}.Result()
}

func (a *agent) Close(ctx context.Context) error {
	if a.tell != nil {
		a.tell.Close(ctx)
	}
	return nil
}

// instruction is the text that the agent works by. It is read anew for every turn: whoever edits it sees what it does.
func (a *agent) instruction(text bool) (string, error) {
	ours := nativeInstruction
	if text {
		ours = textInstruction
	}
	if a.planning {
		ours += planningInstruction
	}
	if a.file == "" {
		return ours, nil
	}
	path := a.file
	if !filepath.IsAbs(path) {
		path = filepath.Join(a.dir, path)
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && isDefault(a.file) {
		return ours, nil
	}
	if err != nil {
		return "", errPrompt(a.name, a.file, err)
	}
	own := fill(string(b), a.variables)
	return cmp.Or(strings.TrimSpace(own), ours), nil
}

// isDefault reports whether a file is one that the Python engine writes at every start.
func isDefault(file string) bool {
	dir, base := filepath.Split(filepath.ToSlash(filepath.Clean(file)))
	return strings.HasSuffix(dir, "prompts/defaults/") && (base == "agent.txt" || base == "planning.txt")
}

// fill puts the values of variables in, and makes doubled braces single ones, as in a template.
func fill(text string, variables map[string]any) string {
	pairs := []string{"{{", "{", "}}", "}"}
	for name, v := range variables {
		pairs = append(pairs, "{"+name+"}", tool.Show(v))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
