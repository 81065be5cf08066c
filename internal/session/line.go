package session

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// The kinds of line in a session's file.
const (
	kindSession = "session" // the first line: version, id, lifetime
	kindTurn    = "turn"    // a turn was accepted
	kindEnd     = "end"     // it ended; keyed by the turn, too
	kindEnded   = "ended"   // the session was ended by hand
)

// timeForm is how times are written: UTC, milliseconds.
const timeForm = "2006-01-02T15:04:05.000Z"

// line is one line of a session's file. Which fields it has depends on its kind.
type line struct {
	V           int             `json:"v,omitempty"`
	Kind        string          `json:"kind"`
	Session     string          `json:"session,omitempty"`
	TTL         int64           `json:"ttl_ms,omitempty"`
	Since       *time.Time      `json:"since,omitempty"` // lines before this were dropped to save space
	Turn        string          `json:"turn,omitempty"`
	At          time.Time       `json:"at"`
	Acceptor    string          `json:"acceptor,omitempty"`
	Text        string          `json:"text,omitempty"`
	ContentType string          `json:"content_type,omitempty"`
	TraceParent string          `json:"traceparent,omitempty"`
	RetryOf     string          `json:"retry_of,omitempty"`
	End         json.RawMessage `json:"end,omitempty"`
}

// key is what makes a line the same as another one.
type key struct{ kind, turn string }

// parseLine reads one line without its newline.
func parseLine(b []byte) (line, bool) {
	var l line
	if err := json.Unmarshal(b, &l); err != nil {
		return l, false
	}
	switch l.Kind {
	case kindSession, kindEnded:
		return l, true
	case kindTurn:
		return l, l.Turn != ""
	case kindEnd:
		return l, l.Turn != "" && len(l.End) > 0
	}
	return l, false
}

func appendTime(b []byte, key string, at time.Time) []byte {
	b = append(b, key...)
	b = at.UTC().AppendFormat(b, timeForm)
	return append(b, '"')
}

// appendText appends a JSON string; an empty one is left away with its key.
func appendText(b []byte, key, s string) []byte {
	if s == "" {
		return b
	}
	return appendString(append(b, key...), s)
}

func appendString(b []byte, s string) []byte {
	buf := bytes.NewBuffer(b)
	e := json.NewEncoder(buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic("session: a string is plain data: " + err.Error())
	}
	b = buf.Bytes()
	return b[:len(b)-1] // the newline
}

func appendHeader(b []byte, id string, ttl time.Duration, at time.Time, since *time.Time) []byte {
	b = append(b, `{"v":1,"kind":"session","session":`...)
	b = appendString(b, id)
	b = append(b, `,"ttl_ms":`...)
	b = strconv.AppendInt(b, ttl.Milliseconds(), 10)
	if since != nil {
		b = appendTime(b, `,"since":"`, *since)
	}
	b = appendTime(b, `,"at":"`, at)
	return append(b, '}', '\n')
}

func appendTurn(b []byte, m *event.Message, at time.Time) []byte {
	b = append(b, `{"kind":"turn","turn":`...)
	b = appendString(b, m.Turn)
	b = appendTime(b, `,"at":"`, at)
	b = appendText(b, `,"acceptor":`, m.Origin)
	b = appendText(b, `,"text":`, string(m.Body))
	if m.DataContentType != "text/plain" {
		b = appendText(b, `,"content_type":`, m.DataContentType)
	}
	b = appendText(b, `,"traceparent":`, m.TraceParent)
	b = appendText(b, `,"retry_of":`, m.CorrelationID)
	return append(b, '}', '\n')
}

// appendEnd takes the END as the journal has it, a message of End.Message. One that cannot be read gives no line.
func appendEnd(b []byte, m *event.Message, at time.Time) []byte {
	end, err := event.ParseEnd(m)
	if err != nil {
		return b
	}
	body, err := json.Marshal(end)
	if err != nil {
		return b
	}
	b = append(b, `{"kind":"end","turn":`...)
	b = appendString(b, m.Turn)
	b = appendTime(b, `,"at":"`, at)
	b = append(b, `,"end":`...)
	b = append(b, body...)
	return append(b, '}', '\n')
}

func appendEnded(b []byte, at time.Time) []byte {
	b = appendTime(b, `{"kind":"ended","at":"`, at)
	return append(b, '}', '\n')
}
