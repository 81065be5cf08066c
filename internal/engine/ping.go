package engine

import (
	"context"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/supervisor"
)

// How often components are asked for their load while a person looks at it.
const (
	watchedPing = time.Second     // while anybody works
	restingPing = 3 * time.Second // when nobody does: there is nothing to see but that they live
	restAfter   = 10 * time.Second
)

// leastPing is the least time between two rounds, whatever a file says.
const leastPing = 10 * time.Millisecond

// ping asks every instance for a sign of life, again and again, and has what the dead left swept.
func (f *fleet) ping(ctx context.Context) {
	every := f.e.pingEvery()
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			f.tell(pingRound{every: every})
		}
		if now := f.e.pingEvery(); now != every { // there is another project
			every = now
			t.Reset(every)
		}
	}
}

// pingEvery is the time between two rounds: that of the component which is asked most often.
func (e *Engine) pingEvery() time.Duration {
	p := e.project()
	every := min(e.o.Timing.Heartbeat, cleanup(p.Settings))
	for _, c := range p.Components {
		every = min(every, e.timing(c).Heartbeat)
	}
	if e.o.Watched {
		every = min(every, watchedPing)
	}
	return max(every, leastPing)
}

// pingRound is the order to ask everybody.
type pingRound struct{ every time.Duration }

func (p pingRound) take(f *fleet) {
	now := time.Now()
	late := !f.tick.IsZero() && now.Sub(f.tick) > 2*p.every
	f.tick = now
	_ = f.e.lock.Touch() // only so that others can say since when there is no supervisor
	f.tidy(now)
	if f.resting(now) {
		return
	}
	f.asked = now
	for _, m := range f.members {
		if late { // we ourselves were held up, so a silence proves nothing
			m.silent = silence{forgiven: now}
		}
		if every := f.e.timingOf(m.name).Heartbeat; f.e.o.Watched || now.Sub(m.asked) > every-p.every/2 {
			m.asked = now
			f.ask(m)
		}
	}
}

// tidy removes what the dead have left in the run directory, now and then: who dies here is swept at once, but others
// join, too.
func (f *fleet) tidy(now time.Time) {
	if f.tidied.IsZero() { // it was done at the start
		f.tidied = now
	}
	if now.Sub(f.tidied) < cleanup(f.e.project().Settings) {
		return
	}
	f.tidied = now
	f.wg.Go(f.sweep)
}

// resting says that there is no need to ask in this round.
func (f *fleet) resting(now time.Time) bool {
	return f.e.o.Watched && now.Sub(f.worked) > restAfter && now.Sub(f.asked) < min(f.e.o.Timing.Heartbeat, restingPing)-watchedPing/2
}

// atWork is the news that something was begun that may be seen in loads or breakers.
type atWork struct{}

func (atWork) take(f *fleet) { f.worked = time.Now() }

// stir has loads asked for more often, where somebody sees them: something was begun.
func (e *Engine) stir() {
	if e.o.Watched {
		e.fleet.tell(atWork{})
	}
}

// ask pings one instance, if it can answer and is not being asked already.
func (f *fleet) ask(m *member) {
	if m.life.To != supervisor.Ready || m.pinging {
		return
	}
	m.pinging = true
	unit, instance, pid, patience := m.unit, m.instance, m.life.PID, f.e.timingOf(m.name).Heartbeat
	f.wg.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		health, err := f.e.seat.Ping(ctx, instance)
		n := ponged{unit: unit, pid: pid, health: health, err: err, at: time.Now()}
		if err != nil {
			n.ticks, n.known = treeTicks(pid)
		}
		f.tell(n)
	})
}

// freshPatience is how long somebody who asks for the state of the app waits for the newest loads.
const freshPatience = 250 * time.Millisecond

// freshen asks every instance now, so that who looks sees what is, not what was.
func (e *Engine) freshen(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, freshPatience)
	defer cancel()
	var wg sync.WaitGroup
	for _, p := range e.asked() {
		wg.Go(func() {
			if h, err := e.seat.Ping(ctx, p.instance); err == nil {
				e.fleet.tell(ponged{unit: p.unit, pid: p.pid, health: h, at: time.Now(), extra: true})
			}
		})
	}
	wg.Wait()
	e.fleet.tell(seen{}) // taken after everything above
}

// asked are the instances that can say how they are.
func (e *Engine) asked() (up []pinged) {
	e.fleet.do(func(f *fleet) {
		for _, m := range f.members {
			if m.life.To == supervisor.Ready {
				up = append(up, pinged{m.unit, m.instance, m.life.PID})
			}
		}
	})
	return up
}

// pinged is one of them.
type pinged struct {
	unit     unit
	instance string
	pid      int
}

// seen is no news.
type seen struct{}

func (seen) take(*fleet) {}

// ponged is the answer to a ping, or its absence.
type ponged struct {
	unit   unit
	pid    int
	health event.Health
	at     time.Time
	err    error
	ticks  uint64 // processor time of the instance's processes, when there was no answer
	known  bool
	extra  bool // asked for beside the rounds
}

func (p ponged) take(f *fleet) {
	m := f.find(p.unit.String())
	if m == nil {
		return
	}
	if !p.extra {
		m.pinging = false
	}
	if m.life.To != supervisor.Ready || m.life.PID != p.pid {
		return
	}
	if p.err != nil {
		f.unanswered(m, p)
		return
	}
	m.health, m.beat, m.silent = p.health, p.at, silence{}
	if p.health.InFlight+p.health.Queued > 0 {
		f.worked = p.at
	}
	f.e.hub.emit(state.Heartbeat{Name: m.name, Instance: m.instance, At: p.at, Health: p.health})
	m.shown = f.asShown(m)
}

// asShown is the member's row after a heartbeat: readers change it themselves.
func (f *fleet) asShown(m *member) state.Component {
	row := m.shown
	row.InFlight, row.Max, row.Queued, row.SuccessRate, row.State = m.health.InFlight, m.max(), m.health.Queued, m.row().SuccessRate, m.word()
	row.Breakers = m.health.Breakers
	return row
}

// unanswered kills what neither answers nor works. What works without answering is only busy: its turn has a deadline,
// and so has it itself where the file says so.
func (f *fleet) unanswered(m *member, p ponged) {
	f.e.set.Heartbeats.With(m.name).Inc()
	t, why := f.e.timingOf(m.name), ""
	if mute, hung := m.silent.hung(p, m.beat, t.HangAfter); hung {
		why = "hung: no answer for " + span(mute) + ", and no work meanwhile"
	} else if why = t.expired(m.silent.mute(p, m.beat)); why == "" {
		return
	}
	m.silent = silence{}
	f.e.starts.blame(m.String())
	f.e.sup.Fail(m.String(), why)
}

// expired says which time is over for an instance that gave no sign of life for so long; empty: none.
func (t Timing) expired(mute time.Duration) string {
	least := project.LeastBeats * t.Heartbeat
	switch {
	case t.Silent > 0 && mute >= max(t.Silent, least):
		return "dead: no answer for " + span(mute) + " (component_timeout)"
	case t.Lease > 0 && mute >= max(t.Lease, least):
		return "its lease has ended: no answer for " + span(mute) + " (component_ttl)"
	}
	return ""
}

// idleShare is the part of the time after which somebody is hung that it must not have worked at all.
const idleShare = 3

// mute is for how long there has been no answer when a ping got none. The time before we were held up ourselves does not
// count: what did not answer then may not have been asked.
func (s *silence) mute(p ponged, beat time.Time) time.Duration {
	if beat.Before(s.forgiven) {
		beat = s.forgiven
	}
	return p.at.Sub(beat)
}

// hung takes a ping without an answer and says whether that was one too many, and for how long there has been none.
func (s *silence) hung(p ponged, beat time.Time, after time.Duration) (mute time.Duration, yes bool) {
	if !p.known {
		return 0, false
	}
	if s.since.IsZero() || s.ticks != p.ticks {
		s.since, s.ticks = p.at, p.ticks
		return 0, false
	}
	mute = s.mute(p, beat)
	return mute, mute >= after && p.at.Sub(s.since) >= after/idleShare
}
