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
	mu    sync.Mutex
	list  []*request
	first *event.Message // what a new one hears first
}

func (s *subscribers) add(r *request) {
	r.mu.Lock()
	r.hook = func() { s.remove(r) }
	r.mu.Unlock()
	told := s.greet(r, nil)
	s.mu.Lock()
	s.list = append(s.list, r)
	s.mu.Unlock()
	s.greet(r, told)
	if r.over.Load() {
		s.remove(r)
	}
}

// greet tells a new subscriber what is retained, unless that was told. It comes before everything that is published later.
func (s *subscribers) greet(r *request, told *event.Message) *event.Message {
	s.mu.Lock()
	first := s.first
	s.mu.Unlock()
	if first != nil && first != told && Match(r.msg.Subject, first.Type) {
		r.Push(*first)
	}
	return first
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

// Heard says whether anybody subscribes to events of a type: what nobody hears need not be made.
func (p *Peer) Heard(typ string) bool {
	p.subs.mu.Lock()
	list := p.subs.list
	p.subs.mu.Unlock()
	for _, r := range list {
		if Match(r.msg.Subject, typ) {
			return true
		}
	}
	return false
}

// Retain publishes an event that whoever subscribes to its type later hears first, until another one is retained. Nobody
// could hear otherwise that an instance is there that was faster than its subscribers.
func (p *Peer) Retain(m event.Message) {
	p.complete(&m, "")
	p.subs.mu.Lock()
	p.subs.first = &m
	list := p.subs.list
	p.subs.mu.Unlock()
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
