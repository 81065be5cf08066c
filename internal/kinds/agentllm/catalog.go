package agentllm

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// The tools that every agent has, or has when it plans.
const (
	askUser       = "ask_user"
	planningTools = "planning_tools"
)

// separator stands between a component and its function in the name of a tool as models see it.
const separator = "__"

// maxName is how long such a name may be.
const maxName = 64

// catalog is what an agent can do, as of the beginning of a turn.
type catalog struct {
	names  []string // components and built-in tools, in order
	said   map[string]tool.Description
	silent map[string]bool // did not describe themselves: they take any object
	defs   []chat.Def
	back   map[string]action // from a tool's name as models see it
}

// catalog asks every tool what it can do. That is no step of the turn: what is answered decides nothing that a second
// run must do alike. A tool that does not answer is shown as it was before, or as one that takes anything.
func (a *agent) catalog(ctx context.Context, ask func(context.Context, component.Request) (component.Result, error)) *catalog {
	c := &catalog{said: map[string]tool.Description{}, silent: map[string]bool{}, back: map[string]action{}}
	answers := make([]*tool.Description, len(a.tools))
	var all sync.WaitGroup
	for i, name := range a.tools {
		all.Go(func() { answers[i] = describe(ctx, ask, name) })
	}
	all.Wait()
	for i, name := range a.tools {
		c.names = append(c.names, name)
		if answers[i] == nil {
			c.silent[name] = true
			answers[i] = &tool.Description{}
		}
		c.said[name] = *answers[i]
	}
	if a.planning {
		c.builtIn(planningTools, planningDescription())
	}
	c.builtIn(askUser, tool.Description{Type: askUser, Text: "Asks the user a question and waits for the answer. The input is question."})
	for _, name := range c.names {
		c.define(name)
	}
	return c
}

// builtIn adds a tool of ours, unless a component has its name.
func (c *catalog) builtIn(name string, d tool.Description) {
	if !slices.Contains(c.names, name) {
		c.names = append(c.names, name)
		c.said[name] = d
	}
}

// describe asks one component. While it starts it is asked again, for a while.
func describe(ctx context.Context, ask func(context.Context, component.Request) (component.Result, error), name string) *tool.Description {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	res, err := ask(ctx, component.Request{To: name, Type: event.TypeDescribe})
	var d tool.Description
	if err != nil || json.Unmarshal(res.Body, &d) != nil {
		return nil
	}
	return &d
}

// anything is the schema of a tool that did not say what it takes.
const anything = `{"type":"object","additionalProperties":true}`

// define makes the definitions of one component for models that make tool calls.
func (c *catalog) define(name string) {
	d := c.said[name]
	switch {
	case name == askUser && c.builtInOnly(name):
		c.add(name, action{Tool: name}, d.Text, json.RawMessage(
			`{"type":"object","properties":{"question":{"type":"string"}},"required":["question"]}`))
	case c.silent[name]:
		c.add(name, action{Tool: name}, "", json.RawMessage(anything))
	case d.Problem != "" && len(d.Functions) == 0 && !d.Free:
		c.add(name, action{Tool: name}, "This tool cannot work now: "+d.Problem, json.RawMessage(anything))
	case d.Free:
		c.add(name, action{Tool: name}, d.Text, json.RawMessage(
			`{"type":"object","properties":{"action":{"type":"string"},"inputs":{"type":"object","additionalProperties":true}},"required":["action"]}`))
	}
	for _, f := range d.Functions {
		params := f.Parameters
		if len(params) == 0 || string(params) == "null" {
			params = json.RawMessage(anything)
		}
		c.add(name+separator+f.Name, action{Tool: name, Action: f.Name}, f.Description, params)
	}
}

// builtInOnly reports whether a name is that of a tool of ours.
func (c *catalog) builtInOnly(name string) bool { return c.said[name].Type == name }

func (c *catalog) add(name string, a action, text string, params json.RawMessage) {
	name = safeName(name)
	if _, taken := c.back[name]; taken {
		name = hashed(name, a.Tool+"."+a.Action)
	}
	c.back[name] = a
	c.defs = append(c.defs, chat.Def{Name: name, Description: text, Parameters: params})
}

// safeName is a name with nothing but what every service takes.
func safeName(name string) string {
	safe := strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
	if len(safe) > maxName {
		return hashed(safe, name)
	}
	return safe
}

func hashed(name, of string) string {
	h := fnv.New32a()
	h.Write([]byte(of))
	return fmt.Sprintf("%.*s_%08x", maxName-9, name, h.Sum32())
}

// action is what a call of the model's means; problem tells the model what is wrong with it.
func (c *catalog) action(call chat.Call) (a action, problem string) {
	a, ok := c.back[call.Name]
	if !ok {
		a = c.named(call.Name)
	}
	arguments := strings.TrimSpace(call.Arguments)
	if arguments == "" || arguments == "null" {
		arguments = "{}"
	}
	if err := tool.Decode([]byte(arguments), &a.Inputs); err != nil {
		return a, "Error: the arguments of the call are not a JSON object: " + err.Error()
	}
	if c.said[a.Tool].Free && a.Action == "" {
		if text, ok := a.Inputs["action"].(string); ok {
			inputs, _ := a.Inputs["inputs"].(map[string]any)
			a.Action, a.Inputs = text, inputs
		} else {
			a.Action = tool.Show(a.Inputs)
		}
	}
	if a.Inputs == nil {
		a.Inputs = map[string]any{}
	}
	return a, ""
}

// named reads a name that is none of ours: models shorten names, and write them as their instruction does.
func (c *catalog) named(name string) action {
	best := ""
	for _, n := range c.names {
		if (strings.HasPrefix(name, n+separator) || strings.HasPrefix(name, n+".")) && len(n) > len(best) {
			best = n
		}
	}
	if best != "" {
		return action{Tool: best, Action: strings.TrimPrefix(strings.TrimPrefix(name[len(best):], separator), ".")}
	}
	var found []action
	for _, a := range c.back {
		if a.Action == name && a.Action != "" {
			found = append(found, a)
		}
	}
	if len(found) == 1 && !slices.Contains(c.names, name) {
		return found[0]
	}
	component, function, _ := strings.Cut(name, separator)
	return action{Tool: component, Action: function}
}

// blocks are the tools as an instruction for a model that only writes text.
func (c *catalog) blocks() string {
	var b strings.Builder
	b.WriteString("These are the tools.\n\n")
	for _, name := range c.names {
		d := c.said[name]
		typ, text := d.Type, d.Text
		if typ == "" {
			typ = "tool"
		}
		if d.Problem != "" {
			text = "This tool cannot work now: " + d.Problem
		}
		if c.silent[name] {
			text = "Takes any action and inputs."
		}
		fmt.Fprintf(&b, "tool name: %s\ntool type: %s\n<tool_description>\n%s\n</tool_description>\n\n", name, typ, strings.TrimSpace(text))
	}
	return b.String()
}
