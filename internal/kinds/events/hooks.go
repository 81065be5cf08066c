package events

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
)

// waiting is how many events may wait for the hooks of one file.
const waiting = 256

// moment is how long a component waits for its event to be on its way to the hooks. It waits no more until hooks that let it
// pass have caught up: they delay a turn once, not at each of its steps.
const moment = 100 * time.Millisecond

// hookLimit is how long one event is offered to its hook.
const hookLimit = time.Minute

// lane is a file and the component that runs it.
type lane struct{ owner, file string }

// queue hands the events of one component to the hooks of one file, in order. Whoever puts never waits: when the hooks
// are slow the oldest events are dropped, and the next one says how many.
type queue struct {
	env     component.Env
	at      lane
	mu      sync.Mutex
	list    []Delivery
	dropped int
	quiet   chan struct{} // closed when everything that was put has been handed on; nil: it has
	late    bool          // somebody has waited for that in vain
	more    chan struct{} // something was put, or it is closed
	closed  bool
	stop    context.CancelFunc
	done    chan struct{}
}

func startQueue(env component.Env, at lane) *queue {
	ctx, stop := context.WithCancel(context.Background())
	q := &queue{env: env, at: at, more: make(chan struct{}, 1), stop: stop, done: make(chan struct{})}
	go q.run(ctx)
	return q
}

func (q *queue) put(d Delivery) {
	q.mu.Lock()
	if len(q.list) >= waiting {
		q.list = q.list[1:]
		q.dropped++
	}
	q.list = append(q.list, d)
	if q.quiet == nil {
		q.quiet = make(chan struct{})
	}
	q.mu.Unlock()
	q.wake()
}

// settle gives what was put a moment to be handed on, so that hooks hear of things in their order, also from different
// components. It is no more than a moment: hooks cannot delay a turn.
func (q *queue) settle(ctx context.Context) {
	q.mu.Lock()
	quiet, late := q.quiet, q.late
	q.mu.Unlock()
	if quiet == nil || late {
		return
	}
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-quiet:
	case <-timer.C:
		q.mu.Lock()
		q.late = q.quiet == quiet
		q.mu.Unlock()
	case <-ctx.Done():
	}
}

func (q *queue) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// take is the next event.
func (q *queue) take() (d Delivery, ok, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) == 0 {
		if q.quiet != nil {
			close(q.quiet)
			q.quiet, q.late = nil, false
		}
		return d, false, q.closed
	}
	d = q.list[0]
	q.list = q.list[1:]
	d.Dropped, q.dropped = q.dropped, 0
	return d, true, false
}

func (q *queue) run(ctx context.Context) {
	defer close(q.done)
	for {
		d, ok, closed := q.take()
		switch {
		case closed:
			return
		case ok:
			q.send(ctx, d)
			continue
		}
		select {
		case <-q.more:
		case <-ctx.Done():
			return
		}
	}
}

func (q *queue) send(ctx context.Context, d Delivery) {
	if d.Dropped > 0 {
		q.env.Log.Warn("hooks are too slow: events were dropped", "file", d.File, "dropped", d.Dropped)
	}
	body, err := json.Marshal(d)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, hookLimit)
	defer cancel()
	_, err = q.env.Ask(ctx, component.Request{To: q.at.owner, Type: TypeHook, ContentType: "application/json", Body: body})
	if err != nil && ctx.Err() == nil {
		q.env.Log.Warn("a hook did not hear an event", "event", d.Event, "file", d.File, "function", d.Functions[0], "error", err)
	}
}

// close waits for what is in the queue, as long as ctx allows.
func (q *queue) close(ctx context.Context) {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.wake()
	select {
	case <-q.done:
	case <-ctx.Done():
	}
	q.stop()
	<-q.done
}
