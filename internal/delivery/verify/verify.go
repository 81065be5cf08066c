// Package verify decides, from the journals alone, whether the rules of delivery held.
//
// It is the judge of every storm, every crash test and of ww doctor: it needs no clock, no running process and no
// client that might forgive a double answer by overlooking it.
package verify

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
)

// Log is one component's records, oldest first. The records of different partitions may follow one another in any
// order; those of one partition may not be mixed up.
type Log struct {
	Component string
	Records   []delivery.Record
}

// Report is what the journals say.
type Report struct {
	Accepted   int // turns with a TURN
	Ended      map[event.Status]int
	Pending    int      // accepted, without END, and on their way
	Dead       int      // messages that were set aside
	Violations []string // broken promises, in words; none: all held
}

// Check reads the journals of one app.
func Check(logs []Log) Report {
	c := &checker{
		turns: map[string]*turnFacts{}, in: map[chanKey][]uint64{}, out: map[chanKey]map[uint64]event.Message{},
		hwm: map[chanKey]uint64{}, last: map[chanKey]uint64{}, place: map[string]place{}, report: Report{Ended: map[event.Status]int{}},
	}
	for _, l := range logs {
		c.read(l)
	}
	c.channels()
	c.ledgers()
	slices.Sort(c.report.Violations)
	return c.report
}

// chanKey is one life of a channel.
type chanKey struct{ source, dest, session, base string }

type workKey struct {
	component, source, base, turn string
	seq                           uint64
}

// turnFacts is what the journals say of one turn.
type turnFacts struct {
	acceptor string
	session  string
	ends     int
	status   event.Status
	live     int // what still refers to it: work without OUT, messages nobody has
	dead     int
	reports  int // leaves that came in; the acceptor makes the END of them when it reads its journal again
}

// place is where a message stands now: its id stays when a channel begins a new life, its number does not.
type place struct {
	channel chanKey
	seq     uint64
}

type checker struct {
	place  map[string]place
	turns  map[string]*turnFacts
	in     map[chanKey][]uint64
	hwm    map[chanKey]uint64
	last   map[chanKey]uint64 // the largest number that was given
	out    map[chanKey]map[uint64]event.Message
	report Report
	began  map[chanKey]bool // a checkpoint stands for the beginning
}

func (c *checker) fail(format string, args ...any) {
	c.report.Violations = append(c.report.Violations, fmt.Sprintf(format, args...))
}

func (c *checker) turn(id string) *turnFacts {
	t := c.turns[id]
	if t == nil {
		t = &turnFacts{}
		c.turns[id] = t
	}
	return t
}

// read takes in one component's records.
func (c *checker) read(l Log) {
	open := map[workKey]delivery.Record{}
	done := map[workKey]bool{}
	waits := line{}
	for _, r := range l.Records {
		k := workKey{l.Component, r.Head.Source, r.Head.Base, "", r.Head.Seq}
		if r.Head.Source == "" {
			k = workKey{component: l.Component, turn: r.Head.Turn}
		}
		switch r.Kind {
		case delivery.Turn:
			c.accept(l.Component, &r.Head)
			open[k] = r
			waits.join(r.Head.Session, k, r.Head.Turn)
		case delivery.In:
			c.received(l.Component, &r.Head)
			if r.Head.Type == event.TypeText {
				open[k] = r
				waits.join(r.Head.Session, k, r.Head.Turn)
			} else {
				c.turn(r.Head.Turn).reports++
			}
		case delivery.Skip:
			c.received(l.Component, &r.Head)
		case delivery.Cancel:
			c.canceled(l.Component, r)
		case delivery.Out, delivery.Dead:
			if r.Head.Type == "call" {
				continue // a receipt
			}
			if r.Head.Type == delivery.OutLost { // the report of a message that was given up
				c.canceled(l.Component, r)
				continue
			}
			c.finished(l.Component, k, r, open, done, waits)
		case delivery.End:
			c.ended(&r.Head)
		case delivery.Ckpt:
			c.checkpoint(l.Component, r)
		default: // START, SENT and the steps of a turn promise nothing to others
		}
	}
	for _, r := range open {
		c.turn(r.Head.Turn).live++
	}
}

// canceled takes a cancel: it came by a channel, or it was passed on by one.
func (c *checker) canceled(component string, r delivery.Record) {
	if r.Head.Source != "" {
		c.received(component, &r.Head)
	}
	for _, m := range r.Msgs {
		c.sent(component, m)
	}
}

func (c *checker) accept(component string, m *event.Message) {
	t := c.turn(m.Turn)
	if t.acceptor != "" {
		c.fail("turn %s has two TURN records, at %s and %s", m.Turn, t.acceptor, component)
	}
	t.acceptor, t.session = component, m.Session
	c.report.Accepted++
}

func (c *checker) received(component string, m *event.Message) {
	k := chanKey{m.Source, component, m.Session, m.Base}
	c.in[k] = append(c.in[k], m.Seq)
	c.hwm[k] = max(c.hwm[k], m.Seq)
}

// finished takes an OUT or DEAD: the only commit of a piece of work.
func (c *checker) finished(component string, k workKey, r delivery.Record, open map[workKey]delivery.Record, done map[workKey]bool, waits line) {
	if r.Kind == delivery.Out && done[k] {
		c.fail("%s committed turn %s twice (two OUT records)", component, r.Head.Turn)
	}
	if _, ok := open[k]; ok {
		delete(open, k)
		done[k] = true
		if first := waits.leave(r.Head.Session, k); first.turn != "" && r.Head.Type != delivery.OutCanceled {
			c.fail("%s finished turn %s of session %s before turn %s, which came first", component, r.Head.Turn, r.Head.Session, first.turn)
		}
	}
	msgs := r.Msgs
	if r.Kind == delivery.Dead {
		c.report.Dead++
		c.turn(r.Head.Turn).dead++
		if len(msgs) > 0 {
			msgs = msgs[1:]
		}
	}
	for _, m := range msgs {
		c.sent(component, m)
	}
}

// line is who waits at a component, by session, in the order in which they came: one after another they are finished. That
// holds whichever way they came; with channels that are numbered in the order of what is finished, and read in the order of
// their numbers, it makes the order of a session along every way. Where ways of different length meet nothing more is promised.
type line map[string][]waiting

type waiting struct {
	key  workKey
	turn string
}

func (l line) join(session string, k workKey, turn string) {
	l[session] = append(l[session], waiting{k, turn})
}

// leave takes one out and returns who stands before it; nobody: it was its time.
func (l line) leave(session string, k workKey) (first waiting) {
	all := l[session]
	i := slices.IndexFunc(all, func(w waiting) bool { return w.key == k })
	if i > 0 {
		first = all[0]
	}
	if i >= 0 {
		l[session] = slices.Delete(all, i, i+1)
	}
	return first
}

func (c *checker) sent(component string, m event.Message) {
	if m.Base == "" {
		return // a report of the acceptor to itself: it is in the same record
	}
	k := chanKey{component, m.Subject, m.Session, m.Base}
	if c.out[k] == nil {
		c.out[k] = map[uint64]event.Message{}
	}
	switch old, twice := c.out[k][m.Seq]; {
	case twice && old.Turn != m.Turn:
		c.fail("%s gave number %d of its channel to %s (session %s) to two messages", component, m.Seq, m.Subject, m.Session)
	case !twice && m.Seq < c.last[k]:
		c.fail("%s gave number %d of its channel to %s (session %s) after number %d", component, m.Seq, m.Subject, m.Session, c.last[k])
	}
	c.last[k] = max(c.last[k], m.Seq)
	c.out[k][m.Seq] = m
	c.place[component+" "+m.Subject+" "+m.ID] = place{k, m.Seq}
}

func (c *checker) ended(m *event.Message) {
	t := c.turn(m.Turn)
	t.ends++
	t.status = event.EndStatus(m)
	if t.ends > 1 {
		c.fail("turn %s has %d END records", m.Turn, t.ends)
		return
	}
	c.report.Ended[t.status]++
}

func (c *checker) checkpoint(component string, r delivery.Record) {
	if _, ok := delivery.LetterDropped(&r); ok || r.Head.Type == delivery.CkptClock {
		return
	}
	h := &r.Head.Header
	if c.began == nil {
		c.began = map[chanKey]bool{}
	}
	if h.Subject == "" { // a receiving channel and its earlier lives
		for _, m := range append([]event.Message{r.Head}, r.Msgs...) {
			k := chanKey{m.Source, component, m.Session, m.Base}
			c.began[k] = true
			c.hwm[k] = max(c.hwm[k], m.Seq)
			c.in[k] = nil // the mark stands for everything before it
		}
		return
	}
	c.began[chanKey{component, h.Subject, h.Session, h.Base}] = true
	for _, m := range r.Msgs {
		c.sent(component, m)
	}
}

// channels checks that every channel is a sequence without hole or repeat.
func (c *checker) channels() {
	for k, seqs := range c.in {
		want := uint64(1)
		if c.began[k] && len(seqs) > 0 {
			want = seqs[0] // the first one after the mark was checked when it came
		}
		for _, s := range seqs {
			if s != want {
				c.fail("channel %s → %s (session %s): number %d where %d was due", k.source, k.dest, k.session, s, want)
				break
			}
			want++
		}
		for _, s := range seqs {
			if _, known := c.out[k][s]; !known && !c.began[chanKey{k.source, k.dest, k.session, k.base}] && c.knows(k) {
				c.fail("channel %s → %s (session %s): number %d was received but never sent", k.source, k.dest, k.session, s)
			}
		}
	}
	for k, msgs := range c.out {
		for seq, m := range msgs {
			if c.place[k.source+" "+k.dest+" "+m.ID] != (place{k, seq}) {
				continue // it has another number now
			}
			if seq > c.hwm[k] && m.Type != event.TypeSkip && m.Type != event.TypeCancel {
				c.turn(m.Turn).live++
			}
		}
	}
}

// knows reports that the sender's journal has this life of the channel at all.
func (c *checker) knows(k chanKey) bool { return c.out[k] != nil }

// ledgers checks that every accepted turn ended once or is on its way.
func (c *checker) ledgers() {
	for _, id := range sortedTurns(c.turns) {
		t := c.turns[id]
		switch {
		case t.acceptor == "":
			continue // its TURN went with a checkpoint
		case t.ends > 0 && t.status == event.StatusOK && t.live > 0:
			c.fail("turn %s is answered, but something still works on it", id)
		case t.ends > 0:
		case t.live == 0 && t.reports == 0:
			c.fail("turn %s is lost: it has no END and nothing refers to it", id)
		default:
			c.report.Pending++
		}
		if t.dead > 0 && t.ends > 0 && t.status == event.StatusOK {
			c.fail("turn %s was answered although one of its messages was set aside", id)
		}
	}
}

func sortedTurns(m map[string]*turnFacts) []string {
	ids := make([]string, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, cmp.Compare[string])
	return ids
}
