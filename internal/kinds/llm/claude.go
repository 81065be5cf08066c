package llm

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/woodwork-lang/ww/internal/kinds/chat"
)

// claude speaks the messages protocol of Anthropic.
type claude struct{ settings }

// claudeVersion is the version of the protocol.
const claudeVersion = "2023-06-01"

// mostBlocks bounds the parts of one answer.
const mostBlocks = 256

// claudeTokens is how much is written at most when nobody says; the service wants a number.
const claudeTokens = 8192

// The request.
type (
	claudeRequest struct {
		Model       string          `json:"model"`
		MaxTokens   int             `json:"max_tokens"`
		System      string          `json:"system,omitempty"`
		Messages    []claudeMessage `json:"messages"`
		Tools       []claudeTool    `json:"tools,omitempty"`
		Temperature *float64        `json:"temperature,omitempty"`
		Stream      bool            `json:"stream"`
	}
	claudeMessage struct {
		Role    string        `json:"role"`
		Content []claudeBlock `json:"content"`
	}
	claudeBlock struct {
		Type      string          `json:"type"`
		Text      string          `json:"text,omitempty"`
		ID        string          `json:"id,omitempty"`
		Name      string          `json:"name,omitempty"`
		Input     json.RawMessage `json:"input,omitempty"`
		ToolUseID string          `json:"tool_use_id,omitempty"`
		Content   string          `json:"content,omitempty"`
	}
	claudeTool struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		InputSchema json.RawMessage `json:"input_schema"`
	}
)

// claudeEvent is one event of the answer, or, where nothing is streamed, all of it.
type claudeEvent struct {
	Type    string `json:"type"`
	Index   int    `json:"index"`
	Message struct {
		Model string      `json:"model"`
		Usage claudeUsage `json:"usage"`
	} `json:"message"`
	Block claudeBlock `json:"content_block"`
	Delta struct {
		Type        string `json:"type"`
		Text        string `json:"text"`
		PartialJSON string `json:"partial_json"`
		StopReason  string `json:"stop_reason"`
	} `json:"delta"`
	Usage *claudeUsage `json:"usage"`

	Content    []claudeBlock `json:"content"` // all of it
	Model      string        `json:"model"`
	StopReason string        `json:"stop_reason"`
}

type claudeUsage struct {
	In      int `json:"input_tokens"`
	Written int `json:"cache_creation_input_tokens"`
	Read    int `json:"cache_read_input_tokens"`
	Out     int `json:"output_tokens"`
}

func (c *claude) move(ctx context.Context, r chat.Request, chunk func(string)) (chat.Reply, error) {
	headers := map[string]string{"anthropic-version": claudeVersion, "x-api-key": c.key}
	b := claudeReply{chunk: chunk, settings: c.settings}
	err := c.stream(ctx, c.url+"/messages", headers, c.request(r), b.take)
	switch {
	case errors.Is(err, errLong):
		return chat.Reply{TooLong: true}, nil
	case errors.Is(err, errTools):
		return chat.Reply{NoTools: true}, nil
	case err != nil:
		return chat.Reply{}, err
	case !b.done:
		return chat.Reply{}, errCut(c.name)
	}
	return b.reply(), nil
}

func (c *claude) request(r chat.Request) claudeRequest {
	q := claudeRequest{Model: c.model, MaxTokens: c.maxTokens, Temperature: c.temperature, Stream: true}
	if q.MaxTokens == 0 {
		q.MaxTokens = claudeTokens
	}
	if q.Temperature == nil {
		q.Temperature = new(float64) // as the old engine asked
	}
	for _, m := range r.Messages {
		if m.Role == chat.System {
			q.System = strings.TrimSpace(q.System + "\n\n" + m.Content)
			continue
		}
		role, blocks := claudeBlocks(m)
		if n := len(q.Messages); n > 0 && q.Messages[n-1].Role == role { // it wants the roles to take turns
			q.Messages[n-1].Content = append(q.Messages[n-1].Content, blocks...)
			continue
		}
		q.Messages = append(q.Messages, claudeMessage{Role: role, Content: blocks})
	}
	for _, t := range r.Tools {
		q.Tools = append(q.Tools, claudeTool{Name: t.Name, Description: t.Description, InputSchema: t.Parameters})
	}
	return q
}

func claudeBlocks(m chat.Message) (role string, blocks []claudeBlock) {
	if m.Role == chat.Tool {
		return "user", []claudeBlock{{Type: "tool_result", ToolUseID: m.CallID, Content: filled(m.Content)}}
	}
	role = "user"
	if m.Role == chat.Assistant {
		role = "assistant"
	}
	if strings.TrimSpace(m.Content) != "" || len(m.Calls) == 0 {
		blocks = append(blocks, claudeBlock{Type: "text", Text: filled(m.Content)})
	}
	for _, c := range m.Calls {
		input := json.RawMessage(c.Arguments)
		if !json.Valid(input) || len(input) == 0 || input[0] != '{' {
			input = json.RawMessage("{}")
		}
		blocks = append(blocks, claudeBlock{Type: "tool_use", ID: c.ID, Name: c.Name, Input: input})
	}
	return role, blocks
}

// filled is a text that is not empty: the service refuses empty ones.
func filled(text string) string {
	if strings.TrimSpace(text) == "" {
		return "(nothing)"
	}
	return text
}

// claudeReply puts the pieces together.
type claudeReply struct {
	settings
	chunk  func(string)
	blocks []claudeBlock
	inputs []string
	model  string
	stop   string
	usage  claudeUsage
	done   bool
}

func (b *claudeReply) take(_ string, data []byte) error {
	var e claudeEvent
	if err := json.Unmarshal(data, &e); err != nil {
		return &problem{errPiece(b.name, data)}
	}
	if e.Index < 0 || e.Index >= mostBlocks {
		return &problem{errPiece(b.name, data)}
	}
	switch e.Type {
	case "message_start":
		b.model, b.usage = e.Message.Model, e.Message.Usage
	case "content_block_start":
		b.at(e.Index, e.Block)
	case "content_block_delta":
		b.at(e.Index, claudeBlock{})
		b.blocks[e.Index].Text += e.Delta.Text
		b.inputs[e.Index] += e.Delta.PartialJSON
		if e.Delta.Type == "text_delta" || e.Delta.Type == "input_json_delta" {
			b.chunk(e.Delta.Text) // without a text a sign of life
		}
	case "message_delta":
		b.stop = e.Delta.StopReason
		if e.Usage != nil {
			b.usage.Out = e.Usage.Out
		}
	case "message_stop":
		b.done = true
		return errEnough
	case "message":
		b.whole(e)
	case "error":
		return b.refusal(data)
	}
	return nil
}

// refusal is an error in the middle of a stream.
func (b *claudeReply) refusal(data []byte) error {
	why := reason(data)
	if strings.Contains(string(data), "overloaded_error") {
		return &problem{&overload{text: errStatus(b.settings, 529, why).Error(), after: overloadPause}}
	}
	return &problem{errStatus(b.settings, 0, why)}
}

func (b *claudeReply) whole(e claudeEvent) {
	b.model, b.stop, b.done = e.Model, e.StopReason, true
	if e.Usage != nil {
		b.usage = *e.Usage
	}
	for i, block := range e.Content[:min(len(e.Content), mostBlocks)] {
		b.at(i, block)
		b.inputs[i] = string(block.Input)
		if block.Type == "text" {
			b.chunk(block.Text)
		}
	}
}

// at makes sure that there is a block of this number.
func (b *claudeReply) at(i int, block claudeBlock) {
	for len(b.blocks) <= i {
		b.blocks, b.inputs = append(b.blocks, claudeBlock{}), append(b.inputs, "")
	}
	if block.Type != "" {
		b.blocks[i] = block
	}
}

func (b *claudeReply) reply() chat.Reply {
	u := chat.Usage{In: b.usage.In + b.usage.Written + b.usage.Read, Out: b.usage.Out}
	u.Cost = price(b.settings.model, u)
	out := chat.Reply{Model: b.model, Usage: u}
	var text strings.Builder
	for i, block := range b.blocks {
		switch block.Type {
		case "text":
			text.WriteString(block.Text)
		case "tool_use":
			arguments := b.inputs[i]
			if arguments == "" {
				arguments = "{}"
			}
			out.Calls = append(out.Calls, chat.Call{ID: block.ID, Name: block.Name, Arguments: arguments})
		}
	}
	out.Content = text.String()
	if b.stop == "max_tokens" {
		out.Stop = "length"
	}
	return out
}
