package bustest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// wrong is a bus that breaks a promise: the bus in memory, with something between it and those who use it.
type wrong struct {
	name     string
	fails    []string // the promises that must fail
	receiver func(n *wrongNet, r bus.Receiver) bus.Receiver
	bus      func(n *wrongNet, b bus.Bus) bus.Bus
}

type wrongNet struct {
	*memory
	how     wrong
	closing chan struct{} // closed at the end of the test: whoever hangs must end then

	mu    sync.Mutex
	count int // for mistakes that are made now and then
	there map[string]bool
}

// Join implements Net.
func (n *wrongNet) Join(component string, r bus.Receiver) bus.Bus {
	n.mu.Lock()
	n.there[component] = true
	n.mu.Unlock()
	if r != nil && n.how.receiver != nil {
		r = n.how.receiver(n, r)
	}
	b := n.memory.Join(component, r)
	if n.how.bus != nil {
		b = n.how.bus(n, b)
	}
	return b
}

// every says yes each nth time.
func (n *wrongNet) every(nth int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.count++
	return n.count%nth == 0
}

// hang waits for ever.
func (n *wrongNet) hang() { <-n.closing }

func (w wrong) backend() Backend {
	b := Memory()
	b.Open = func(t T) Net {
		n := &wrongNet{memory: openMemory(t), how: w, closing: make(chan struct{}), there: map[string]bool{}}
		t.Cleanup(func() { close(n.closing) })
		return n
	}
	return b
}

// recorder is a T that remembers whether a promise failed.
type recorder struct {
	ctx context.Context

	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func (r *recorder) Helper()                  {}
func (r *recorder) Logf(string, ...any)      {}
func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

// record runs a promise and returns what it complained about. It runs in a bubble: to be patient takes no time.
// The backend is made in there, too, because channels belong to their bubble.
func record(t *testing.T, c Check, backend func() Backend) (failures []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{ctx: t.Context()}
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.Run(r, backend())
		}()
		<-done
		for _, f := range slices.Backward(r.cleanups) {
			f()
		}
		synctest.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		failures = r.failures
	})
	return failures
}

// allWrong makes every wrong bus anew: some of them remember things.
func allWrong() []wrong {
	return slices.Concat(wrongChains(), wrongVerdicts(), wrongCalls(), wrongEnds(), wrongPushes(), wrongCasts())
}

func TestEveryWrongBusFails(t *testing.T) {
	for i, w := range allWrong() {
		t.Run(w.name, func(t *testing.T) {
			for _, c := range Checks() {
				if !slices.Contains(w.fails, c.Name) {
					continue
				}
				failures := record(t, c, func() Backend { return allWrong()[i].backend() })
				if len(failures) == 0 {
					t.Errorf("%s does not notice that this bus %s", c.Name, w.name)
				} else {
					t.Logf("%s: %s", c.Name, failures[0])
				}
			}
		})
	}
}

func TestTheWrapperAloneBreaksNothing(t *testing.T) {
	plain := wrong{
		receiver: func(_ *wrongNet, r bus.Receiver) bus.Receiver {
			return part{accept: r.Accept, call: func(q bus.Request) { r.Call(&request{Request: q}) }, event: r.Event}
		},
		bus: func(_ *wrongNet, b bus.Bus) bus.Bus { return &seatWith{Bus: b} },
	}
	for _, c := range Checks() {
		if failures := record(t, c, plain.backend); len(failures) > 0 {
			t.Errorf("%s: %q", c.Name, failures)
		}
	}
}

func TestEveryPromiseHasAWrongBus(t *testing.T) {
	names := map[string]bool{}
	for _, c := range Checks() {
		if names[c.Name] {
			t.Errorf("two promises are called %s", c.Name)
		}
		names[c.Name] = false
	}
	for _, w := range allWrong() {
		if len(w.fails) == 0 {
			t.Errorf("the bus that %s fails nothing", w.name)
		}
		for _, name := range w.fails {
			if _, ok := names[name]; !ok {
				t.Errorf("the bus that %s is to fail %q, which is no promise", w.name, name)
			}
			names[name] = true
		}
	}
	for name, has := range names {
		if !has {
			t.Errorf("no wrong bus shows that %s can fail", name)
		}
	}
}

// seatWith is a seat with parts replaced.
type seatWith struct {
	bus.Bus
	call func(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error)
	send func(l bus.Link, m event.Message, done func(bus.Verdict))
	cast func(to string, m event.Message)

	mu    sync.Mutex
	links map[string]bus.Link
}

// Call implements bus.Bus.
func (s *seatWith) Call(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error) {
	if s.call != nil {
		return s.call(ctx, to, m, onPush)
	}
	return s.Bus.Call(ctx, to, m, onPush)
}

// Cast implements bus.Bus.
func (s *seatWith) Cast(to string, m event.Message) {
	if s.cast != nil {
		s.cast(to, m)
		return
	}
	s.Bus.Cast(to, m)
}

// Link implements bus.Bus.
func (s *seatWith) Link(to string) bus.Link {
	if s.send == nil {
		return s.Bus.Link(to)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.links == nil {
		s.links = map[string]bus.Link{}
	}
	if s.links[to] == nil {
		s.links[to] = &linkWith{s.Bus.Link(to), s.send}
	}
	return s.links[to]
}

type linkWith struct {
	bus.Link
	send func(l bus.Link, m event.Message, done func(bus.Verdict))
}

// Send implements bus.Link.
func (l *linkWith) Send(m event.Message, done func(bus.Verdict)) { l.send(l.Link, m, done) }

// request is a request with parts replaced.
type request struct {
	bus.Request
	ctx   context.Context
	from  *string
	msg   *event.Message
	push  func(event.Message)
	reply func(event.Message)
	fail  func(bus.Code, string)
}

// Context implements bus.Request.
func (r *request) Context() context.Context {
	if r.ctx != nil {
		return r.ctx
	}
	return r.Request.Context()
}

// From implements bus.Request.
func (r *request) From() string {
	if r.from != nil {
		return *r.from
	}
	return r.Request.From()
}

// Message implements bus.Request.
func (r *request) Message() event.Message {
	if r.msg != nil {
		return *r.msg
	}
	return r.Request.Message()
}

// Push implements bus.Request.
func (r *request) Push(m event.Message) {
	if r.push != nil {
		r.push(m)
		return
	}
	r.Request.Push(m)
}

// Reply implements bus.Request.
func (r *request) Reply(m event.Message) {
	if r.reply != nil {
		r.reply(m)
		return
	}
	r.Request.Reply(m)
}

// Fail implements bus.Request.
func (r *request) Fail(code bus.Code, reason string) {
	if r.fail != nil {
		r.fail(code, reason)
		return
	}
	r.Request.Fail(code, reason)
}

// The ways to say what goes wrong, so that a wrong bus is one function.

func whenTaking(f func(n *wrongNet, take func([]event.Message) []bus.Verdict, batch []event.Message) []bus.Verdict) func(*wrongNet, bus.Receiver) bus.Receiver {
	return func(n *wrongNet, r bus.Receiver) bus.Receiver {
		return part{accept: func(batch []event.Message) []bus.Verdict { return f(n, r.Accept, batch) }, call: r.Call, event: r.Event}
	}
}

func whenHearing(f func(n *wrongNet, hear func(event.Message), m event.Message)) func(*wrongNet, bus.Receiver) bus.Receiver {
	return func(n *wrongNet, r bus.Receiver) bus.Receiver {
		return part{accept: r.Accept, call: r.Call, event: func(m event.Message) { f(n, r.Event, m) }}
	}
}

func whenAsked(f func(n *wrongNet, q bus.Request, r *request)) func(*wrongNet, bus.Receiver) bus.Receiver {
	return func(n *wrongNet, r bus.Receiver) bus.Receiver {
		return part{accept: r.Accept, event: r.Event, call: func(q bus.Request) {
			with := &request{Request: q}
			f(n, q, with)
			r.Call(with)
		}}
	}
}

func whenSending(f func(n *wrongNet, l bus.Link, m event.Message, done func(bus.Verdict))) func(*wrongNet, bus.Bus) bus.Bus {
	return func(n *wrongNet, b bus.Bus) bus.Bus {
		return &seatWith{Bus: b, send: func(l bus.Link, m event.Message, done func(bus.Verdict)) { f(n, l, m, done) }}
	}
}

// asking is a call that somebody makes.
type asking struct {
	ctx    context.Context
	to     string
	m      event.Message
	onPush func(event.Message)
}

func whenCalling(f func(n *wrongNet, b bus.Bus, a asking) (event.Message, error)) func(*wrongNet, bus.Bus) bus.Bus {
	return func(n *wrongNet, b bus.Bus) bus.Bus {
		return &seatWith{Bus: b, call: func(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error) {
			return f(n, b, asking{ctx, to, m, onPush})
		}}
	}
}

func (a asking) of(b bus.Bus) (event.Message, error) { return b.Call(a.ctx, a.to, a.m, a.onPush) }

func whenCasting(f func(n *wrongNet, b bus.Bus, to string, m event.Message)) func(*wrongNet, bus.Bus) bus.Bus {
	return func(n *wrongNet, b bus.Bus) bus.Bus {
		return &seatWith{Bus: b, cast: func(to string, m event.Message) { f(n, b, to, m) }}
	}
}
