package component

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/breaker"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/metrics"
)

// counts are the runner's instruments. Those of the hot path are looked up once.
type counts struct {
	set      *metrics.Set
	queueing *metrics.Histogram
	service  *metrics.Histogram
	routing  *metrics.Histogram

	mu   sync.Mutex
	lost map[string]uint64 // events that were dropped, by subscriber, when we last looked
}

// The results of a call that never reached a component, beside ok and the codes of the bus.
const (
	callOK     = "ok"
	callOpen   = "OPEN"   // its breaker was open
	callFailed = "FAILED" // it failed without a code
)

// The reasons of a dead letter.
const (
	deadCrashed       = "crashed"       // it killed its process again and again
	deadUndeliverable = "undeliverable" // the next component will never take it
)

func (c *counts) init(component string) {
	s := metrics.New()
	c.set, c.lost = s, map[string]uint64{}
	c.queueing, c.service, c.routing = s.Queueing.With(component), s.Service.With(component), s.Routing.With(component)
}

// count counts what has just been appended.
func (in *inbox) count(recs []delivery.Record) {
	c := &in.r.counts
	for i := range recs {
		switch rec := &recs[i]; rec.Kind {
		case delivery.Turn:
			if in.sessions.add(rec.Head.Session) {
				c.set.Sessions.With(in.r.spec.Name).Inc()
				in.r.tellSession(&rec.Head)
				in.r.tellWorkflow(&rec.Head)
			}
		case delivery.Out:
			if queue, service, ok := event.HopTimes(rec.Head.Trace); ok {
				c.queueing.Observe(queue)
				c.service.Observe(service)
			}
		case delivery.Dead:
			c.set.DeadLetters.With(in.r.spec.Name, in.r.deadReason(&rec.Head.Header)).Inc()
		case delivery.End:
			c.ended(in.r.spec.Name, &rec.Head)
			in.r.tellSessionFailed(&rec.Head)
		}
	}
}

func (c *counts) ended(component string, end *event.Message) {
	c.set.TurnTime.With(component).Observe(time.Duration(end.Took) * time.Microsecond)
	c.set.Turns.With(component, string(event.EndStatus(end))).Inc()
}

// deadReason: what we could not hand on carries our name.
func (r *Runner) deadReason(h *event.Header) string {
	if h.Source == r.spec.Name || r.spec.Kind == "output" {
		return deadUndeliverable
	}
	return deadCrashed
}

// judged counts a message of the chain that was not taken.
func (r *Runner) judged(v bus.Verdict) {
	if v.Code != bus.OK {
		r.refused(v.Code)
	}
}

// refused counts a message that was not taken.
func (r *Runner) refused(code bus.Code) {
	r.counts.set.Refusals.With(r.spec.Name, string(code)).Inc()
}

// called counts a call to another component.
func (r *Runner) called(to string, err error) {
	r.counts.set.Calls.With(r.spec.Name, to, callResult(err)).Inc()
}

func callResult(err error) string {
	var e *bus.Error
	switch {
	case err == nil:
		return callOK
	case errors.As(err, &e):
		return string(e.Code)
	case errors.Is(err, breaker.ErrOpen):
		return callOpen
	case errors.Is(err, context.DeadlineExceeded):
		return string(bus.Deadline)
	}
	return callFailed
}

// Searched counts a search of the bus for an instance of a component.
func (v *receiver) Searched(to string, took time.Duration, found bool) {
	result := "missing"
	if found {
		result = "found"
	}
	v.counts.set.Discovery.With(to).Observe(took)
	v.counts.set.Discoveries.With(to, result).Inc()
}

// routed measures how long a message took to the journal of the next component.
func (r *Runner) routed(since time.Time, v bus.Verdict) {
	if v.Code == bus.OK {
		r.counts.routing.Since(since)
	}
}

// metrics reads every instrument; those that say how it is now are set before.
func (r *Runner) metrics() metrics.Snapshot {
	c := &r.counts
	inFlight, _ := r.slots.load()
	c.set.InFlight.With(r.spec.Name).Set(int64(inFlight))
	queued := 0
	for _, in := range r.inboxes {
		n, _ := in.load()
		queued += n
	}
	c.set.Waiting.With(r.spec.Name).Set(int64(queued))
	r.countBreakers()
	r.countLost()
	return c.set.Snapshot()
}

// countBreakers sets the state of each target's breakers: of several types of request the worst counts.
func (r *Runner) countBreakers() {
	worst := map[string]int64{}
	r.routes.group.Each(func(rt breaker.Route, b *breaker.Breaker) {
		n := int64(metrics.BreakerClosed)
		switch b.Status().State {
		case breaker.Open, breaker.ForcedOpen:
			n = metrics.BreakerOpen
		case breaker.HalfOpen:
			n = metrics.BreakerHalfOpen
		}
		worst[rt.Target] = max(worst[rt.Target], n)
	})
	for to, n := range worst {
		r.counts.set.BreakerState.With(r.spec.Name, to).Set(n)
	}
}

// countLost adds the events that were dropped since the last look.
func (r *Runner) countLost() {
	fan := r.events.fan.Load()
	if fan == nil {
		return
	}
	c := &r.counts
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range fan.Stats() {
		c.set.EventsLost.With(r.spec.Name, s.Name).Add(s.Dropped - c.lost[s.Name])
		c.lost[s.Name] = s.Dropped
	}
}

// maxSessions bounds the sessions that a partition remembers.
const maxSessions = 2048

// knownSessions are the sessions of a partition that have begun: those that its journal knows and those of this life.
type knownSessions map[string]struct{}

// add says whether a session is new. One that was forgotten is new again.
func (k *knownSessions) add(id string) bool {
	if _, known := (*k)[id]; known {
		return false
	}
	if *k == nil {
		*k = knownSessions{}
	}
	for old := range *k {
		if len(*k) < maxSessions {
			break
		}
		delete(*k, old)
	}
	(*k)[id] = struct{}{}
	return true
}
