package delivery

import (
	"strconv"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// hop is this component's part of the turn, measured by the receiver.
func (p *Partition) hop(it *item, o Outcome) event.Hop {
	took := o.Took
	if took == 0 {
		took = p.now.Sub(it.started)
	}
	return event.Hop{
		Component:  p.cfg.Component,
		Instance:   p.cfg.Instance,
		Generation: p.cfg.Generation,
		Attempt:    it.attempt,
		Parent:     it.msg.Source,
		QueueMS:    ms(it.started.Sub(it.since)),
		ServiceMS:  ms(took),
		BytesIn:    len(it.msg.Body),
		BytesOut:   len(o.Body),
		Error:      o.Err,
		Tokens:     o.Tokens,
		Cost:       o.Cost,
		Fallbacks:  it.steps.fallbacks(),
		HandedOn:   p.cfg.HandsOn,
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// outgoing is what the hop sends: a message to each next hop, or, at a leaf or after a failure, a report to the
// acceptor.
func (p *Partition) outgoing(it *item, o Outcome, hop event.Hop) []event.Message {
	m := event.Message{Header: event.Header{
		Type:            event.TypeText,
		DataContentType: o.ContentType,
		Session:         it.msg.Session,
		Turn:            it.msg.Turn,
		Branch:          it.msg.Branch,
		Origin:          it.msg.Origin,
		Trace:           event.AppendHop(it.msg.Trace, hop),
		TraceParent:     event.NextSpan(it.msg.TraceParent, p.cfg.Component),
	}, Body: o.Body}
	to, rest := p.next(it.msg.Chain)
	if !it.deadline.IsZero() {
		m.TTL = max(1, it.deadline.Sub(p.now).Milliseconds())
	}
	switch {
	case it.canceled && o.Err != "":
		return p.reportMessage(m, event.TypeReportCanceled, []byte(p.cfg.Component+": canceled"))
	case it.canceled && len(to) > 0: // it finished first, but nobody wants the rest
		return p.reportMessage(m, event.TypeReportCanceled, []byte("canceled after "+p.cfg.Component))
	case o.Err != "":
		return p.reportMessage(m, event.TypeReportFailed, []byte(p.cfg.Component+": "+o.Err))
	case p.expired(it):
		return p.reportMessage(m, event.TypeReportFailed, []byte(p.cfg.Component+": the turn's deadline passed"))
	case len(to) == 0:
		return p.reportMessage(m, event.TypeReport, o.Body)
	case event.CountHops(m.Trace) >= p.cfg.Limits.MaxHops, m.Trace == it.msg.Trace: // a full trace takes no more hops
		return p.reportMessage(m, event.TypeReportFailed, []byte("loop: the turn passed "+strconv.Itoa(p.cfg.Limits.MaxHops)+" hops, last "+p.cfg.Component))
	}
	out := make([]event.Message, 0, len(to))
	for i, dest := range to {
		n := m
		n.Branch = childBranch(m.Branch, i, len(to))
		dest, n.Chain = p.via(dest, rest)
		p.address(&n, dest)
		out = append(out, n)
	}
	return out
}

// next is where a turn goes from here, and what is left of its chain then.
func (p *Partition) next(chain string) (to []string, rest string) {
	next, rest, fixed := event.NextInChain(chain)
	switch {
	case !fixed:
		return p.cfg.To, ""
	case next == "":
		return nil, rest
	}
	return []string{next}, rest
}

// via is whom a message to dest is handed to, and its chain there.
func (p *Partition) via(dest, rest string) (to, chain string) {
	if p.cfg.Master == "" || dest == p.cfg.Master || !p.cfg.Central(dest) {
		return dest, rest
	}
	return p.cfg.Master, event.Detour(dest, rest)
}

func (p *Partition) expired(it *item) bool {
	return !it.deadline.IsZero() && p.now.After(it.deadline)
}

// reportMessage is a report to the acceptor. To ourselves it has no channel: the same append carries it.
func (p *Partition) reportMessage(m event.Message, typ string, body []byte) []event.Message {
	m.Type, m.Body = typ, body
	if m.Origin == p.cfg.Component {
		m.Source, m.Subject = p.cfg.Component, p.cfg.Component
		return []event.Message{m}
	}
	p.address(&m, m.Origin)
	return []event.Message{m}
}

// deadLetter sets a message aside and fails its turn.
func (p *Partition) deadLetter(m event.Message, reason string, e *Effects) {
	h := m.Header
	h.TTL = 0
	r := event.Message{Header: event.Header{
		Session: m.Session, Turn: m.Turn, Branch: m.Branch, Origin: m.Origin, Trace: m.Trace, TraceParent: m.TraceParent,
	}}
	var out []event.Message
	if m.Origin != "" {
		out = p.reportMessage(r, event.TypeReportDead, []byte(reason))
	}
	dead := Record{Kind: Dead, Head: event.Message{Header: h, Body: []byte(reason)}, Msgs: append([]event.Message{{Header: h, Body: m.Body}}, out...)}
	e.record(dead)
	p.keepLetter(dead)
	p.dispatch(out, e)
}
