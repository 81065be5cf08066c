package component

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/breaker"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// routes are how this component calls others: a breaker for each target and type of request, a lane for each target.
type routes struct {
	group   *breaker.Group
	mu      sync.Mutex
	own     CallPolicy                    // of every call that this component makes; guarded by mu
	calls   map[string]CallPolicy         // what targets say of calls to them; guarded by mu
	lanes   map[string]*lane              // guarded by mu
	watched map[string]context.CancelFunc // targets whose new instances are looked out for; guarded by mu
	deaths  deaths                        // told of by the master; guarded by mu
	closed  bool                          // guarded by mu
}

func (r *Runner) openRoutes() {
	rt := &r.routes
	rt.own, rt.calls = PolicyOf(r.spec.Config).forCaller(), r.spec.Calls
	rt.lanes, rt.watched = map[string]*lane{}, map[string]context.CancelFunc{}
	rt.group = breaker.NewGroup(func(route breaker.Route) breaker.Settings {
		p := rt.lane(route.Target).policy
		return breaker.Settings{
			Rate:             breaker.Rate{MinCalls: max(p.Failures, defaultMinCalls)}, // else whoever allows more failures got no more
			FailureThreshold: p.Failures, SuccessThreshold: p.Successes, RecoveryTimeout: p.Recovery, Timeout: p.Silence, Classify: classify,
			OnChange: func(c breaker.Change) { r.breakerChanged(route, c) },
		}
	})
}

// defaultMinCalls is how many calls it takes at least for a share of them to open a breaker.
const defaultMinCalls = 5

// lookOut makes the breakers that lead to a target try again as soon as it has a new instance, until none of them is
// open.
func (r *Runner) lookOut(target string) {
	rt := &r.routes
	rt.mu.Lock()
	defer rt.mu.Unlock()
	if rt.closed || rt.watched[target] != nil || r.seat == nil {
		return
	}
	ctx, cancel := context.WithCancel(r.ctx)
	rt.watched[target] = cancel
	r.seat.Arrivals(ctx, target, func() { rt.group.Ready(target) })
}

// lookAway ends the lookout when every breaker to the target is closed.
func (r *Runner) lookAway(target string) {
	rt := &r.routes
	waiting := false
	rt.group.Each(func(route breaker.Route, b *breaker.Breaker) {
		if route.Target == target {
			s := b.Status().State
			waiting = waiting || s == breaker.Open || s == breaker.HalfOpen
		}
	})
	rt.mu.Lock()
	defer rt.mu.Unlock()
	if cancel := rt.watched[target]; cancel != nil && !waiting {
		cancel()
		delete(rt.watched, target)
	}
}

// newCalls takes how components are called from now on, and what this one says of its own calls. The ways that change begin anew: closed, nothing counted.
func (r *Runner) newCalls(req bus.Request, m event.Message) {
	var calls map[string]CallPolicy
	if err := json.Unmarshal(m.Body, &calls); err != nil {
		req.Fail(bus.Refused, err.Error())
		return
	}
	rt, own := &r.routes, calls[r.spec.Name].forCaller()
	rt.mu.Lock()
	var changed []string
	for to, l := range rt.lanes {
		if l.said != calls[to] || rt.own != own {
			delete(rt.lanes, to)
			changed = append(changed, to)
		}
	}
	rt.own, rt.calls = own, calls
	rt.mu.Unlock()
	for _, to := range changed {
		rt.group.Forget(to)
		r.lookAway(to)
	}
	req.Reply(event.Message{})
}

// close ends the lookouts.
func (rt *routes) close() {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	rt.closed = true
	for _, cancel := range rt.watched {
		cancel()
	}
}

// classify says what an error tells about its target. A request that was wrong says nothing; a target that works on as
// much as it can wants to be left alone for a moment, and is no failure; one that says for how long is overloaded. What keeps
// a request from getting to its target says nothing of that.
func classify(err error) (breaker.Result, time.Duration) {
	var e *bus.Error
	if isDetour(err) {
		return breaker.Ignored, 0
	}
	if !errors.As(err, &e) || e.RetryAfter() > 0 || errors.Is(err, breaker.ErrSilent) {
		return breaker.Classify(err)
	}
	if e.Code == bus.PeerDied && e.Echo { // ten calls that one death ends are one failure, or every restart would trip
		return breaker.Ignored, 0
	}
	switch e.Code {
	case bus.UnknownType, bus.TooLarge, bus.Refused, bus.UnknownOutcome, bus.Busy, bus.NotOwner:
		return breaker.Ignored, 0
	case bus.Deadline:
		return breaker.Timeout, 0
	}
	return breaker.Failure, 0
}

func (r *Runner) breakerChanged(rt breaker.Route, c breaker.Change) {
	switch c.To {
	case breaker.Open:
		r.counts.set.BreakerTrips.With(r.spec.Name, rt.Target).Inc()
		r.lookOut(rt.Target)
	case breaker.Closed, breaker.ForcedClosed, breaker.ForcedOpen:
		r.lookAway(rt.Target)
	}
	r.tellBreaker(rt, c)
	r.log.Info("breaker", "route", c.Name, "from", c.From.String(), "to", c.To.String(), "reason", c.Reason)
}

// BreakerStatus is a breaker as it is shown.
type BreakerStatus struct {
	Route     string `json:"route"`
	Target    string `json:"target"`
	Type      string `json:"type"`
	State     string `json:"state"`
	Reason    string `json:"reason,omitempty"`
	By        string `json:"by,omitempty"`
	Failures  int    `json:"failures"`
	Threshold int    `json:"failure_threshold"`   // so many failures in a row open it
	Window    []bool `json:"window"`              // the last calls, oldest first; true: failed
	ReopenAt  string `json:"reopen_at,omitempty"` // when the next call has a chance, RFC 3339
	Since     string `json:"since,omitempty"`
	Succeeded uint64 `json:"succeeded"`
	Failed    uint64 `json:"failed"`
	Rejected  uint64 `json:"rejected"`
}

// BreakerOrder is what a person wants of the breakers that lead to a target.
type BreakerOrder struct {
	Target string  `json:"target"`
	Type   string  `json:"type,omitempty"` // empty: every type
	Order  string  `json:"order"`          // trip, reset, hold
	By     string  `json:"by"`
	Why    string  `json:"why,omitempty"`
	For    float64 `json:"for_seconds,omitempty"` // 0: until reset
}

func (r *Runner) breakers() []BreakerStatus {
	out := []BreakerStatus{}
	r.routes.group.Each(func(rt breaker.Route, b *breaker.Breaker) {
		s := b.Status()
		row := BreakerStatus{
			Route: r.spec.Name + " → " + rt.String(), Target: rt.Target, Type: rt.Message, State: s.State.String(), Reason: s.Reason, By: s.By,
			Failures: s.Failures, Threshold: s.Threshold, Window: append([]bool{}, s.Window...), Since: stamp(s.Since), ReopenAt: stamp(s.ReopenAt),
			Succeeded: s.Counts.Succeeded, Failed: s.Counts.Failed + s.Counts.TimedOut, Rejected: s.Counts.Rejected,
		}
		out = append(out, row)
	})
	return out
}

// maxBreakers is how many breakers ride on a heartbeat.
const maxBreakers = 32

// breakersBrief is what a heartbeat says of them.
func (r *Runner) breakersBrief() []event.Breaker {
	var out []event.Breaker
	for _, b := range r.breakers() {
		out = append(out, event.Breaker{Route: b.Route, State: b.State, Failures: b.Failures, ReopenAt: b.ReopenAt})
	}
	closed := breaker.Closed.String()
	slices.SortStableFunc(out, func(a, b event.Breaker) int {
		switch {
		case a.State != closed && b.State == closed:
			return -1
		case a.State == closed && b.State != closed:
			return 1
		}
		return 0
	})
	return out[:min(len(out), maxBreakers)]
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// order applies an order to the routes that lead to its target and answers with those routes as they are now. A route
// that was never used is made, so that an order can come before the first call.
func (r *Runner) order(req bus.Request, m event.Message) {
	var o BreakerOrder
	if err := json.Unmarshal(m.Body, &o); err != nil || o.Target == "" {
		req.Fail(bus.Refused, "an order names a target")
		return
	}
	if o.Type == "" {
		o.Type = event.TypeProcess
	}
	b := r.routes.group.Get(breaker.Route{Target: o.Target, Message: o.Type})
	long := time.Duration(o.For * float64(time.Second))
	switch o.Order {
	case "trip":
		b.ForceOpen(o.By, o.Why, long)
	case "hold":
		b.ForceClosed(o.By, o.Why, long)
	case "reset":
		b.Reset(o.By, o.Why)
	default:
		req.Fail(bus.Refused, "an order is trip, hold or reset, not "+o.Order)
		return
	}
	replyJSON(req, r.breakers())
}
