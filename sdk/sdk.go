// Package sdk writes components for ww in Go.
//
//	func main() {
//		c := sdk.Component{Name: "weather", Version: "1.0"}
//		c.Tools = []sdk.Tool{{
//			Name: "forecast", Description: "What the weather will be.",
//			Schema: sdk.Inputs(map[string]string{"city": "string"}),
//			Do: func(ctx context.Context, t *sdk.Turn) (any, error) {
//				var in struct{ City string }
//				if err := t.Into(&in); err != nil {
//					return nil, err
//				}
//				return in.City + ": sun", nil
//			},
//		}}
//		if err := c.Run(context.Background()); err != nil {
//			log.Fatal(err)
//		}
//	}
//
// In main.ww: weather = custom process { command: ["./weather"] }. Whatever the program writes to os.Stderr, as log does,
// is the component's log; os.Stdout belongs to the protocol, which is described in docs/reference/process.md.
// `ww component test -- ./weather` says whether everything is as it should be.
//
// This package is the one public API of its module. It imports the standard library only.
package sdk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
)

// Component is one program that ww runs. Set its fields, then Run it; a field is not changed after that.
type Component struct {
	Name, Version string
	Description   string   // what agents are told of it
	Capabilities  []string // what others may look it up by
	InputEvents   []string // types of message it takes; nil: the usual ones
	OutputEvents  []string
	SideEffects   bool // calls of it change the world: none is handed over twice
	MaxConcurrent int  // how many requests it works on at once; 0: 1
	Tools         []Tool

	// Start runs once, before the component is ready, with what main.ww says in config. An error refuses the start.
	Start func(ctx context.Context, config json.RawMessage) error
	// Process does the work of a turn, and of calls that are for no tool. What it returns is the answer: a string, []byte,
	// nil, or whatever json.Marshal takes. ctx ends when nobody waits for it any more.
	Process func(ctx context.Context, t *Turn) (any, error)

	in  io.Reader // nil: the standard ones
	out io.Writer
}

// Tool is something that agents can call the component for.
type Tool struct {
	Name, Description string
	Schema            any // a JSON Schema of type object, as whatever marshals to it; see Inputs. nil: it takes nothing
	Do                func(ctx context.Context, t *Turn) (any, error)
}

// Inputs is the schema of an object that has these members, all of them required, with their types: string, integer,
// number, boolean, array, object.
func Inputs(types map[string]string) any {
	properties := map[string]any{}
	for name, t := range types {
		properties[name] = map[string]string{"type": t}
	}
	return map[string]any{"type": "object", "properties": properties, "required": slices.Sorted(maps.Keys(types))}
}

// Turn is one request: a part of a turn, or a call of another component.
type Turn struct {
	Role          string // "hop" or "call"
	Session, Turn string
	Attempt       int
	From, Key     string // of a call: who asks, and the same key when it is asked again
	ContentType   string
	Data          json.RawMessage // as it came; see Text and Bytes
	Encoding      string
	Tool          string          // which tool is called; empty: none
	Inputs        json.RawMessage // of the tool; see Into

	c  *conn
	id json.RawMessage
}

// Text is the data as a text: a JSON string as its characters, other JSON as it is written.
func (t *Turn) Text() string { return string(t.Bytes()) }

// Bytes is the data as bytes.
func (t *Turn) Bytes() []byte { return plain(t.Data, t.Encoding) }

// Into reads the inputs of a tool.
func (t *Turn) Into(v any) error {
	if len(t.Inputs) == 0 {
		return nil
	}
	return json.Unmarshal(t.Inputs, v)
}

// Chunk shows a piece of the answer to whoever watches. The answer itself must hold the whole text again.
func (t *Turn) Chunk(text string) {
	t.c.notify("chunk", map[string]any{"id": t.id, "text": text})
}

// Emit tells an event to the hooks of the app.
func (t *Turn) Emit(event string, data any) {
	t.c.notify("emit", map[string]any{"event": event, "session": t.Session, "data": data})
}

// Answer is what another component said.
type Answer struct {
	ContentType string          `json:"content_type"`
	Encoding    string          `json:"encoding"`
	Data        json.RawMessage `json:"data"`
	Fallback    string          `json:"fallback"` // not empty: somebody else answered, in the way it says
}

// Text is the answer as a text.
func (a Answer) Text() string { return string(a.Bytes()) }

// Bytes is the answer as bytes.
func (a Answer) Bytes() []byte { return plain(a.Data, a.Encoding) }

// Call asks another component: data is a string, []byte, or whatever json.Marshal takes. Within a turn the calls that are
// made one after the other must be the same when the turn is run again after a crash: those that were answered get the
// answers they had.
func (t *Turn) Call(ctx context.Context, component string, data any) (Answer, error) {
	p, err := encode(data)
	if err != nil {
		return Answer{}, err
	}
	p["id"], p["component"] = t.id, component
	var a Answer
	raw, err := t.c.call(ctx, p)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(raw, &a)
}

func plain(data json.RawMessage, encoding string) []byte {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return data
	}
	if encoding == "base64" {
		if b, err := base64.StdEncoding.DecodeString(text); err == nil {
			return b
		}
	}
	return []byte(text)
}

// encode is data as it travels.
func encode(data any) (map[string]any, error) {
	switch data := data.(type) {
	case []byte:
		return map[string]any{"content_type": "application/octet-stream", "encoding": "base64", "data": data}, nil
	case nil:
		return map[string]any{"data": nil}, nil
	}
	b, err := json.Marshal(data)
	return map[string]any{"data": json.RawMessage(b)}, err
}

// Run serves until ww says that it is enough, or ctx is over. It returns nil then.
func (c *Component) Run(ctx context.Context) error {
	in, out := c.in, c.out
	if in == nil {
		in, out = os.Stdin, os.Stdout
	}
	ctx, cancel := context.WithCancel(ctx)
	n := &conn{c: c, ctx: ctx, out: out, turns: map[string]context.CancelFunc{}, calls: map[string]chan message{}, free: make(chan struct{}, max(1, c.MaxConcurrent))}
	var work sync.WaitGroup
	err := n.serve(in, &work)
	cancel()
	work.Wait()
	if errors.Is(err, errShutdown) || errors.Is(err, io.EOF) || ctx.Err() != nil && err == nil {
		return nil
	}
	return err
}

func (c *Component) tool(name string) (Tool, error) {
	i := slices.IndexFunc(c.Tools, func(t Tool) bool { return t.Name == name })
	if i < 0 {
		return Tool{}, fmt.Errorf("there is no tool %q", name)
	}
	return c.Tools[i], nil
}
