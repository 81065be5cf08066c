package component

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/breaker"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// In an app, or for a component, that is centralized, a hop goes by way of the task master: one more component, with a
// journal like every other. Who sends names the real destination in wwchain; the master takes it off and hands the
// message on. Requests are handed on likewise, under their own ids, so that receipts hold whatever way a request took.

// everyone stands for all components in Spec.Central.
const everyone = "*"

// central says whether a component is reached by way of the master.
func (r *Runner) central(dest string) bool {
	return slices.Contains(r.spec.Central, dest) || slices.Contains(r.spec.Central, everyone)
}

// callVia makes a call, straight or by way of the master.
func (r *Runner) callVia(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error) {
	if r.spec.Master == "" || to == r.spec.Master || !r.central(to) {
		return r.seat.Call(ctx, to, m, onPush)
	}
	m.Chain = event.Detour(to, "")
	m.Subject = r.spec.Master
	reply, err := r.seat.Call(ctx, r.spec.Master, m, onPush)
	return reply, r.beyond(ctx, to, err)
}

// beyond is an error of a call by way of the master as it would be of one that went straight: what the callee said, or that
// it died. That the master did not hand the request on is another matter: no breaker counts it against the callee, and
// the call is made again, under its id, as long as its turn has time.
func (r *Runner) beyond(ctx context.Context, to string, err error) error {
	var e *bus.Error
	switch {
	case errors.Is(context.Cause(ctx), breaker.ErrSilent) && r.masterAway():
		return &detourError{to: to, by: r.spec.Master, err: err}
	case !errors.As(err, &e):
		return err
	}
	far := *e
	far.To = to
	switch e.Code {
	case bus.PeerDied, bus.NoTarget:
		return &detourError{to: to, by: r.spec.Master, err: err}
	case bus.CalleeDied:
		far.Code, far.Echo = bus.PeerDied, r.routes.heardOf(to, e.Instance)
	case bus.CalleeGone:
		far.Code = bus.NoTarget
	}
	return &far
}

// masterAnswers is how long the master may take to say that it is there.
const masterAnswers = time.Second

// masterAway says whether the master, asked now, does not answer.
func (r *Runner) masterAway() bool {
	ctx, cancel := context.WithTimeout(r.ctx, masterAnswers)
	defer cancel()
	_, err := r.seat.Call(ctx, r.spec.Master, event.Message{Header: event.Header{Type: event.TypeHealth}}, nil)
	return err != nil
}

// proxy hands a request on to the component that its chain names, and the answer back.
func (r *Runner) proxy(req bus.Request, m event.Message) {
	to, _, _ := event.NextInChain(m.Chain)
	m.Chain, m.Subject = "", to
	r.jobs.Go(func() {
		reply, err := r.seat.Call(req.Context(), to, m, req.Push)
		if err != nil {
			req.Refuse(handedBack(err))
			return
		}
		req.Reply(reply)
	})
}

// handedBack is an error of a request that was handed on, for who made it. What no peer said has a code of its own there: with
// the usual one it would be taken for a failure of the master.
func handedBack(err error) bus.Verdict {
	var e *bus.Error
	if !errors.As(err, &e) {
		return bus.Verdict{Code: bus.CalleeDied, Reason: err.Error()}
	}
	v := bus.Verdict{Code: e.Code, Reason: e.Reason, RetryAfterMS: e.RetryAfterMS, Instance: e.Instance}
	switch e.Code {
	case bus.PeerDied:
		v.Code = bus.CalleeDied
	case bus.NoTarget:
		v.Code = bus.CalleeGone
	}
	return v
}

// deaths are the last instances of each component that the master told died. Every call that a death ends is told of it.
type deaths map[string][]string

// maxDeaths is how many of a component are remembered.
const maxDeaths = 8

// heardOf says whether the death of an instance was told of before.
func (rt *routes) heardOf(component, instance string) bool {
	if instance == "" {
		return false
	}
	rt.mu.Lock()
	defer rt.mu.Unlock()
	known := rt.deaths[component]
	if slices.Contains(known, instance) {
		return true
	}
	if rt.deaths == nil {
		rt.deaths = deaths{}
	}
	rt.deaths[component] = append(known[max(0, len(known)-maxDeaths+1):], instance)
	return false
}
