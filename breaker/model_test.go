package breaker

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// naive is the same rules written down without care for speed: it keeps everything that ever happened and works each
// answer out from the beginning of the present state.
type naive struct {
	now    time.Duration
	state  State
	epoch  int           // counts the states
	end    time.Duration // of Open; of Forced* if not 0
	events []naiveEvent  // of this epoch
	probes int           // let in, in this epoch
	probe  int           // the one that is out, 0 if none
	lease  time.Duration
}

type naiveEvent struct {
	at time.Duration
	r  Result
}

// naiveToken is which state a call was let in, and as which probe.
type naiveToken struct {
	epoch, probe int
	used         bool
}

func (m *naive) enter(s State, end time.Duration) {
	*m = naive{now: m.now, state: s, epoch: m.epoch + 1, end: end}
}

// pass lets time do its work, step by step.
func (m *naive) pass() {
	for {
		switch {
		case m.state == Open && m.end <= m.now, m.state == ForcedOpen && m.end > 0 && m.end <= m.now:
			m.enter(HalfOpen, 0)
		case m.state == ForcedClosed && m.end > 0 && m.end <= m.now:
			m.enter(Closed, 0)
		case m.state == HalfOpen && m.probe > 0 && m.lease <= m.now:
			m.enter(Open, m.lease+time.Minute)
		default:
			return
		}
	}
}

func (m *naive) allow(left time.Duration) (naiveToken, bool) {
	m.pass()
	switch m.state {
	case Closed, ForcedClosed:
		return naiveToken{epoch: m.epoch}, true
	case HalfOpen:
		if m.probe > 0 {
			return naiveToken{}, false
		}
		m.probes++
		m.probe = m.probes
		m.lease = m.now + 30*time.Second
		if left > 0 && left < 30*time.Second {
			m.lease = m.now + left
		}
		return naiveToken{epoch: m.epoch, probe: m.probe}, true
	}
	return naiveToken{}, false
}

func (m *naive) done(t *naiveToken, r Result, after time.Duration) {
	m.pass()
	if t.used || t.epoch != m.epoch || t.probe != m.probe {
		t.used = true
		return
	}
	t.used = true
	m.probe = 0
	if r == Overload && after > 0 {
		if m.state != ForcedClosed {
			m.enter(Open, m.now+after)
		}
		return
	}
	if r == Overload || r == Timeout {
		r = Failure
	}
	m.events = append(m.events, naiveEvent{m.now, r})
	switch {
	case m.state == HalfOpen && r == Failure, m.state == Closed && r == Failure && m.tripped():
		m.enter(Open, m.now+time.Minute)
	case m.state == HalfOpen && m.row(Success) >= 3:
		m.enter(Closed, 0)
	}
}

// row counts how many of the last events were r, without those that say nothing.
func (m *naive) row(r Result) int {
	n := 0
	for i := len(m.events) - 1; i >= 0; i-- {
		switch m.events[i].r {
		case r:
			n++
		case Ignored:
		default:
			return n
		}
	}
	return n
}

func (m *naive) tripped() bool {
	calls, failed := m.window()
	return m.row(Failure) >= 5 || calls >= 5 && 2*failed >= calls
}

func (m *naive) window() (calls, failed int) {
	for i := len(m.events) - 1; i >= 0 && calls < 20 && m.now-m.events[i].at <= 2*time.Minute; i-- {
		if m.events[i].r == Ignored {
			continue
		}
		calls++
		if m.events[i].r == Failure {
			failed++
		}
	}
	return calls, failed
}

func (m *naive) ready() {
	m.pass()
	switch m.state {
	case Open:
		m.enter(HalfOpen, 0)
	case HalfOpen:
		if m.probe > 0 {
			m.probe, m.events = 0, nil
		}
	}
}

func (m *naive) order(s State, d time.Duration) {
	m.pass()
	end := time.Duration(0)
	if d > 0 {
		end = m.now + d
	}
	m.enter(s, end)
}

// pair is both of them, and the calls that are under way.
type pair struct {
	m      naive
	b      *Breaker
	tokens []*Token
	twins  []*naiveToken
	log    []string
	quiet  bool // 10^5 logs that nobody reads take longer than the sequences
}

func newPair() *pair {
	p := &pair{}
	p.b = New(Settings{Now: func() time.Duration { return p.m.now }})
	return p
}

// waits are the instants at which something may just have happened, or not yet.
var waits = []time.Duration{1, time.Second, 30*time.Second - 1, 30 * time.Second, time.Minute - 1, time.Minute, 2 * time.Minute, 2*time.Minute + 1}

// step does the same to both. pick chooses a number below n.
func (p *pair) step(pick func(n int) int) error {
	switch what := pick(20); {
	case what < 8:
		return p.begin([]time.Duration{0, 0, time.Second, time.Hour}[pick(4)])
	case what < 15:
		p.end(pick)
	case what < 17:
		p.m.now += waits[pick(len(waits))]
		p.note("now %s", p.m.now)
	case what < 18:
		p.b.Ready()
		p.m.ready()
		p.note("ready")
	default:
		p.force(pick)
	}
	return p.compare()
}

func (p *pair) note(format string, args ...any) {
	if !p.quiet {
		p.log = append(p.log, fmt.Sprintf(format, args...))
	}
}

func (p *pair) begin(left time.Duration) error {
	tok, err := p.b.Allow(left)
	twin, may := p.m.allow(left)
	p.note("call %d, let in: %v", len(p.tokens), may)
	if (err == nil) != may {
		return fmt.Errorf("breaker: %v, model lets in: %v", err, may)
	}
	if may {
		p.tokens, p.twins = append(p.tokens, &tok), append(p.twins, &twin)
	}
	return p.compare()
}

// end ends a call: mostly the last one, mostly a failure, now and then one that has ended.
func (p *pair) end(pick func(n int) int) {
	if len(p.tokens) == 0 {
		return
	}
	i := max(0, len(p.tokens)-1-pick(3)*pick(3))
	r := []Result{Success, Success, Failure, Failure, Failure, Timeout, Ignored, Overload}[pick(8)]
	after := time.Duration(0)
	if r == Overload {
		after = []time.Duration{0, 7 * time.Second}[pick(2)]
		p.tokens[i].Overload(after)
	} else {
		p.tokens[i].Done(r)
	}
	p.m.done(p.twins[i], r, after)
	p.note("end %d: %d %s", i, r, after)
}

// force is rare: an order by hand ends whatever was going on.
func (p *pair) force(pick func(n int) int) {
	if pick(4) > 0 {
		return
	}
	d := []time.Duration{0, time.Minute}[pick(2)]
	switch pick(4) {
	case 0:
		p.b.ForceOpen("x", "y", d)
		p.m.order(ForcedOpen, d)
	case 1:
		p.b.ForceClosed("x", "y", d)
		p.m.order(ForcedClosed, d)
	default:
		p.b.Reset("x", "y")
		p.m.order(Closed, 0)
	}
	p.note("force %s %s", p.m.state, d)
}

func (p *pair) compare() error {
	p.m.pass()
	st := p.b.Status()
	if st.State != p.m.state {
		return fmt.Errorf("breaker is %s, model %s", st.State, p.m.state)
	}
	if st.State != Closed {
		return nil
	}
	failed := 0
	for _, f := range st.Window {
		if f {
			failed++
		}
	}
	if c, f := p.m.window(); c != len(st.Window) || f != failed || st.Failures != p.m.row(Failure) {
		return fmt.Errorf("breaker counts %d of %d, %d in a row; model %d of %d, %d", failed, len(st.Window), st.Failures, f, c, p.m.row(Failure))
	}
	return nil
}

// TestT43RandomSequences runs 10^5 sequences beside the naive model.
func TestT43RandomSequences(t *testing.T) {
	t.Parallel()
	visits := map[State]int{}
	for seed := range uint64(100_000) {
		if err := runSeed(seed, true, visits); err != nil {
			t.Fatal(runSeed(seed, false, visits))
		}
	}
	for s := Closed; s <= ForcedClosed; s++ {
		if visits[s] < 10_000 {
			t.Errorf("%s only %d times", s, visits[s])
		}
	}
}

func runSeed(seed uint64, quiet bool, visits map[State]int) error {
	rnd := rand.New(rand.NewPCG(seed, 43))
	p := newPair()
	p.quiet = quiet
	for range 30 {
		if err := p.step(rnd.IntN); err != nil {
			return fmt.Errorf("seed %d: %w after %q", seed, err, p.log)
		}
		visits[p.m.state]++
	}
	return nil
}

// TestT43Shrinking is the same with a tool that makes a failing sequence short.
func TestT43Shrinking(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := newPair()
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			if err := p.step(func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "pick") }); err != nil {
				rt.Fatalf("%v after %q", err, p.log)
			}
		}
	})
}
