package component

import (
	"context"
	"errors"
	"slices"

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
	return r.seat.Call(ctx, r.spec.Master, m, onPush)
}

// proxy hands a request on to the component that its chain names, and the answer back.
func (r *Runner) proxy(req bus.Request, m event.Message) {
	to, _, _ := event.NextInChain(m.Chain)
	m.Chain, m.Subject = "", to
	r.jobs.Add(1)
	go func() {
		defer r.jobs.Done()
		reply, err := r.seat.Call(req.Context(), to, m, req.Push)
		var refused *bus.Error
		switch {
		case err == nil:
			req.Reply(reply)
		case errors.As(err, &refused):
			req.Fail(refused.Code, refused.Reason)
		default:
			req.Fail(bus.PeerDied, err.Error())
		}
	}()
}
