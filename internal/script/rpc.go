package script

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"sync"
)

// A message is a JSON-RPC 2.0 request, notification or response.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *RemoteError    `json:"error,omitempty"`
}

// RemoteError is what the other end answered instead of a result.
type RemoteError struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// The codes of JSON-RPC 2.0 that we send.
const (
	codeNoMethod = -32601
	codeParams   = -32602
	codeFailed   = -32000
	codeBusy     = -32001
)

// An outbox writes lines in order. Whoever sends waits for room in it, never for the other end to read.
type outbox struct {
	lines  chan []byte
	w      io.WriteCloser
	broken chan struct{} // closed when nothing can be written any more
	once   sync.Once
}

func newOutbox(w io.WriteCloser) *outbox {
	return &outbox{lines: make(chan []byte, 64), w: w, broken: make(chan struct{})}
}

// run writes until finish or abandon.
func (o *outbox) run() {
	defer o.abandon()
	for {
		select {
		case b := <-o.lines:
			if b == nil {
				return
			}
			if _, err := o.w.Write(b); err != nil {
				return
			}
		case <-o.broken:
			return
		}
	}
}

func (o *outbox) send(ctx context.Context, m message) error {
	m.Version = "2.0"
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return o.put(ctx, append(b, '\n'))
}

// finish closes the other end's input behind everything that was sent.
func (o *outbox) finish(ctx context.Context) { o.put(ctx, nil) } //nolint:errcheck // then it is closed or will be killed

func (o *outbox) put(ctx context.Context, b []byte) error {
	select {
	case o.lines <- b:
		return nil
	case <-o.broken:
		return errBroken
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// abandon closes the other end's input at once; a write that hangs returns.
func (o *outbox) abandon() {
	o.once.Do(func() {
		close(o.broken)
		o.w.Close()
	})
}

// parseMessage tells messages from other output: a message is an object that says jsonrpc 2.0.
func parseMessage(text []byte) (message, bool) {
	var m message
	if text = bytes.TrimSpace(text); len(text) == 0 || text[0] != '{' {
		return m, false
	}
	if err := json.Unmarshal(text, &m); err != nil || m.Version != "2.0" {
		return message{}, false
	}
	return m, true
}

// numbered returns the number in an id of ours.
func numbered(id json.RawMessage) (int64, bool) {
	var n int64
	if err := json.Unmarshal(id, &n); err != nil {
		return 0, false
	}
	return n, true
}

func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("script: a value of ours that is not JSON: " + err.Error())
	}
	return b
}
