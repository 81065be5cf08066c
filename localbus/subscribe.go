package localbus

import (
	"context"
	"slices"
	"sync"

	"github.com/woodwork-lang/ww/internal/event"
)

// typeSubscribe is the call that a subscription is: it is answered by pushes and never ends by itself.
const typeSubscribe = "bus.subscribe"

// subscribers are the subscriptions of others to what this peer publishes.
type subscribers struct {
	mu   sync.Mutex
	list []*request
}

func (s *subscribers) add(r *request) {
	r.mu.Lock()
	r.hook = func() { s.remove(r) }
	r.mu.Unlock()
	s.mu.Lock()
	s.list = append(s.list, r)
	s.mu.Unlock()
	if r.over.Load() {
		s.remove(r)
	}
}

func (s *subscribers) remove(r *request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = slices.DeleteFunc(slices.Clone(s.list), func(o *request) bool { return o == r })
}

// Publish sends an event to whoever has subscribed to its type. It never waits: a slow subscriber loses the oldest
// events, and the next one that it gets says how many.
func (p *Peer) Publish(m event.Message) {
	p.subs.mu.Lock()
	list := p.subs.list
	p.subs.mu.Unlock()
	if len(list) == 0 {
		return
	}
	p.complete(&m, "")
	for _, r := range list {
		if Match(r.msg.Subject, m.Type) {
			r.Push(m)
		}
	}
}

// Subscribe hands the events that a component publishes to fn, in order, in the caller's goroutine, until ctx ends or
// the publisher goes away. Which ones is said by a pattern on their type, see Match.
func (p *Peer) Subscribe(ctx context.Context, to, pattern string, fn func(event.Message)) error {
	_, err := p.Call(ctx, to, event.Message{Header: event.Header{Type: typeSubscribe, Subject: pattern}}, fn)
	return err
}

// SubscribeInstance is Subscribe to one instance.
func (p *Peer) SubscribeInstance(ctx context.Context, instance, pattern string, fn func(event.Message)) error {
	_, err := p.CallInstance(ctx, instance, event.Message{Header: event.Header{Type: typeSubscribe, Subject: pattern}}, fn)
	return err
}
