package lsp

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// message is what comes from the client: a request, or a notification when it has no id, or the answer to a request of
// ours when it has no method.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

func (m *message) request() bool { return len(m.ID) > 0 && !bytes.Equal(m.ID, []byte("null")) }

// response answers a request: with a result, which may be null, or with an error.
type response struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *responseError  `json:"error,omitempty"`
}

type notification struct {
	JSONRPC string `json:"jsonrpc"`
	Method  string `json:"method"`
	Params  any    `json:"params"`
}

// responseError is an error that the client shows or logs.
type responseError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Error implements error.
func (e *responseError) Error() string { return fmt.Sprintf("%s (%d)", e.Message, e.Code) }

// The codes of errors, as JSON-RPC and the protocol number them.
const (
	codeParse          = -32700
	codeInvalidRequest = -32600
	codeNoMethod       = -32601
	codeInvalidParams  = -32602
	codeInternal       = -32603
	codeNotInitialized = -32002
	codeCanceled       = -32800
	codeFailed         = -32803
)

func failure(code int, format string, args ...any) error {
	return &responseError{code, fmt.Sprintf(format, args...)}
}

// parseMessage reads a message. The error is for the client.
func parseMessage(body []byte) (*message, error) {
	var m message
	if !json.Valid(body) {
		return nil, failure(codeParse, "this is no JSON")
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, failure(codeInvalidRequest, "this is no message: %v", err)
	}
	if m.request() && m.ID[0] != '"' && m.ID[0] != '-' && (m.ID[0] < '0' || m.ID[0] > '9') {
		return nil, failure(codeInvalidRequest, "an id is a number or a text")
	}
	return &m, nil
}
