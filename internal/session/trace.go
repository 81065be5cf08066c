package session

import (
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// Trace is the way of one turn: its hops as a tree, with the time at which each began.
type Trace struct {
	Turn        string       `json:"turn"`
	Session     string       `json:"session"`
	Status      event.Status `json:"status"`
	Error       string       `json:"error,omitempty"`
	At          time.Time    `json:"at"`
	TookMS      float64      `json:"took_ms"`  // end to end, measured by the acceptor
	SumMS       float64      `json:"sum_ms"`   // the hops of the longest branch: queue and service together
	BetweenMS   float64      `json:"other_ms"` // the rest: on the way between the hops, and in journals
	TraceParent string       `json:"traceparent,omitempty"`
	RetryOf     string       `json:"retry_of,omitempty"`
	Hops        []Span       `json:"hops"`
}

// Span is one hop in its place.
type Span struct {
	event.Hop
	Depth    int     `json:"depth"`
	From     int     `json:"from"`     // index of the hop that sent the message; -1 at the first one
	StartMS  float64 `json:"start_ms"` // when the message came, counted from the start of the turn, without the ways between
	SpanID   string  `json:"span_id,omitempty"`
	ParentID string  `json:"parent_span_id,omitempty"`
	tp       string
}

func (s *Span) endMS() float64 { return s.StartMS + s.QueueMS + s.ServiceMS }

// NewTrace puts the hops of a turn in their places. Its hops stand in the order in which they were reported, each after
// the one that sent it the message; the tree has each hop's followers below it.
func NewTrace(t Turn) Trace {
	tr := Trace{
		Turn: t.ID, Session: t.Session, Status: t.Status, Error: t.Error, At: t.At, TookMS: t.TookMS,
		TraceParent: t.TraceParent, RetryOf: t.RetryOf,
	}
	parents := parentsOf(t.Hops)
	below := make([][]int, len(t.Hops)+1)
	for i, from := range parents {
		below[from+1] = append(below[from+1], i)
	}
	tr.Hops = make([]Span, 0, len(t.Hops))
	tr.place(t.Hops, below, -1, -1)
	for i := range tr.Hops {
		tr.SumMS = max(tr.SumMS, tr.Hops[i].endMS())
	}
	if t.Status != event.StatusPending {
		tr.BetweenMS = max(0, tr.TookMS-tr.SumMS)
	}
	return tr
}

// parentsOf finds the hop that each one's message came from: the nearest earlier one of that name.
func parentsOf(hops []event.Hop) []int {
	last := map[string]int{}
	out := make([]int, len(hops))
	for i, h := range hops {
		out[i] = -1
		if at, ok := last[h.Parent]; ok && h.Parent != "" {
			out[i] = at
		}
		last[h.Component] = i
	}
	return out
}

// place adds the hops below one of them; hop is its index among hops, at its index in the trace.
func (tr *Trace) place(hops []event.Hop, below [][]int, hop, at int) {
	for _, i := range below[hop+1] {
		s := Span{Hop: hops[i], From: at}
		got := tr.TraceParent
		if at >= 0 {
			from := &tr.Hops[at]
			s.Depth, s.StartMS, got = from.Depth+1, from.endMS(), from.tp
		}
		s.tp = event.NextSpan(got, s.Component)
		s.SpanID, s.ParentID = event.SpanID(s.tp), event.SpanID(got)
		tr.Hops = append(tr.Hops, s)
		tr.place(hops, below, i, len(tr.Hops)-1)
	}
}
