package session

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

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
	V           int        `json:"v,omitempty"`
	Kind        string     `json:"kind"`
	Session     string     `json:"session,omitempty"`
	TTL         int64      `json:"ttl_ms,omitempty"`
	Route       []string   `json:"route,omitempty"` // the components that its turns go through
	Since       *time.Time `json:"since,omitempty"` // lines before this were dropped to save space
	Turn        string     `json:"turn,omitempty"`
	At          time.Time  `json:"at"`
	Acceptor    string     `json:"acceptor,omitempty"`
	Text        string     `json:"text,omitempty"`
	ContentType string     `json:"type,omitempty"`
	TraceParent string     `json:"traceparent,omitempty"`
	RetryOf     string     `json:"retry_of,omitempty"`
	End         *string    `json:"end,omitempty"`     // an event.End as End.Message makes its body
	Took        int64      `json:"took_us,omitempty"` // its time in microseconds
	Hops        string     `json:"hops,omitempty"`    // its hops as event.AppendHop makes them
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
		return l, l.Turn != "" && l.End != nil
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

// appendString appends a JSON string. What is not UTF-8 becomes U+FFFD, as encoding/json has it.
func appendString[T string | []byte](b []byte, s T) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			if r, n := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)])); r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		b = append(b, s[start:i]...)
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c >= utf8.RuneSelf:
			b = append(b, "\uFFFD"...)
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

func appendHeader(b []byte, id string, ttl time.Duration, route []string, at time.Time, since *time.Time) []byte {
	b = append(b, `{"v":1,"kind":"session","session":`...)
	b = appendString(b, id)
	b = append(b, `,"ttl_ms":`...)
	b = strconv.AppendInt(b, ttl.Milliseconds(), 10)
	for i, name := range route {
		sep := byte(',')
		if i == 0 {
			b = append(b, `,"route":`...)
			sep = '['
		}
		b = appendString(append(b, sep), name)
	}
	if len(route) > 0 {
		b = append(b, ']')
	}
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
	if len(m.Body) > 0 {
		b = appendString(append(b, `,"text":`...), m.Body)
	}
	if m.DataContentType != "text/plain" {
		b = appendText(b, `,"type":`, m.DataContentType)
	}
	b = appendText(b, `,"traceparent":`, m.TraceParent)
	b = appendText(b, `,"retry_of":`, m.CorrelationID)
	return append(b, '}', '\n')
}

// appendEnd takes the END as the journal has it, a message of End.Message, and keeps it in that form.
func appendEnd(b []byte, m *event.Message, at time.Time) []byte {
	b = append(b, `{"kind":"end","turn":`...)
	b = appendString(b, m.Turn)
	b = appendTime(b, `,"at":"`, at)
	b = append(b, `,"took_us":`...)
	b = strconv.AppendInt(b, m.Took, 10)
	b = appendText(b, `,"hops":`, m.Trace)
	b = appendText(b, `,"type":`, m.DataContentType)
	b = append(b, `,"end":`...)
	b = appendString(b, m.Body)
	return append(b, '}', '\n')
}

// message is the END that a line keeps.
func (l *line) message() event.Message {
	return event.Message{Header: event.Header{
		Type: event.TypeEnd, Turn: l.Turn, Took: l.Took, Trace: l.Hops, DataContentType: l.ContentType,
	}, Body: []byte(*l.End)}
}

func appendEnded(b []byte, at time.Time) []byte {
	b = appendTime(b, `{"kind":"ended","at":"`, at)
	return append(b, '}', '\n')
}
