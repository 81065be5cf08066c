package event

import (
	"encoding/json"
	"math"
)

// plainText is the type of an END that is nothing but its answer.
const plainText = "text/plain"

// Message is the end as it travels and as it is journaled: type turn.end, the hops in wwtrace, the time in wwtookus. The
// usual end, status ok with one answer, is text/plain and its body is the answer; every other one is application/json and
// its body is the End without hops.
func (e *End) Message(trace string) Message {
	m := Message{Header: Header{
		Type: TypeEnd, Turn: e.Turn, Session: e.Session, Trace: trace, Took: int64(math.Round(e.TookMS * 1000)),
	}}
	if e.Status == StatusOK && len(e.Outputs) == 0 && e.Error == "" {
		m.DataContentType, m.Body = plainText, []byte(e.Answer)
		return m
	}
	bare := *e
	bare.Hops = nil
	body, err := json.Marshal(bare)
	if err != nil {
		panic("event: an End is plain data: " + err.Error())
	}
	m.DataContentType, m.Body = "application/json", body
	return m
}

// ParseEnd reads what Message made.
func ParseEnd(m *Message) (End, error) {
	e := End{Turn: m.Turn, Session: m.Session, Status: StatusOK}
	if m.DataContentType == plainText {
		e.Answer = string(m.Body)
	} else if err := json.Unmarshal(m.Body, &e); err != nil {
		return e, err
	}
	e.TookMS = float64(m.Took) / 1000
	e.Hops = ParseHops(m.Trace)
	if e.Hops == nil {
		e.Hops = []Hop{}
	}
	return e, nil
}

// EndStatus is the status of an end, without reading the rest.
func EndStatus(m *Message) Status {
	if m.DataContentType == plainText {
		return StatusOK
	}
	var s struct {
		Status Status `json:"status"`
	}
	if json.Unmarshal(m.Body, &s) != nil {
		return ""
	}
	return s.Status
}
