package component

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/woodwork-lang/ww/breaker"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// routes are the breakers of this component's calls, one for each target and type of request.
type routes struct {
	group *breaker.Group
}

func (r *Runner) openRoutes() {
	base := breakerSettings(r.spec.Config)
	base.Classify = classify
	r.routes.group = breaker.NewGroup(func(rt breaker.Route) breaker.Settings {
		s := base
		s.Name = r.spec.Name + " → " + rt.String()
		s.OnChange = func(c breaker.Change) { r.breakerChanged(rt, c) }
		return s
	})
}

// breakerSettings reads `breaker { … }`; times are seconds.
func breakerSettings(config map[string]any) breaker.Settings {
	props, ok := config["breaker"].(map[string]any)
	if !ok {
		props, _ = config["circuit_breaker"].(map[string]any)
	}
	return breaker.Settings{
		FailureThreshold: int(number(props["failure_threshold"])),
		SuccessThreshold: int(number(props["success_threshold"])),
		RecoveryTimeout:  time.Duration(number(props["recovery_timeout"]) * float64(time.Second)),
		Timeout:          time.Duration(number(props["timeout"]) * float64(time.Second)),
	}
}

// number reads a number of a Spec, which came as JSON or from a test.
func number(v any) float64 {
	switch n := v.(type) {
	case float64:
		return n
	case int64:
		return float64(n)
	case int:
		return float64(n)
	}
	return 0
}

// classify says what an error tells about its target. A request that was wrong says nothing; a target that works on as
// much as it can wants to be left alone for a moment.
func classify(err error) (breaker.Result, time.Duration) {
	var e *bus.Error
	if !errors.As(err, &e) {
		return breaker.Classify(err)
	}
	switch e.Code {
	case bus.UnknownType, bus.TooLarge, bus.Refused, bus.UnknownOutcome, bus.Busy, bus.NotOwner:
		return breaker.Ignored, 0
	case bus.Deadline:
		return breaker.Timeout, 0
	}
	return breaker.Failure, 0
}

// guard makes one call through the breaker of its route. chunk, when not nil, gets what the callee streams.
func (r *Runner) guard(ctx context.Context, to string, m event.Message, chunk func(string)) (reply event.Message, err error) {
	b := r.routes.group.Get(breaker.Route{Target: to, Message: m.Type})
	err = b.Do(ctx, func(ctx context.Context) error {
		var err error
		piece := pieces(chunk)
		reply, err = r.seat.Call(ctx, to, m, func(m event.Message) {
			breaker.Alive(ctx)
			piece(m)
		})
		return err
	})
	r.called(to, err)
	return reply, err
}

func (r *Runner) breakerChanged(rt breaker.Route, c breaker.Change) {
	if c.To == breaker.Open {
		r.counts.set.BreakerTrips.With(r.spec.Name, rt.Target).Inc()
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
			Failures: s.Failures, Window: append([]bool{}, s.Window...), Since: stamp(s.Since), ReopenAt: stamp(s.ReopenAt),
			Succeeded: s.Counts.Succeeded, Failed: s.Counts.Failed + s.Counts.TimedOut, Rejected: s.Counts.Rejected,
		}
		out = append(out, row)
	})
	return out
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
