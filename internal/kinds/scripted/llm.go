package scripted

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// llm is a model: it answers turns, texts of others, and the conversations of agents, in which its calls are those that
// the agent makes for it.
type llm struct {
	model
	standIn bool // it stands in for another model
	// The components that it remembers by and looks things up in, as the model would that it stands in for.
	memory, knowledge string
}

func (m *llm) Start(_ context.Context, env component.Env) (component.Traits, error) {
	if m.name == "" {
		m.script, m.env = &Script{}, env
		return m.traits, nil
	}
	return m.traits, m.load(env, func(Step) (problem, bool) { return problem{}, false })
}

func (m *llm) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	if t.Ask == nil {
		return m.say(ctx, t, "")
	}
	knows, err := m.lookUp(ctx, string(t.Body), t.Ask)
	if err != nil {
		return component.Result{}, err
	}
	if m.memory == "" {
		return m.say(ctx, t, knows)
	}
	before, err := t.Ask(ctx, tool.Call{Action: "read"}.Request(m.memory))
	if err != nil {
		return component.Result{}, err
	}
	res, err := m.say(ctx, t, knows+remembered(string(before.Body)))
	if err != nil {
		return res, err
	}
	said := tool.Call{Action: "append", Inputs: map[string]any{"user": string(t.Body), "ai": string(res.Body)}}
	_, err = t.Ask(ctx, said.Request(m.memory))
	return res, err
}

// lookUp asks the knowledge base, and says what comes of it.
func (m *llm) lookUp(ctx context.Context, text string, ask func(context.Context, component.Request) (component.Result, error)) (string, error) {
	if m.knowledge == "" || ask == nil {
		return "", nil
	}
	res, err := tool.LookUp(ctx, ask, m.knowledge, text)
	if err != nil {
		return "", err
	}
	return found(m.knowledge, res), nil
}

// say answers a turn; more is what a stand-in adds.
func (m *llm) say(ctx context.Context, t component.Task, more string) (component.Result, error) {
	if _, _, ok := m.script.Reply(string(t.Body)); !ok && m.standIn {
		text := standInText(string(t.Body)) + more
		if t.Chunk != nil {
			t.Chunk(text)
		}
		return component.Result{ContentType: tool.Text, Body: []byte(text)}, nil
	}
	return m.model.Handle(ctx, t)
}

// Answer implements component.Answerer.
func (m *llm) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	if q.Type == chat.Type {
		return m.converse(ctx, q)
	}
	text := tool.ParseCall(q.Body).Filled()
	if text == "" {
		text = string(q.Body)
	}
	if _, _, ok := m.script.Reply(text); !ok && m.standIn {
		knows, err := m.lookUp(ctx, text, q.Ask)
		return component.Result{ContentType: tool.Text, Body: []byte(standInText(text) + knows)}, err
	}
	return m.act(ctx, []byte(text), stage{attempt: 1, chunk: q.Chunk})
}

// Describe implements component.Describer.
func (m *llm) Describe(context.Context) (component.Result, error) {
	return tool.Description{Type: "scripted", Free: true, Text: "A model that answers questions. The action is the question in plain words."}.Result()
}

// converse takes the next move in a conversation: the script is played from the user's last words on, with the results of
// the calls that were made since, up to the next call or the end.
func (m *llm) converse(ctx context.Context, q component.Question) (component.Result, error) {
	var r chat.Request
	if err := json.Unmarshal(q.Body, &r); err != nil {
		return component.Result{}, fmt.Errorf("a conversation that cannot be read: %w", err)
	}
	text, made := lastWords(r.Messages)
	steps, places, ok := m.script.Reply(text)
	reply := chat.Reply{Model: "scripted", Usage: chat.Usage{In: r.Tokens()}}
	switch {
	case ok:
		if err := m.move(ctx, q, steps, places, made, r.Tools, &reply); err != nil {
			return component.Result{}, err
		}
	case m.standIn:
		improvise(text, made, r.Tools, &reply)
		if q.Chunk != nil && len(reply.Calls) == 0 { // a thought is no part of the answer
			q.Chunk(reply.Content)
		}
	default:
		return component.Result{}, errNoReply(m.name, text)
	}
	reply.Usage.Out = chat.Tokens(reply.Content)
	return reply.Result()
}

// pendingCall ends a script where it makes a call that nobody has answered yet.
type pendingCall struct {
	to, function, body string
	json               bool
	said               string
}

func (*pendingCall) Error() string { return "a call is to be made" }

// move plays a script up to its next call, or to its end.
func (m *llm) move(ctx context.Context, q component.Question, steps []Step, places Places, made []string, tools []chat.Def, reply *chat.Reply) error {
	on := stage{script: m.name, attempt: 1, chunk: q.Chunk, log: m.env.Stdout, fatal: m.env.Fatal, past: len(made)}
	n := 0
	on.ask = func(_ context.Context, s Step, body string) (component.Result, error) {
		if n++; n <= len(made) {
			if why, failed := strings.CutPrefix(made[n-1], "Error: "); failed && s.Or != nil {
				return component.Result{}, errors.New(why)
			}
			return component.Result{Body: []byte(made[n-1])}, nil
		}
		return component.Result{}, &pendingCall{to: s.To, function: s.Func, body: body, json: s.Text.json}
	}
	answer, err := play(ctx, on, steps, places)
	var next *pendingCall
	switch {
	case errors.As(err, &next):
		arguments := next.body
		if !next.json {
			b, err := json.Marshal(map[string]string{"action": next.body})
			if err != nil {
				return err
			}
			arguments = string(b)
		}
		reply.Content = next.said
		reply.Calls = []chat.Call{{ID: callID(len(made)), Name: nameOf(tools, next.to, next.function), Arguments: arguments}}
	case err != nil:
		return err
	default:
		reply.Content = answer
	}
	return nil
}

// lastWords are the user's last words, and the results of the calls since.
func lastWords(messages []chat.Message) (text string, made []string) {
	for _, m := range messages {
		switch m.Role {
		case chat.User:
			text, made = m.Content, nil
		case chat.Tool:
			made = append(made, m.Content)
		case chat.System, chat.Assistant:
		}
	}
	return text, made
}

func callID(n int) string { return fmt.Sprintf("call_%d", n+1) }

// nameOf is how a tool is called in a conversation.
func nameOf(tools []chat.Def, component, function string) string {
	name := component
	if function != "" {
		name += "__" + function
	}
	for _, t := range tools {
		if t.Name == name {
			return name
		}
	}
	return name
}
