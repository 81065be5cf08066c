// Package llm is the models that somebody else runs: `llm openai` and everything that speaks its protocol, `llm ollama`,
// `llm hugging_face`, and `llm claude`. They answer turns, texts of others, and the conversations of agents.
package llm

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// alive is how often whoever asks hears that an answer is still waited for; within a short limit, three times.
const alive = 5 * time.Second

// provider takes the next move of a conversation. Pieces of the answer go to chunk as they come.
type provider interface {
	move(ctx context.Context, r chat.Request, chunk func(string)) (chat.Reply, error)
}

// service is one type of llm.
type service struct {
	url     string
	model   string // the default; empty: it must be named
	keyless bool
	make    func(settings) provider
}

func services() map[string]service {
	openai := func(s settings) provider { return &openAI{s} }
	return map[string]service{
		"openai":       {url: "https://api.openai.com/v1", model: "gpt-4o-mini", make: openai},
		"ollama":       {url: "http://localhost:11434/v1", keyless: true, make: openai},
		"hugging_face": {url: "https://router.huggingface.co/v1", model: "mistralai/Mixtral-8x7B-Instruct-v0.1", make: openai},
		"claude":       {url: "https://api.anthropic.com/v1", model: "claude-sonnet-4-20250514", make: func(s settings) provider { return &claude{s} }},
	}
}

// settings are what a provider needs to know.
type settings struct {
	name, typ   string
	url, key    string
	model       string
	temperature *float64
	seed        *uint32 // of what is chance in its answers, for services that take one; nil: none
	maxTokens   int
	silence     time.Duration // nothing heard for this long is a failure
	retries     int
	http        *wire
}

// New makes the component of spec.
func New(spec component.Spec) (component.Kind, error) {
	kind, known := services()[spec.Type]
	if !known {
		return nil, errType(spec.Type)
	}
	v := property.Values(spec.Config)
	m := &model{name: spec.Name, dir: spec.App.Dir}
	s := settings{name: spec.Name, typ: spec.Type, seed: spec.App.Seed, http: newWire()}
	var errs []error
	text := func(name, otherwise string) string {
		t, err := v.Text(name, otherwise)
		errs = append(errs, err)
		return t
	}
	s.key = text("api_key", "")
	s.model = text("model", kind.model)
	s.url = strings.TrimRight(text("base_url", kind.url), "/")
	m.memory, m.knowledge = text("memory", ""), text("knowledge_base", "")
	var err error
	s.silence, err = v.Duration("timeout", time.Minute)
	errs = append(errs, err)
	s.retries, err = v.Int("max_retries", 2)
	errs = append(errs, err)
	s.maxTokens, err = v.Int("max_tokens", 0)
	errs = append(errs, err)
	if t, ok, err := v.Number("temperature"); ok {
		s.temperature = &t
	} else {
		errs = append(errs, err)
	}
	errs = append(errs, m.readPrompt(v))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	switch {
	case s.model == "":
		return nil, errNoModel(spec.Name)
	case s.key == "" && !kind.keyless && s.url == kind.url:
		return nil, errNoKey(spec.Name)
	}
	m.provider = kind.make(s)
	m.settings = s
	return m, nil
}

// model is one instance.
type model struct {
	name, dir         string
	log               *slog.Logger
	settings          settings
	provider          provider
	memory, knowledge string // components
	file              string // of the instruction; empty: ours
	variables         map[string]any
}

func (m *model) readPrompt(v property.Values) error {
	prompt, err := v.Dictionary("prompt")
	if err != nil {
		return err
	}
	if m.file, err = property.Values(prompt).Text("file", ""); err != nil {
		return err
	}
	m.variables, err = property.Values(prompt).Dictionary("variables")
	return err
}

func (m *model) Start(_ context.Context, env component.Env) (component.Traits, error) {
	m.log = env.Log
	if _, err := m.instruction(); err != nil {
		env.Log.Warn("the instruction cannot be read", "error", err) // its turns will say so too
	}
	return component.Traits{Capabilities: []string{"text", "streaming", "tools"}, MaxConcurrent: 100}, nil
}

const ours = "You are a helpful assistant. Answer in at most three sentences."

// instruction is read anew for every turn: whoever edits the file sees what it does.
func (m *model) instruction() (string, error) {
	if m.file == "" {
		return ours, nil
	}
	path := m.file
	if !filepath.IsAbs(path) {
		path = filepath.Join(m.dir, path)
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && strings.HasSuffix(filepath.ToSlash(filepath.Clean(m.file)), "prompts/defaults/llm.txt") {
		return ours, nil
	}
	if err != nil {
		return "", errPrompt(m.name, m.file, err)
	}
	pairs := []string{"{{", "{", "}}", "}"}
	for name, v := range m.variables {
		pairs = append(pairs, "{"+name+"}", tool.Show(v))
	}
	return cmp.Or(strings.TrimSpace(strings.NewReplacer(pairs...).Replace(string(b))), ours), nil
}

// Handle answers a turn.
func (m *model) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return m.say(ctx, string(t.Body), t.Session, t.Ask, t.Chunk)
}

// Answer implements component.Answerer: a move in an agent's conversation, or the answer to a text.
func (m *model) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	defer beat(m.settings.silence, func() { q.Chunk("") })()
	if q.Type != chat.Type {
		text := tool.ParseCall(q.Body).Filled()
		return m.say(ctx, cmp.Or(text, string(q.Body)), q.Session, q.Ask, q.Chunk)
	}
	var r chat.Request
	if err := json.Unmarshal(q.Body, &r); err != nil {
		return component.Result{}, fmt.Errorf("a conversation that cannot be read: %w", err)
	}
	reply, err := m.provider.move(ctx, r, q.Chunk)
	if err != nil {
		return component.Result{}, err
	}
	return reply.Result()
}

// beat gives signs of life until it is stopped.
func beat(limit time.Duration, sign func()) (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(max(time.Millisecond, min(alive, limit/3)))
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				sign()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}

// Describe implements component.Describer.
func (m *model) Describe(context.Context) (component.Result, error) {
	text := "A model that answers questions in a few sentences. The action is the question in plain words; {name} in it stands for the value of the input with that name."
	if m.knowledge != "" {
		text += " It looks things up in the knowledge base " + m.knowledge + "."
	}
	return tool.Description{Type: m.settings.typ, Free: true, Text: text}.Result()
}

func (m *model) Close(context.Context) error { return nil }

type asking = func(context.Context, component.Request) (component.Result, error)

// say answers one text, with what it remembers and what it finds.
func (m *model) say(ctx context.Context, text, session string, ask asking, chunk func(string)) (component.Result, error) {
	system, err := m.instruction()
	if err != nil {
		return component.Result{}, err
	}
	if system, err = m.informed(ctx, system, text, ask); err != nil {
		return component.Result{}, err
	}
	reply, err := m.provider.move(ctx, chat.Request{Messages: []chat.Message{
		{Role: chat.System, Content: system}, {Role: chat.User, Content: text},
	}}, chunk)
	switch {
	case err != nil:
		return component.Result{}, err
	case reply.TooLong:
		return component.Result{}, errTooLong(m.name, m.settings.model)
	}
	if m.memory != "" {
		q := tool.Call{Action: "append", Inputs: map[string]any{"user": text, "ai": reply.Content}}.Request(m.memory)
		if _, err := ask(ctx, q); err != nil {
			return component.Result{}, err
		}
	}
	return component.Result{
		ContentType: tool.Text, Body: []byte(reply.Content), Tokens: reply.Usage.In + reply.Usage.Out, Cost: reply.Usage.Cost,
	}, nil
}

// informed adds to the instruction what is remembered and what is found.
func (m *model) informed(ctx context.Context, system, text string, ask asking) (string, error) {
	if m.knowledge != "" {
		res, err := tool.LookUp(ctx, ask, m.knowledge, text)
		if err != nil {
			return "", err
		}
		if res.ContentType == tool.Failure {
			m.log.Warn("nothing was looked up", "knowledge_base", m.knowledge, "why", string(res.Body))
			res.Body = []byte("(Nothing is found in it.)")
		}
		system += "\nUse what follows from the knowledge base. Name the files that matter, in a smooth and short answer, and say so when the answer is not in them.\n\n" + string(res.Body)
	}
	if m.memory != "" {
		res, err := ask(ctx, tool.Call{Action: "read"}.Request(m.memory))
		if err != nil {
			return "", err
		}
		if len(res.Body) > 0 {
			system += "\nWhat was said before:\n" + string(res.Body)
		}
	}
	return system, nil
}
