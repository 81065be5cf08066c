package sdk

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
)

// maxLine is the longest message.
const maxLine = 1 << 20

var (
	errShutdown = errors.New("asked to end")
	errNoHop    = errors.New("this component has tools only; it is no part of a chain")
)

type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *remote         `json:"error,omitempty"`
}

// remote is an error of the other side.
type remote struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (r *remote) Error() string { return r.Message }

// conn is the protocol's end of a component.
type conn struct {
	c    *Component
	ctx  context.Context
	free chan struct{} // one for each request that may be worked on

	mu    sync.Mutex // of what follows, and of out
	out   io.Writer
	turns map[string]context.CancelFunc // by id
	calls map[string]chan message
	last  int
}

// serve reads until the end. It waits for nobody: requests are worked on beside it.
func (n *conn) serve(in io.Reader, work *sync.WaitGroup) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), 2*maxLine)
	for lines.Scan() {
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			fmt.Fprintf(os.Stderr, "not a message: %.80s\n", lines.Bytes())
			continue
		}
		if err := n.take(m, work); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (n *conn) take(m message, work *sync.WaitGroup) error {
	switch m.Method {
	case "":
		n.mu.Lock()
		if waiting := n.calls[string(m.ID)]; waiting != nil {
			delete(n.calls, string(m.ID))
			waiting <- m
		}
		n.mu.Unlock()
	case "initialize":
		return n.initialize(m)
	case "process":
		n.process(m, work)
	case "cancel":
		var p struct {
			ID json.RawMessage `json:"id"`
		}
		if json.Unmarshal(m.Params, &p) == nil {
			n.cancel(p.ID)
		}
	case "ping":
		n.send(message{ID: m.ID, Result: json.RawMessage("{}")})
	case "shutdown":
		return errShutdown
	default:
		if m.ID != nil {
			n.send(message{ID: m.ID, Error: &remote{-32601, "no method is called " + strconv.Quote(m.Method)}})
		}
	}
	return nil
}

// ready is what the component says of itself.
type ready struct {
	Name          string      `json:"name"`
	Version       string      `json:"version,omitempty"`
	Description   string      `json:"description,omitempty"`
	Capabilities  []string    `json:"capabilities"`
	InputEvents   []string    `json:"input_events,omitempty"`
	OutputEvents  []string    `json:"output_events,omitempty"`
	Tools         []readyTool `json:"tools,omitempty"`
	MaxConcurrent int         `json:"max_concurrent"`
	SideEffects   bool        `json:"side_effects,omitempty"`
}

type readyTool struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	InputSchema any    `json:"inputSchema"`
}

func (n *conn) initialize(m message) error {
	c := n.c
	var p struct {
		Config json.RawMessage `json:"config"`
	}
	if err := json.Unmarshal(m.Params, &p); err != nil {
		return err
	}
	if c.Start != nil {
		if err := c.Start(n.ctx, p.Config); err != nil {
			n.send(message{ID: m.ID, Error: &remote{1, err.Error()}})
			return nil //nolint:nilerr // it was told; now the end is waited for
		}
	}
	n.send(message{ID: m.ID, Result: json.RawMessage("{}")})
	said := ready{
		Name: c.Name, Version: c.Version, Description: c.Description, Capabilities: append(append([]string{}, c.Capabilities...), "ping"),
		InputEvents: c.InputEvents, OutputEvents: c.OutputEvents, MaxConcurrent: cap(n.free), SideEffects: c.SideEffects,
	}
	for _, t := range c.Tools {
		schema := t.Schema
		if schema == nil {
			schema = map[string]any{"type": "object"}
		}
		said.Tools = append(said.Tools, readyTool{t.Name, t.Description, schema})
	}
	n.notify("ready", said)
	return nil
}

func (n *conn) process(m message, work *sync.WaitGroup) {
	t := &Turn{c: n, id: m.ID, Attempt: 1}
	if err := json.Unmarshal(m.Params, &turnParams{t}); err != nil {
		n.send(message{ID: m.ID, Error: &remote{-32602, err.Error()}})
		return
	}
	ctx, cancel := context.WithCancel(n.ctx)
	n.mu.Lock()
	n.turns[string(m.ID)] = cancel
	n.mu.Unlock()
	work.Go(func() {
		defer n.cancel(m.ID)
		if !n.begin() {
			return
		}
		defer func() { <-n.free }()
		answer := message{ID: m.ID}
		if result, err := n.result(ctx, t); err != nil {
			answer.Error = &remote{1, err.Error()}
		} else {
			answer.Result = result
		}
		n.send(answer)
	})
}

// begin waits until one more request may be worked on; false: the end came first.
func (n *conn) begin() bool {
	select {
	case n.free <- struct{}{}:
		return true
	default:
	}
	select {
	case n.free <- struct{}{}:
		return true
	case <-n.ctx.Done():
		return false
	}
}

// turnParams reads the parameters of a request into a Turn.
type turnParams struct{ t *Turn }

func (p *turnParams) UnmarshalJSON(b []byte) error {
	var wire struct {
		Role, Session, Turn, From, Key, Encoding, Tool string
		ContentType                                    string `json:"content_type"`
		Attempt                                        int
		Data, Inputs                                   json.RawMessage
	}
	if err := json.Unmarshal(b, &wire); err != nil {
		return err
	}
	t := p.t
	t.Role, t.Session, t.Turn, t.From, t.Key, t.Encoding = wire.Role, wire.Session, wire.Turn, wire.From, wire.Key, wire.Encoding
	t.Tool, t.ContentType, t.Attempt, t.Data, t.Inputs = wire.Tool, wire.ContentType, wire.Attempt, wire.Data, wire.Inputs
	return nil
}

// result does the work; a panic is a failure of this request only.
func (n *conn) result(ctx context.Context, t *Turn) (raw json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(os.Stderr, "panic: %v\n%s", p, debug.Stack())
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	do := n.c.Process
	if t.Tool != "" {
		tool, err := n.c.tool(t.Tool)
		if err != nil {
			return nil, err
		}
		do = tool.Do
	}
	if do == nil {
		return nil, errNoHop
	}
	v, err := do(ctx, t)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case nil:
		return json.RawMessage("null"), nil
	case string:
		return json.Marshal(v)
	}
	p, err := encode(v)
	if err != nil {
		return nil, err
	}
	return json.Marshal(p)
}

func (n *conn) cancel(id json.RawMessage) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if stop := n.turns[string(id)]; stop != nil {
		stop()
	}
}

func (n *conn) call(ctx context.Context, p map[string]any) (json.RawMessage, error) {
	n.mu.Lock()
	n.last++
	id, _ := json.Marshal("c" + strconv.Itoa(n.last)) // a text of ours
	answer := make(chan message, 1)
	n.calls[string(id)] = answer
	n.mu.Unlock()
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	n.send(message{ID: id, Method: "call", Params: raw})
	select {
	case m := <-answer:
		if m.Error != nil {
			return nil, m.Error
		}
		return m.Result, nil
	case <-ctx.Done():
		n.mu.Lock()
		delete(n.calls, string(id))
		n.mu.Unlock()
		return nil, context.Cause(ctx)
	}
}

func (n *conn) notify(method string, p any) {
	raw, err := json.Marshal(p)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s was not sent: %v\n", method, err)
		return
	}
	n.send(message{Method: method, Params: raw})
}

// send writes one line. When nobody reads any more the end is near, and comes by stdin.
func (n *conn) send(m message) {
	m.Version = "2.0"
	b, err := json.Marshal(m)
	if err == nil && len(b) > maxLine && m.Method == "" {
		b, err = json.Marshal(message{Version: "2.0", ID: m.ID, Error: &remote{1, fmt.Sprintf("the answer has %d bytes, a message has at most %d", len(b), maxLine)}})
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "a message was not sent: %v\n", err)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	_, _ = n.out.Write(append(b, '\n'))
}
