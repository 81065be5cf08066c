// Package fanout carries events to hooks, metrics and feeds inside one process.
//
// It is a narrow door to github.com/mustafaturan/bus/v3, whose bare use bites: its matchers are unanchored, an invalid
// one never matches and is never reported, handlers run on the emitter's goroutine where one that is slow or panics
// takes the emitter along, and removing a handler while another goroutine emits is a race that delivers twice. So here
// all subscribers are named before the first event and none is ever removed, patterns are checked and compiled by us,
// and what the bus calls only puts the event into the subscriber's own bounded queue.
package fanout

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mustafaturan/bus/v3"

	"github.com/woodwork-lang/ww/internal/event"
)

// DefaultQueue is how many events wait for a subscriber that does not say otherwise.
const DefaultQueue = 256

// Subscriber is somebody who hears events.
type Subscriber struct {
	Name    string // unique; for Stats and reports
	Pattern string // on the event's type: tokens between dots, `*` is one of them, `>` at the end is the rest
	Queue   int    // events that may wait, DefaultQueue when 0; above it the oldest are dropped
	// Handle gets the events in the order in which they were emitted, one at a time, in a goroutine of its own.
	// Message.Dropped says how many were dropped just before this one. The message's body must not be changed.
	Handle func(event.Message)
}

// Stats is what happened to one subscriber so far.
type Stats struct {
	Name    string
	Topics  int // topics that fit its pattern; with 0 it never hears anything
	Handled uint64
	Dropped uint64
	Panics  uint64
	Waiting int
}

// Fanout is a set of subscribers that never changes.
type Fanout struct {
	bus     *bus.Bus
	options []bus.EventOption
	boxes   sync.Pool // of *event.Message: the way through the bus allocates nothing
	subs    []*subscription
	closed  atomic.Bool
	wg      sync.WaitGroup
}

// New makes a fan-out for events of the given types. report, when not nil, hears of every panic of a subscriber, on
// that subscriber's goroutine.
func New(topics []string, report func(*PanicError), subscribers ...Subscriber) (*Fanout, error) {
	b, err := bus.NewBus(bus.Next(func() string { return inMessage }))
	if err != nil {
		return nil, err
	}
	f := &Fanout{bus: b, options: []bus.EventOption{identified}}
	f.boxes.New = func() any { return new(event.Message) }
	for _, t := range topics {
		if err := checkTopic(t); err != nil {
			return nil, err
		}
	}
	b.RegisterTopics(topics...)
	if report == nil {
		report = func(*PanicError) {}
	}
	for _, s := range subscribers {
		if err := f.add(s, report); err != nil {
			return nil, err
		}
	}
	for _, s := range f.subs {
		f.wg.Go(s.run)
	}
	return f, nil
}

// add registers one permanent handler with the bus. Nothing runs yet, so that an error leaves nothing behind.
func (f *Fanout) add(s Subscriber, report func(*PanicError)) error {
	if s.Handle == nil {
		return &SubscriberError{Name: s.Name, What: "has no function"}
	}
	// The bus replaces a handler of the same key without a word.
	if s.Name == "" || slices.ContainsFunc(f.subs, func(o *subscription) bool { return o.Name == s.Name }) {
		return &SubscriberError{Name: s.Name, What: "needs a name that no other subscriber has"}
	}
	matcher, err := compile(s.Pattern)
	if err != nil {
		return &SubscriberError{Name: s.Name, What: "asks for events by " + strconv.Quote(s.Pattern), Err: err}
	}
	sub := newSubscription(s, report)
	f.bus.RegisterHandler(s.Name, bus.Handler{Matcher: matcher, Handle: sub.take})
	sub.topics = len(f.bus.HandlerTopicSubscriptions(s.Name))
	f.subs = append(f.subs, sub)
	return nil
}

// Emit hands an event to every subscriber whose pattern fits its type. It never waits for one of them. It fails when
// the type is not among the topics, or after Close.
func (f *Fanout) Emit(m event.Message) error {
	if f.closed.Load() {
		return ErrClosed
	}
	box := f.boxes.Get().(*event.Message)
	*box = m
	err := f.bus.EmitWithOpts(context.Background(), m.Type, box, f.options...)
	*box = event.Message{}
	f.boxes.Put(box)
	if err != nil {
		return fmt.Errorf("%w: %q", ErrUnknownTopic, m.Type) // the only error that the bus has
	}
	return nil
}

// Stats says how each subscriber fares, in the order of New.
func (f *Fanout) Stats() []Stats {
	out := make([]Stats, len(f.subs))
	for i, s := range f.subs {
		out[i] = s.stats()
	}
	return out
}

// Close takes no more events, lets subscribers handle what waits for them, and waits for their goroutines. When ctx
// ends first, what still waits is dropped, and the error names who is still busy; their goroutines end when their
// functions return. It must not be called by a subscriber.
func (f *Fanout) Close(ctx context.Context) error {
	f.closed.Store(true)
	for _, s := range f.subs {
		s.close()
	}
	var busy []string
	for _, s := range f.subs {
		if !s.awaitEnd(ctx) {
			s.clear()
			busy = append(busy, s.Name)
		}
	}
	if len(busy) > 0 {
		return fmt.Errorf("event subscribers still busy: %s: %w", strings.Join(busy, ", "), ctx.Err())
	}
	f.wg.Wait()
	return nil
}

// inMessage stands where the bus wants an id and a time of its own: ours are in the message.
const inMessage = "in the message"

func identified(e bus.Event) bus.Event {
	e.ID, e.TxID, e.OccurredAt = inMessage, inMessage, time.Unix(0, 0)
	return e
}
