package component

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/breaker"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// send asks under the policy of the way to the callee: fallback( retry( breaker( bulkhead( deadline( call ))))). What a
// fallback answers is marked.
func (r *Runner) send(ctx context.Context, m event.Message, q Request) (event.Message, error) {
	l := r.routes.lane(q.To)
	ask := attempts{r: r, lane: l, to: q.To, m: m, chunk: q.Chunk, onUnknown: l.onUnknown(q.OnUnknown)}
	got, err := breaker.Call(ctx, breaker.Policy{Retry: l.retry(ask.onUnknown)}, r.fallback(l, &m, q.To), ask.once)
	if err != nil {
		return event.Message{}, told(q.To, err)
	}
	if got.Fallback != "" {
		r.fellBack(q.To, got.Fallback, &m, got.Cause)
		got.Value.Fallback = got.Fallback
	} else if l.cache != nil {
		l.cache.keep(&m, got.Value)
	}
	return got.Value, nil
}

// attempts are the tries of one request.
type attempts struct {
	r         *Runner
	lane      *lane
	to        string
	m         event.Message
	chunk     func(string)
	onUnknown OnUnknown
}

// once tries once. A callee that died is asked again under the same id: it keeps a receipt, or it did nothing that
// matters. Only a request that may be made twice gets a new id, by which its callee knows it is to be worked on again.
func (t *attempts) once(ctx context.Context) (event.Message, error) {
	reply, err := t.r.guard(ctx, t.to, t.m, t.chunk)
	var refused *bus.Error
	if err == nil || !errors.As(err, &refused) {
		t.m.Attempt++
		return reply, err
	}
	t.m.Attempt++
	switch refused.Code {
	case bus.Overloaded: // it did nothing, and its receipt says so
		t.m.ID += "r"
	case bus.Failed:
		if t.lane.policy.Idempotent {
			t.m.ID += "r"
		}
	case bus.UnknownOutcome:
		if t.onUnknown == RetryUnknown {
			t.m.ID += "r"
		}
	}
	return reply, err
}

// onUnknown is what holds for a request of which nobody knows whether it took effect.
func (l *lane) onUnknown(asked OnUnknown) OnUnknown {
	if how := cmp.Or(asked, l.policy.OnUnknown); how != "" || !l.policy.Idempotent {
		return how
	}
	return RetryUnknown
}

// told is an error as a handler sees it.
func told(to string, err error) error {
	var e *bus.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case bus.Failed:
		return fmt.Errorf("%s: %s", to, e.Reason)
	case bus.TooLarge:
		return fmt.Errorf("%s: %s: a message holds 1 MB; hand over less, or write it to a file and hand over its name", to, e.Reason)
	case bus.UnknownOutcome:
		return fmt.Errorf("%s died while it worked on this request; whether it took effect is unknown, so it is not repeated", to)
	}
	return err
}

// guard makes one call through the breaker and the bulkhead of its way. A call that hangs on another one is not held
// back by the bulkhead: it would wait for itself (R10). chunk, when not nil, gets what the callee streams.
func (r *Runner) guard(ctx context.Context, to string, m event.Message, chunk func(string)) (reply event.Message, err error) {
	piece := pieces(chunk)
	call := func(ctx context.Context) error {
		var err error
		reply, err = r.callVia(ctx, to, m, func(m event.Message) {
			breaker.Alive(ctx)
			piece(m)
		})
		return err
	}
	if strings.Count(m.Stack, ",") <= 1 {
		free, l := call, r.routes.lane(to)
		call = func(ctx context.Context) error { return l.bulkhead.Do(ctx, free) }
	}
	err = r.routes.group.Get(breaker.Route{Target: to, Message: m.Type}).Do(ctx, call)
	r.called(to, err)
	return reply, err
}

// fallback is what stands in for an answer of a component; nil: nothing does.
func (r *Runner) fallback(l *lane, m *event.Message, to string) *breaker.Fallback[event.Message] {
	switch p := l.policy.Fallback; p.Kind {
	case FallbackStatic:
		return breaker.Static(event.Message{Header: event.Header{Type: event.TypeResult, DataContentType: "text/plain"}, Body: []byte(p.Text)})
	case FallbackCached:
		return &breaker.Fallback[event.Message]{Kind: FallbackCached, Make: func(_ context.Context, cause error) (event.Message, error) {
			if reply, ok := l.cache.get(m); ok {
				return reply, nil
			}
			return event.Message{}, cause
		}}
	case FallbackComponent:
		if p.Component == to {
			return nil
		}
		fb := breaker.Component(func(ctx context.Context) (event.Message, error) { return r.standIn(ctx, p.Component, *m) })
		fb.Timeout = cmp.Or(r.routes.lane(p.Component).policy.Silence, defaultSilence)
		return fb
	}
	return nil
}

// defaultSilence is what a component that stands in may take when it does not say.
const defaultSilence = 30 * time.Second

// standIn asks another component the same. It has no fallback itself. The request has an id of its own that is the same
// on every run.
func (r *Runner) standIn(ctx context.Context, to string, m event.Message) (event.Message, error) {
	l := r.routes.lane(to)
	m.ID, m.Subject = m.ID+"/"+to, to
	m.CorrelationID = m.ID
	ask := attempts{r: r, lane: l, to: to, m: m, onUnknown: l.onUnknown("")}
	got, err := breaker.Call(ctx, breaker.Policy{Retry: l.retry(ask.onUnknown)}, nil, ask.once)
	if err != nil {
		return event.Message{}, told(to, err)
	}
	return got.Value, nil
}

// fellBack counts and logs an answer that did not come from whom it was asked of.
func (r *Runner) fellBack(to, kind string, m *event.Message, cause error) {
	r.counts.set.Fallbacks.With(r.spec.Name, to, kind).Inc()
	r.log.Warn("fallback", "to", to, "kind", kind, "turn", m.Turn, "cause", cause)
}
