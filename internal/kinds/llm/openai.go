package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/kinds/chat"
)

// openAI speaks the chat completions protocol of OpenAI, as many other services do.
type openAI struct{ settings }

// The request.
type (
	openAIRequest struct {
		Model         string          `json:"model"`
		Messages      []openAIMessage `json:"messages"`
		Tools         []openAITool    `json:"tools,omitempty"`
		Temperature   *float64        `json:"temperature,omitempty"`
		Seed          *uint32         `json:"seed,omitempty"`
		MaxTokens     int             `json:"max_completion_tokens,omitempty"`
		OldMaxTokens  int             `json:"max_tokens,omitempty"`
		Stream        bool            `json:"stream"`
		StreamOptions *openAIOptions  `json:"stream_options,omitempty"`
	}
	openAIOptions struct {
		IncludeUsage bool `json:"include_usage"`
	}
	openAIMessage struct {
		Role       string       `json:"role"`
		Content    *string      `json:"content"`
		ToolCalls  []openAICall `json:"tool_calls,omitempty"`
		ToolCallID string       `json:"tool_call_id,omitempty"`
	}
	openAICall struct {
		Index    *int           `json:"index,omitempty"`
		ID       string         `json:"id,omitempty"`
		Type     string         `json:"type,omitempty"`
		Function openAIFunction `json:"function"`
	}
	openAIFunction struct {
		Name      string `json:"name,omitempty"`
		Arguments string `json:"arguments"`
	}
	openAITool struct {
		Type     string        `json:"type"`
		Function openAIToolDef `json:"function"`
	}
	openAIToolDef struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Parameters  json.RawMessage `json:"parameters,omitempty"`
	}
)

// openAIChunk is a piece of the answer, or, where nothing is streamed, all of it.
type openAIChunk struct {
	Model   string `json:"model"`
	Choices []struct {
		Delta        openAIDelta `json:"delta"`
		Message      openAIDelta `json:"message"`
		FinishReason string      `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		In  int `json:"prompt_tokens"`
		Out int `json:"completion_tokens"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

type openAIDelta struct {
	Content   string       `json:"content"`
	Refusal   string       `json:"refusal"`
	ToolCalls []openAICall `json:"tool_calls"`
}

func (o *openAI) move(ctx context.Context, r chat.Request, chunk func(string)) (chat.Reply, error) {
	headers := map[string]string{}
	if o.key != "" {
		headers["Authorization"] = "Bearer " + o.key
	}
	b := openAIReply{chunk: chunk, settings: o.settings}
	err := o.stream(ctx, o.url+"/chat/completions", headers, o.request(r), b.take)
	switch {
	case errors.Is(err, errLong):
		return chat.Reply{TooLong: true}, nil
	case errors.Is(err, errTools):
		return chat.Reply{NoTools: true}, nil
	case err != nil:
		return chat.Reply{}, err
	case !b.done:
		return chat.Reply{}, errCut(o.name)
	}
	return b.reply(r), nil
}

func (o *openAI) request(r chat.Request) openAIRequest {
	q := openAIRequest{Model: o.model, Temperature: o.temperature, Seed: o.seed, Stream: true, StreamOptions: &openAIOptions{IncludeUsage: true}}
	if o.typ == "openai" && strings.HasPrefix(o.url, "https://api.openai.com") {
		q.MaxTokens = o.maxTokens
	} else {
		q.OldMaxTokens = o.maxTokens
	}
	if o.temperature == nil && o.typ == "openai" && !reasons(o.model) {
		q.Temperature = new(float64) // as the old engine asked
	}
	for _, m := range r.Messages {
		content := m.Content
		one := openAIMessage{Role: string(m.Role), Content: &content, ToolCallID: m.CallID}
		for _, c := range m.Calls {
			one.ToolCalls = append(one.ToolCalls, openAICall{ID: c.ID, Type: "function", Function: openAIFunction{Name: c.Name, Arguments: c.Arguments}})
		}
		if len(m.Calls) > 0 && content == "" {
			one.Content = nil
		}
		q.Messages = append(q.Messages, one)
	}
	for _, t := range r.Tools {
		q.Tools = append(q.Tools, openAITool{Type: "function", Function: openAIToolDef{Name: t.Name, Description: short(t.Description), Parameters: t.Parameters}})
	}
	return q
}

// short is a description that the service takes: more than 1024 bytes it refuses.
func short(text string) string {
	const most = 1024
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-3], "") + "…"
}

// reasons tells models that take no temperature.
func reasons(model string) bool {
	return slices.ContainsFunc([]string{"gpt-5", "o1", "o3", "o4"}, func(p string) bool { return strings.HasPrefix(model, p) })
}

// openAIReply puts the pieces together.
type openAIReply struct {
	settings
	chunk   func(string)
	content strings.Builder
	calls   []chat.Call
	model   string
	stop    string
	usage   chat.Usage
	counted bool
	done    bool
}

func (b *openAIReply) take(_ string, data []byte) error {
	if string(data) == "[DONE]" {
		b.done = true
		return errEnough
	}
	var c openAIChunk
	if err := json.Unmarshal(data, &c); err != nil {
		return &problem{errPiece(b.name, data)}
	}
	if len(c.Error) > 0 && string(c.Error) != "null" {
		return &problem{errStatus(b.settings, 0, reason(data))}
	}
	if c.Model != "" {
		b.model = c.Model
	}
	if c.Usage != nil {
		b.usage, b.counted = chat.Usage{In: c.Usage.In, Out: c.Usage.Out}, true
	}
	for _, choice := range c.Choices {
		b.add(choice.Delta)
		b.add(choice.Message)
		if choice.FinishReason != "" {
			b.stop, b.done = choice.FinishReason, true
		}
	}
	return nil
}

func (b *openAIReply) add(d openAIDelta) {
	if text := d.Content + d.Refusal; text != "" {
		b.content.WriteString(text)
		b.chunk(text)
	}
	for i, c := range d.ToolCalls {
		at := i
		switch {
		case c.Index != nil:
			at = *c.Index
		case c.ID != "": // some services number nothing
			at = len(b.calls)
		}
		if at < 0 || at > 128 {
			continue
		}
		for len(b.calls) <= at {
			b.calls = append(b.calls, chat.Call{})
		}
		call := &b.calls[at]
		call.ID += c.ID
		call.Name += c.Function.Name
		call.Arguments += c.Function.Arguments
		b.chunk("") // a sign of life
	}
}

func (b *openAIReply) reply(r chat.Request) chat.Reply {
	out := chat.Reply{Content: b.content.String(), Model: b.model, Usage: b.usage}
	for i, c := range b.calls {
		if c.Name == "" {
			continue
		}
		if c.ID == "" {
			c.ID = fmt.Sprintf("call_%d", i+1)
		}
		out.Calls = append(out.Calls, c)
	}
	if b.stop == "length" {
		out.Stop = b.stop
	}
	if !b.counted {
		out.Usage = estimate(r, out)
	}
	if b.typ != "ollama" {
		out.Usage.Cost = price(b.settings.model, out.Usage)
	}
	return out
}

// estimate counts roughly where the service does not count.
func estimate(r chat.Request, reply chat.Reply) chat.Usage {
	out := chat.Tokens(reply.Content)
	for _, c := range reply.Calls {
		out += chat.Tokens(c.Name + c.Arguments)
	}
	return chat.Usage{In: r.Tokens(), Out: out}
}
