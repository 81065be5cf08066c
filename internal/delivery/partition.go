package delivery

import (
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// Partition is one sixteenth of a component's inbox: what came in, what runs, what went out, and, at an acceptor, the
// ledger of its turns. It is not safe for concurrent use.
type Partition struct {
	cfg     Config
	work    map[key]*item
	queues  map[string]*queue // by session
	ready   []*queue          // sessions whose head waits for a slot, oldest first
	in      map[inKey]*mark
	out     map[outKey]*channel
	ledger  ledger
	sent    []Record // SENT records that ride with the next append
	letters []Record // DEAD records, oldest first
	spare   []Record // empty, for the next step

	receipts     map[string]*receipt // by call id
	receiptOrder []string            // oldest first

	now time.Time
}

// New returns an empty partition.
func New(cfg Config) *Partition {
	return &Partition{
		cfg:    cfg,
		work:   map[key]*item{},
		queues: map[string]*queue{},
		in:     map[inKey]*mark{},
		out:    map[outKey]*channel{},
		ledger: newLedger(),
	}
}

// SetInline makes the hop's work a pure function that runs within the step that received the message; see Config. One that
// handsOn does nothing but that.
func (p *Partition) SetInline(f func(event.Message) Outcome, handsOn bool) {
	p.cfg.Inline, p.cfg.HandsOn = f, handsOn
}

// Submit accepts a turn (R1). Asked again with the same turn id it says yes again and does nothing.
func (p *Partition) Submit(m event.Message, now time.Time) (*Refusal, Effects) {
	p.now = now
	e := p.effects()
	if p.ledger.knows(m.Turn) {
		return nil, e
	}
	if r := p.refuse(&m); r != nil {
		return r, e
	}
	m.Source, m.Origin = "", p.cfg.Component
	if m.TTL <= 0 {
		m.TTL = p.cfg.Limits.TurnTimeout.Milliseconds()
	}
	p.ledger.open(&m.Header, now, p.deadline(m.TTL))
	e.record(Record{Kind: Turn, Head: m})
	p.enqueue(m, &e)
	e.wakeAt(p.ledger.nextDeadline())
	return nil, e
}

func (p *Partition) refuse(m *event.Message) *Refusal {
	switch {
	case !p.cfg.Acceptor:
		return &Refusal{Code: bus.Refused, Reason: p.cfg.Component + " takes no input"}
	case m.Turn == "" || m.Session == "":
		return &Refusal{Code: bus.Refused, Reason: "a submit needs a turn and a session"}
	case p.ledger.pending() >= p.cfg.Limits.MaxPending:
		return &Refusal{Code: bus.Overloaded, Reason: "too many turns are waiting", RetryAfterMS: 1000}
	}
	return nil
}

// Receive takes one chain message (R3). The verdict may be sent when the records have been appended.
func (p *Partition) Receive(m event.Message, now time.Time) (bus.Verdict, Effects) {
	p.now = now
	e := p.effects()
	mk := p.in[inKey{m.Source, m.Session}]
	v, fresh := mk.check(&m)
	if !fresh {
		return v, e
	}
	switch {
	case m.Type == event.TypeSkip:
		e.record(Record{Kind: Skip, Head: m})
		p.advance(&m)
	case m.Type == event.TypeCancel:
		e.record(Record{Kind: Cancel, Head: m})
		p.advance(&m)
		p.cancel(m, &e)
	case IsReport(m.Type):
		p.reported(m, &e)
	default:
		if len(p.work) >= p.cfg.Limits.MaxUnstarted {
			return bus.Verdict{Code: bus.Busy, Reason: "too many messages are waiting", RetryAfterMS: 100}, e
		}
		if p.cfg.Accepts != nil && !p.cfg.Accepts(&m) {
			return bus.Verdict{Code: bus.UnknownType, Reason: p.cfg.Component + " does not take " + m.Type}, e
		}
		e.record(Record{Kind: In, Head: m})
		p.advance(&m)
		p.enqueue(m, &e)
	}
	e.wakeAt(p.ledger.nextDeadline())
	return v, e
}

// IsReport says whether a chain message of this type tells the acceptor that a branch has ended.
func IsReport(typ string) bool {
	switch typ {
	case event.TypeReport, event.TypeReportFailed, event.TypeReportDead, event.TypeReportCanceled:
		return true
	}
	return false
}

// Tick ends turns whose deadline has passed and sends again what was not taken.
func (p *Partition) Tick(now time.Time) Effects {
	p.now = now
	var e Effects
	for _, t := range p.ledger.expired(now) {
		p.end(t, event.StatusTimeout, noAnswerText, &e)
	}
	p.resend(&e)
	e.wakeAt(p.ledger.nextDeadline())
	return e
}

// Await returns the END of a turn. known is false for a turn that was never accepted here, or whose END is no longer
// kept.
func (p *Partition) Await(turn string) (end event.Message, ended, known bool) {
	return p.ledger.find(turn)
}

// Idle reports that nothing is waiting, running or unacknowledged, and that every accepted turn has its END. What only
// fills a hole may wait in the journal for as long as it likes.
func (p *Partition) Idle() bool {
	if len(p.work) > 0 || p.ledger.pending() > 0 {
		return false
	}
	for _, c := range p.out {
		if slices.ContainsFunc(c.unsent, func(u posting) bool { return u.Type != event.TypeSkip }) {
			return false
		}
	}
	return true
}

// Running reports that a handler works on something of this partition, or a call whose receipt lies here runs. What only
// waits does not count.
func (p *Partition) Running() bool {
	for _, it := range p.work {
		if it.running {
			return true
		}
	}
	for _, r := range p.receipts {
		if r.running {
			return true
		}
	}
	return false
}

// Owes adds the components that have not acknowledged everything yet.
func (p *Partition) Owes(to map[string]bool) {
	for k, c := range p.out {
		if len(c.unsent) > 0 {
			to[k.dest] = true
		}
	}
}

// Load is how many messages wait or run here, and since when the oldest waits.
func (p *Partition) Load() (queued int, oldest time.Time) {
	for _, it := range p.work {
		if !it.running {
			queued++
		}
		if oldest.IsZero() || it.since.Before(oldest) {
			oldest = it.since
		}
	}
	return queued, oldest
}

// Flush returns the SENT records that no append has carried yet.
func (p *Partition) Flush() Effects {
	var e Effects
	p.takeSent(&e)
	return e
}

func (p *Partition) takeSent(e *Effects) {
	e.Records = append(e.Records, p.sent...)
	p.sent = emptied(p.sent)
}

func (p *Partition) deadline(ttlMS int64) time.Time {
	return p.now.Add(time.Duration(ttlMS) * time.Millisecond)
}
