package delivery

import (
	"cmp"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// ledger is the acceptor's book: its open turns and the ENDs it keeps for whoever asks.
type ledger struct {
	turns map[string]*turn
	ends  map[string]event.Message // as End.Message makes them
	order []endMark                // of ends, oldest first
	bytes int                      // of ends
	late  int
	count int       // turns opened so far
	next  time.Time // no open turn's deadline is before this
}

// turn is an accepted turn without its END.
type turn struct {
	id, session string
	chain       string // that it goes through, when it was given one
	n           int    // place in the order of acceptance
	deadline    time.Time
	at          time.Time       // accepted, as its record said; zero in the run that accepted it
	since       time.Time       // accepted, on this process's clock; zero after a restart
	leaves      []event.Message // reports so far
}

type endMark struct {
	turn string
	size int
	at   time.Time
}

func newLedger() ledger {
	return ledger{turns: map[string]*turn{}, ends: map[string]event.Message{}}
}

func (l *ledger) knows(id string) bool {
	_, ended := l.ends[id]
	return ended || l.turns[id] != nil
}

func (l *ledger) pending() int { return len(l.turns) }

func (l *ledger) open(m *event.Header, since, deadline time.Time) {
	l.count++
	l.turns[m.Turn] = &turn{id: m.Turn, session: m.Session, chain: m.Chain, n: l.count, since: since, deadline: deadline}
	if l.next.IsZero() || deadline.Before(l.next) {
		l.next = deadline
	}
}

func (l *ledger) find(id string) (end event.Message, ended, known bool) {
	end, ended = l.ends[id]
	return end, ended, ended || l.turns[id] != nil
}

// nextDeadline is when to look for expired turns. It may be too early: a turn that ended does not move it.
func (l *ledger) nextDeadline() time.Time {
	if len(l.turns) == 0 {
		l.next = time.Time{}
	}
	return l.next
}

func (l *ledger) expired(now time.Time) []*turn {
	var out []*turn
	if l.next.IsZero() || l.next.After(now) {
		return nil
	}
	l.next = time.Time{}
	for _, t := range l.turns {
		if !t.deadline.After(now) {
			out = append(out, t)
		} else if l.next.IsZero() || t.deadline.Before(l.next) {
			l.next = t.deadline
		}
	}
	slices.SortFunc(out, func(a, b *turn) int { return cmp.Or(a.deadline.Compare(b.deadline), cmp.Compare(a.n, b.n)) })
	return out
}

// close moves a turn to the ENDs and forgets the oldest ones beyond the limits.
func (l *ledger) close(end event.Message, now time.Time, lim Limits) {
	delete(l.turns, end.Turn)
	if _, twice := l.ends[end.Turn]; !twice {
		l.order = append(l.order, endMark{end.Turn, endSize(end), now})
		l.bytes += endSize(end)
	}
	l.ends[end.Turn] = end
	for len(l.order) > 1 && l.tooMany(now, lim) {
		delete(l.ends, l.order[0].turn)
		l.bytes -= l.order[0].size
		l.order = l.order[1:]
	}
}

func (l *ledger) tooMany(now time.Time, lim Limits) bool {
	return len(l.order) > lim.MaxEnds || l.bytes > lim.MaxEndBytes || now.Sub(l.order[0].at) > lim.EndsKept
}

func endSize(end event.Message) int { return len(end.Body) + len(end.Trace) + 200 }

// Late is how many reports came after their END.
func (p *Partition) Late() int { return p.ledger.late }

// report takes the end of a branch. The one that completes the turn becomes its END.
func (p *Partition) report(m event.Message, e *Effects) {
	t := p.ledger.turns[m.Turn]
	if t == nil {
		p.ledger.late++
		return
	}
	t.add(m)
	paths := make([]string, len(t.leaves))
	for i := range t.leaves {
		paths[i] = t.leaves[i].Branch
	}
	if complete(paths) {
		p.closeTurn(t, t.end(), e)
	}
}

// reported takes a report from another component. Its IN comes behind the END that it makes, without the text, which the
// END has: if only the END gets to the disk, the report comes again and is late.
func (p *Partition) reported(m event.Message, e *Effects) {
	before := len(e.Ended)
	p.report(m, e)
	in := m
	if len(e.Ended) > before {
		in.Body, in.Trace = nil, ""
	}
	e.record(Record{Kind: In, Head: in})
	p.advance(&m)
}

// add keeps the first report of a branch.
func (t *turn) add(m event.Message) {
	if !slices.ContainsFunc(t.leaves, func(x event.Message) bool { return x.Branch == m.Branch }) {
		t.leaves = append(t.leaves, m)
	}
}

// end ends a turn from outside the chain.
func (p *Partition) end(t *turn, status event.Status, reason string, e *Effects) {
	end := t.end()
	end.Status, end.Error = status, reason
	p.closeTurn(t, end, e)
}

func (p *Partition) closeTurn(t *turn, end event.End, e *Effects) {
	if !t.since.IsZero() {
		end.TookMS = ms(p.now.Sub(t.since))
	}
	m := end.Message(t.trace())
	e.record(Record{Kind: End, Head: m})
	e.Ended = append(e.Ended, m)
	p.ledger.close(m, p.now, p.cfg.Limits)
}

// trace is the hops of all leaves: branches share their beginning.
func (t *turn) trace() string {
	if len(t.leaves) == 1 {
		return t.leaves[0].Trace
	}
	trace := ""
	seen := map[event.Hop]bool{}
	for i := range t.leaves {
		for _, h := range event.ParseHops(t.leaves[i].Trace) {
			if !seen[h] {
				seen[h] = true
				trace = event.AppendHop(trace, h)
			}
		}
	}
	return trace
}

// end puts the leaves together: the answer is the first one in to: order that has text; one failed leaf among others is
// named in error.
func (t *turn) end() event.End {
	end := event.End{Turn: t.id, Session: t.session, Status: event.StatusFailed}
	slices.SortStableFunc(t.leaves, func(a, b event.Message) int { return compareBranches(a.Branch, b.Branch) })
	answered := false
	for i := range t.leaves {
		m := &t.leaves[i]
		switch m.Type {
		case event.TypeReport:
			end.Status = event.StatusOK
			if !answered {
				end.Answer, answered = string(m.Body), len(m.Body) > 0
				continue
			}
			if len(m.Body) > 0 {
				end.Outputs = append(end.Outputs, event.Output{Component: m.Source, Text: string(m.Body)})
			}
		case event.TypeReportDead:
			if end.Status != event.StatusOK {
				end.Status = event.StatusDead
			}
			end.Error = joinErrors(end.Error, string(m.Body))
		case event.TypeReportCanceled:
			if end.Status == event.StatusFailed {
				end.Status = event.StatusCanceled
			}
			end.Error = joinErrors(end.Error, string(m.Body))
		default:
			end.Error = joinErrors(end.Error, string(m.Body))
		}
	}
	return end
}

func joinErrors(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
