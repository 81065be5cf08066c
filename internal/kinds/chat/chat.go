// Package chat is what agents and models say to each other: a conversation with the tools that may be used, and the
// model's next move.
package chat

import (
	"encoding/json"

	"github.com/woodwork-lang/ww/internal/component"
)

// Type is the type of the request; its body is a [Request], the body of its answer a [Reply].
const Type = "llm.chat"

// Role says who speaks.
type Role string

// The roles.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
	Tool      Role = "tool" // the result of a call
)

// Request is a conversation that a model is to go on with.
type Request struct {
	Messages []Message `json:"messages"`
	Tools    []Def     `json:"tools,omitempty"`
}

// Message is one part of a conversation.
type Message struct {
	Role    Role   `json:"role"`
	Content string `json:"content"`
	Calls   []Call `json:"calls,omitempty"`   // of an assistant
	CallID  string `json:"call_id,omitempty"` // of a tool's result: which call it answers
}

// Def is a tool as a model sees it.
type Def struct {
	Name        string          `json:"name"` // letters, digits, _ and -, at most 64
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters"` // JSON Schema, an object
}

// Call is a tool call that a model wants.
type Call struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Arguments string `json:"arguments"` // as the model wrote it: JSON, if all is well
}

// Reply is a model's next move.
type Reply struct {
	Content string `json:"content"`
	Calls   []Call `json:"calls,omitempty"`
	Usage   Usage  `json:"usage"`
	Model   string `json:"model,omitempty"`
	Stop    string `json:"stop,omitempty"` // "length" when the model ran out of room; else empty
	// NoTools says that this model takes no tools, and that nothing was asked of it.
	NoTools bool `json:"no_tools,omitempty"`
	// TooLong says that the conversation is more than the model takes, and that it said nothing.
	TooLong bool `json:"too_long,omitempty"`
}

// Usage is what a reply took.
type Usage struct {
	In   int     `json:"in"`             // tokens read
	Out  int     `json:"out"`            // tokens written
	Cost float64 `json:"cost,omitempty"` // US dollars; 0 when the price is not known
}

// Add adds up.
func (u *Usage) Add(v Usage) {
	u.In += v.In
	u.Out += v.Out
	u.Cost += v.Cost
}

// Ask is the request to a model's component.
func (r Request) Ask(to string) component.Request {
	b, err := json.Marshal(r)
	if err != nil {
		panic("chat: a conversation is plain data: " + err.Error())
	}
	return component.Request{To: to, Type: Type, ContentType: "application/json", Body: b}
}

// Result is the reply as an answer.
func (r Reply) Result() (component.Result, error) {
	b, err := json.Marshal(r)
	return component.Result{ContentType: "application/json", Body: b}, err
}

// ParseReply reads an answer. A model that answers with plain text has said just that.
func ParseReply(r component.Result) (Reply, error) {
	if r.ContentType != "application/json" {
		return Reply{Content: string(r.Body)}, nil
	}
	var reply Reply
	err := json.Unmarshal(r.Body, &reply)
	return reply, err
}

// Tokens is a rough count of the tokens in a text: four bytes are one.
func Tokens(text string) int { return (len(text) + 3) / 4 }

// Tokens is the same of a whole conversation, with what its tools take.
func (r Request) Tokens() int {
	n := 0
	for _, m := range r.Messages {
		n += 4 + Tokens(m.Content)
		for _, c := range m.Calls {
			n += Tokens(c.Name) + Tokens(c.Arguments)
		}
	}
	for _, t := range r.Tools {
		n += Tokens(t.Name) + Tokens(t.Description) + Tokens(string(t.Parameters))
	}
	return n
}
