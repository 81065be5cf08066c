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

// Request is one hop's part of a turn, as user code gets it.
type Request struct {
	Role                  string // what the component is in this turn: "hop" of a chain
	Session, Turn, Branch string
	Attempt               int
	ContentType           string
	Body                  []byte
}

// Reply is what user code made of it.
type Reply struct {
	ContentType string
	Body        []byte
}

// The three forms that data has on the wire: JSON as itself, text as a string, anything else as base64.
const (
	typeText = "text/plain"
	typeJSON = "application/json"
	base64ed = "base64"
)

type processParams struct {
	Role        string          `json:"role"`
	Session     string          `json:"session"`
	Turn        string          `json:"turn"`
	Branch      string          `json:"branch,omitempty"`
	Attempt     int             `json:"attempt"`
	ContentType string          `json:"content_type"`
	Encoding    string          `json:"encoding,omitempty"`
	Data        json.RawMessage `json:"data"`
}

func (r Request) params() processParams {
	p := processParams{
		Role: r.Role, Session: r.Session, Turn: r.Turn, Branch: r.Branch, Attempt: max(r.Attempt, 1), ContentType: r.ContentType,
	}
	if p.ContentType == "" {
		p.ContentType = typeText
	}
	switch {
	case isJSON(p.ContentType) && json.Valid(r.Body):
		p.Data = r.Body
	case utf8.Valid(r.Body):
		p.Data = mustJSON(string(r.Body))
	default:
		p.Encoding, p.Data = base64ed, mustJSON(r.Body)
	}
	return p
}

// decodeResult reads the answer to a process request: a text, an object with data, or null for nothing.
func decodeResult(raw json.RawMessage) (Reply, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return Reply{ContentType: typeText}, nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return Reply{ContentType: typeText, Body: []byte(text)}, nil
	}
	var object struct {
		Data        json.RawMessage `json:"data"`
		ContentType string          `json:"content_type"`
		Encoding    string          `json:"encoding"`
	}
	if json.Unmarshal(raw, &object) != nil || object.Data == nil {
		return Reply{}, errResult(raw)
	}
	return decodeData(object.Data, object.ContentType, object.Encoding)
}

func decodeData(data json.RawMessage, contentType, encoding string) (Reply, error) {
	var text string
	if json.Unmarshal(data, &text) != nil || isJSON(contentType) {
		if encoding != "" {
			return Reply{}, errEncoding(encoding)
		}
		return Reply{ContentType: cmp.Or(contentType, typeJSON), Body: data}, nil
	}
	switch encoding {
	case "":
		return Reply{ContentType: cmp.Or(contentType, typeText), Body: []byte(text)}, nil
	case base64ed:
		body, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return Reply{}, errEncoding(encoding)
		}
		return Reply{ContentType: cmp.Or(contentType, "application/octet-stream"), Body: body}, nil
	default:
		return Reply{}, errEncoding(encoding)
	}
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == typeJSON || strings.HasSuffix(kind, "+json"))
}
