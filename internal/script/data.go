package script

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"mime"
	"strings"
	"unicode/utf8"
)

// Payload is what a message carries.
type Payload struct {
	ContentType string
	Body        []byte
	Fallback    string // of the answer to a call: what kind of fallback gave it; empty: who was asked did
}

// Request is work for user code.
type Request struct {
	Role                  string // "hop": a part of a turn; "call": another component asks
	Session, Turn, Branch string
	From                  string // who asks, of a call
	ID                    string // of a call: the same one when it is asked again
	Attempt               int
	Tool                  string         // of a call: which of the tools it is for, if it is for one
	Inputs                map[string]any // of a call of a tool
	Payload
}

// The three forms that data has on the wire: JSON as itself, text as a string, anything else as base64.
const (
	typeText = "text/plain"
	typeJSON = "application/json"
	base64ed = "base64"
)

// wireData is a payload as it travels.
type wireData struct {
	ContentType string          `json:"content_type,omitempty"`
	Encoding    string          `json:"encoding,omitempty"`
	Data        json.RawMessage `json:"data"`
	Fallback    string          `json:"fallback,omitempty"`
}

type processParams struct {
	Role    string `json:"role"`
	Session string `json:"session"`
	Turn    string `json:"turn"`
	Branch  string `json:"branch,omitempty"`
	From    string `json:"from,omitempty"`
	Key     string `json:"key,omitempty"`
	Attempt int    `json:"attempt"`

	Tool   string         `json:"tool,omitempty"`
	Inputs map[string]any `json:"inputs,omitempty"`
	wireData
}

func (r Request) params() processParams {
	return processParams{
		Role: r.Role, Session: r.Session, Turn: r.Turn, Branch: r.Branch, From: r.From, Key: r.ID, Attempt: max(r.Attempt, 1),
		Tool: r.Tool, Inputs: r.Inputs, wireData: encodeData(r.Payload),
	}
}

func encodeData(p Payload) wireData {
	w := wireData{ContentType: cmp.Or(p.ContentType, typeText), Fallback: p.Fallback}
	switch {
	case isJSON(w.ContentType) && json.Valid(p.Body):
		w.Data = p.Body
	case utf8.Valid(p.Body):
		w.Data = mustJSON(string(p.Body))
	default:
		w.Encoding, w.Data = base64ed, mustJSON(p.Body)
	}
	return w
}

// decodeResult reads the answer to a process request: a text, an object with data, or null for nothing.
func decodeResult(raw json.RawMessage) (Payload, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return Payload{ContentType: typeText}, nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return Payload{ContentType: typeText, Body: []byte(text)}, nil
	}
	var object wireData
	if json.Unmarshal(raw, &object) != nil || object.Data == nil {
		return Payload{}, errResult(raw)
	}
	return object.decode()
}

func (w wireData) decode() (Payload, error) {
	data, contentType, encoding := w.Data, w.ContentType, w.Encoding
	if len(data) == 0 {
		return Payload{ContentType: typeText}, nil
	}
	var text string
	if json.Unmarshal(data, &text) != nil || isJSON(contentType) {
		if encoding != "" {
			return Payload{}, errEncoding(encoding)
		}
		return Payload{ContentType: cmp.Or(contentType, typeJSON), Body: data}, nil
	}
	switch encoding {
	case "":
		return Payload{ContentType: cmp.Or(contentType, typeText), Body: []byte(text)}, nil
	case base64ed:
		body, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return Payload{}, errEncoding(encoding)
		}
		return Payload{ContentType: cmp.Or(contentType, "application/octet-stream"), Body: body}, nil
	default:
		return Payload{}, errEncoding(encoding)
	}
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == typeJSON || strings.HasSuffix(kind, "+json"))
}
