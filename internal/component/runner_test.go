package component_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// net is a bus in memory: every seat reaches every other one by name, one message after another.
type net struct {
	mu    sync.Mutex
	seats map[string]bus.Receiver
	ready map[string]chan struct{}
	left  map[string]chan struct{} // closed when the component leaves
	ears  *listener
	hung  *hung
}

// listener hears events of some types, of all seats.
type listener struct {
	types map[string]bool
	heard chan event.Message
}

func (n *net) listener() *listener {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.ears
}

// listen begins to hear events of these types, and of no others.
func (n *net) listen(types ...string) *listener {
	l := &listener{types: map[string]bool{}, heard: make(chan event.Message, 1000)}
	for _, t := range types {
		l.types[t] = true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ears = l
	return l
}

// there is a component and a channel that is closed when it leaves.
func (n *net) there(name string) (bus.Receiver, chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.left[name] == nil {
		n.left[name] = make(chan struct{})
	}
	return n.seats[name], n.left[name]
}

func newNet() *net {
	return &net{seats: map[string]bus.Receiver{}, ready: map[string]chan struct{}{}, left: map[string]chan struct{}{}}
}

// hung is a component that answers nothing until it is let go.
type hung struct {
	name  string
	calls chan struct{} // one for every call to it
	over  chan struct{}
}

func (n *net) hang(name string) *hung {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hung = &hung{name: name, calls: make(chan struct{}, 1000), over: make(chan struct{})}
	return n.hung
}

func (h *hung) letGo() { close(h.over) }

// wait is what becomes of a call to a component that hangs.
func (n *net) wait(ctx context.Context, name string) error {
	n.mu.Lock()
	h := n.hung
	n.mu.Unlock()
	if h == nil || h.name != name {
		return nil
	}
	h.calls <- struct{}{}
	select {
	case <-h.over:
		return nil
	case <-ctx.Done():
		return &bus.Error{Code: bus.Deadline, To: name}
	}
}

func (n *net) find(name string) bus.Receiver {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.seats[name]
}

// announced is closed when the component said that it is ready.
func (n *net) announced(name string) chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ready[name] == nil {
		n.ready[name] = make(chan struct{})
	}
	return n.ready[name]
}

type seat struct {
	net  *net
	name string
	recv bus.Receiver
	mu   sync.Mutex
	link map[string]*link
	wg   sync.WaitGroup
}

func (n *net) join(name string) func(bus.Receiver, func() event.Health) (component.Seat, error) {
	return func(r bus.Receiver, _ func() event.Health) (component.Seat, error) {
		return &seat{net: n, name: name, recv: r, link: map[string]*link{}}, nil
	}
}

func (s *seat) Announce(a component.Announcement) error {
	s.net.mu.Lock()
	defer s.net.mu.Unlock()
	if a.State == component.StateReady && s.net.seats[s.name] == nil {
		s.net.seats[s.name] = s.recv
		if s.net.ready[s.name] == nil {
			s.net.ready[s.name] = make(chan struct{})
		}
		close(s.net.ready[s.name])
	}
	return nil
}

func (s *seat) Close() error {
	s.net.mu.Lock()
	delete(s.net.seats, s.name)
	delete(s.net.ready, s.name)
	if c := s.net.left[s.name]; c != nil {
		close(c)
		delete(s.net.left, s.name)
	}
	s.net.mu.Unlock()
	s.mu.Lock()
	for _, l := range s.link {
		close(l.gone)
	}
	s.link = nil
	s.mu.Unlock()
	s.wg.Wait()
	return nil
}

func (s *seat) Link(to string) bus.Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.link[to]
	if l == nil {
		l = &link{queue: make(chan func(), 1000), gone: make(chan struct{})}
		if s.link == nil {
			return l // closing: nothing is delivered any more
		}
		s.link[to] = l
		l.send = func(m event.Message, done func(bus.Verdict)) {
			r := s.net.find(to)
			if r == nil {
				done(bus.Verdict{Code: bus.Busy, Reason: "nobody there"})
				return
			}
			if late, ok := r.(bus.LateReceiver); ok && late.AcceptLater([]event.Message{m}, func(_ []int, v []bus.Verdict) { done(v[0]) }) {
				return
			}
			done(r.Accept([]event.Message{m})[0])
		}
		s.wg.Go(func() {
			for {
				select {
				case f := <-l.queue:
					f()
				case <-l.gone:
					return
				}
			}
		})
	}
	return l
}

func (s *seat) Call(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error) {
	r, left := s.net.there(to)
	if r == nil {
		return event.Message{}, &bus.Error{Code: bus.PeerDied, To: to}
	}
	if err := s.net.wait(ctx, to); err != nil {
		return event.Message{}, err
	}
	req := call(ctx, r, m)
	pushed := func() {
		for len(req.pushes) > 0 {
			onPush(<-req.pushes)
		}
	}
	select {
	case reply := <-req.reply:
		pushed()
		return reply, nil
	case err := <-req.fail:
		return event.Message{}, err
	case <-left:
		return event.Message{}, &bus.Error{Code: bus.PeerDied, To: to, Instance: to + "-test"}
	case <-ctx.Done():
		return event.Message{}, &bus.Error{Code: bus.Deadline, To: to}
	}
}

// Publish implements component.Seat.
func (s *seat) Publish(m event.Message) {
	if l := s.net.listener(); l != nil && l.types[m.Type] {
		l.heard <- m
	}
}

// Siblings implements component.Seat.
func (s *seat) Siblings() []component.Sibling { return nil }

// Arrivals implements component.Seat.
func (s *seat) Arrivals(ctx context.Context, to string, f func()) {
	r, left := s.net.there(to)
	go func() {
		for {
			if r == nil {
				select {
				case <-s.net.announced(to):
					f()
				case <-ctx.Done():
					return
				}
				_, left = s.net.there(to)
			}
			select {
			case <-left:
				r = nil
			case <-ctx.Done():
				return
			}
		}
	}()
}

// Heard implements component.Seat.
func (s *seat) Heard(typ string) bool {
	l := s.net.listener()
	return l != nil && l.types[typ]
}

func (s *seat) Cast(to string, m event.Message) {
	if r := s.net.find(to); r != nil {
		r.Event(m)
	}
}

type link struct {
	queue chan func()
	gone  chan struct{} // the seat was closed
	send  func(event.Message, func(bus.Verdict))
}

func (l *link) Send(m event.Message, done func(bus.Verdict)) {
	if l.send == nil {
		return
	}
	select {
	case l.queue <- func() { l.send(m, done) }:
	case <-l.gone: // the message is in the journal
	}
}

// request is a call that the test makes.
type request struct {
	ctx    context.Context
	m      event.Message
	pushes chan event.Message
	reply  chan event.Message
	fail   chan error
}

func call(ctx context.Context, r bus.Receiver, m event.Message) *request {
	req := &request{ctx: ctx, m: m, pushes: make(chan event.Message, 100), reply: make(chan event.Message, 1), fail: make(chan error, 1)}
	r.Call(req)
	return req
}

func (r *request) Context() context.Context       { return r.ctx }
func (r *request) Message() event.Message         { return r.m }
func (r *request) From() string                   { return "test" }
func (r *request) Push(m event.Message)           { r.pushes <- m }
func (r *request) Reply(m event.Message)          { r.reply <- m }
func (r *request) Fail(c bus.Code, reason string) { r.Refuse(bus.Verdict{Code: c, Reason: reason}) }
func (r *request) Refuse(v bus.Verdict) {
	r.fail <- &bus.Error{Code: v.Code, To: "test", Reason: v.Reason, RetryAfterMS: v.RetryAfterMS, Instance: v.Instance}
}

// handler is a kind that is one function.
type handler struct {
	traits component.Traits
	handle func(context.Context, component.Task) (component.Result, error)
	start  func(component.Env)
}

func (h handler) Start(_ context.Context, env component.Env) (component.Traits, error) {
	if h.start != nil {
		h.start(env)
	}
	return h.traits, nil
}

func (h handler) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return h.handle(ctx, t)
}
func (h handler) Close(context.Context) error { return nil }

func pass(suffix string) func(context.Context, component.Task) (component.Result, error) {
	return func(_ context.Context, t component.Task) (component.Result, error) {
		return component.Result{Body: append(append([]byte{}, t.Body...), suffix...)}, nil
	}
}

// app runs components in this process.
type app struct {
	t        testing.TB
	net      *net
	state    string
	recorder component.Recorder
	calls    map[string]component.CallPolicy

	configs    map[string]map[string]any
	durability string
	disk       journal.Fault
	clock      *component.Clock
	timing     component.Timing
	secrets    []string
	takes, own []string
	central    []string // the components that are reached by way of "master"
}

type running struct {
	stop chan struct{}
	done chan int
}

func (a *app) start(name string, h component.Kind, to ...string) running {
	spec := component.Spec{
		V: component.SpecVersion, Name: name, Kind: "test", Instance: name + "-test", Acceptor: name == "in",
		App: component.App{ID: "app", StateDir: a.state}, Calls: a.calls, Durability: a.durability, Config: a.configs[name],
		Kinds: map[string]string{"in": "input"}, Timing: a.timing, Secrets: a.secrets,
	}
	for _, n := range to {
		spec.To = append(spec.To, component.Target{Name: n})
	}
	if len(a.central) > 0 && name != "master" {
		spec.Master, spec.Central = "master", a.central
	}
	r := running{stop: make(chan struct{}), done: make(chan int, 1)}
	ready := a.net.announced(name)
	go func() {
		r.done <- component.Run(context.Background(), component.Deps{
			Spec: spec, Kind: h, Join: a.net.join(name), Log: slog.New(slog.DiscardHandler),
			Stdout: io.Discard, Stderr: io.Discard, Stop: r.stop, Recorder: a.recorder, Disk: a.disk, Clock: a.clock,
			Takes: a.takes, Own: a.own,
		})
	}()
	select {
	case <-ready:
	case status := <-r.done:
		a.t.Fatalf("%s ended with status %d before it was ready", name, status)
	}
	return r
}

func (r running) end(t *testing.T) {
	t.Helper()
	close(r.stop)
	if status := <-r.done; status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// ask submits a turn and returns its END.
func (a *app) ask(turn, session, text string) event.End {
	a.t.Helper()
	in := a.net.find("in")
	head := event.Header{Type: event.TypeSubmit, Turn: turn, Session: session}
	sub := call(a.t.Context(), in, event.Message{Header: head, Body: []byte(text)})
	select {
	case <-sub.reply:
	case err := <-sub.fail:
		a.t.Fatalf("submit: %v", err)
	}
	return a.await(turn, session)
}

func (a *app) await(turn, session string) event.End {
	a.t.Helper()
	req := call(a.t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeAwait, Turn: turn, Session: session}})
	var end event.End
	select {
	case m := <-req.reply:
		end = parsed(a.t, m)
	case err := <-req.fail:
		a.t.Fatalf("await: %v", err)
	case <-a.t.Context().Done():
		a.t.Fatal("no END")
	}
	return end
}

func parsed(t testing.TB, m event.Message) event.End {
	t.Helper()
	end, err := event.ParseEnd(&m)
	if err != nil {
		t.Fatal(err)
	}
	return end
}

func newApp(t *testing.T) *app { return &app{t: t, net: newNet(), state: t.TempDir()} }

func TestATurnPassesEveryHopAndEndsOnce(t *testing.T) {
	a := newApp(t)
	out := a.start("out", handler{traits: component.Traits{Inline: true}, handle: pass("!")})
	mid := a.start("mid", handler{handle: pass(" world")}, "out")
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "mid")
	end := a.ask("t1", "s1", "hello")
	if end.Answer != "hello world!" || end.Status != event.StatusOK {
		t.Errorf("got %+v", end)
	}
	var hops []string
	for _, h := range end.Hops {
		hops = append(hops, fmt.Sprintf("%s<%s", h.Component, h.Parent))
	}
	if got := fmt.Sprint(hops); got != "[in< mid<in out<mid]" {
		t.Errorf("hops %s", got)
	}
	if again := a.ask("t1", "s1", "hello"); again.Answer != end.Answer {
		t.Errorf("the same turn id was answered %q", again.Answer)
	}
	in.end(t)
	mid.end(t)
	out.end(t)
}

func TestAFailedHopIsNamedInTheEnd(t *testing.T) {
	a := newApp(t)
	mid := a.start("mid", handler{handle: func(context.Context, component.Task) (component.Result, error) {
		return component.Result{}, errors.New("no such city")
	}})
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "mid")
	end := a.ask("t1", "s1", "hello")
	if end.Status != event.StatusFailed || end.Error != "mid: no such city" {
		t.Errorf("got %+v", end)
	}
	in.end(t)
	mid.end(t)
}

func TestAPanicFailsItsTurnOnly(t *testing.T) {
	a := newApp(t)
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: func(_ context.Context, task component.Task) (component.Result, error) {
		if string(task.Body) == "boom" {
			panic("boom")
		}
		return component.Result{Body: task.Body}, nil
	}})
	if end := a.ask("t1", "s1", "boom"); end.Status != event.StatusFailed {
		t.Errorf("got %+v", end)
	}
	if end := a.ask("t2", "s1", "fine"); end.Answer != "fine" {
		t.Errorf("got %+v", end)
	}
	in.end(t)
}

func TestATurnWaitsForAHopThatComesBack(t *testing.T) {
	a := newApp(t)
	release := make(chan struct{})
	mid := a.start("mid", handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		select {
		case <-release:
			return component.Result{Body: task.Body}, nil
		case <-ctx.Done():
			return component.Result{}, ctx.Err()
		}
	}})
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "mid")
	sub := call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: "t1", Session: "s"}, Body: []byte("x")})
	<-sub.reply
	in.end(t) // the acceptor goes while its turn is out
	in = a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "mid")
	close(release)
	if end := a.await("t1", "s"); end.Answer != "x" {
		t.Errorf("got %+v", end)
	}
	in.end(t)
	mid.end(t)
}

func TestTurnsOfOneSessionRunOneAfterAnother(t *testing.T) {
	a := newApp(t)
	var mu sync.Mutex
	running, most := 0, 0
	gate := make(chan struct{}, 3)
	in := a.start("in", handler{handle: func(_ context.Context, task component.Task) (component.Result, error) {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		<-gate
		mu.Lock()
		running--
		mu.Unlock()
		return component.Result{Body: task.Body}, nil
	}})
	for i := range 3 {
		m := event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: fmt.Sprint("t", i), Session: "s"}}
		<-call(t.Context(), a.net.find("in"), m).reply
	}
	for range 3 {
		gate <- struct{}{}
	}
	for i := range 3 {
		a.await(fmt.Sprint("t", i), "s")
	}
	if most != 1 {
		t.Errorf("%d turns of one session ran at once", most)
	}
	in.end(t)
}

func TestACanceledTurnEndsItsHandlerAndSaysSoOnce(t *testing.T) {
	a := newApp(t)
	began := make(chan struct{})
	mid := a.start("mid", handler{handle: func(ctx context.Context, _ component.Task) (component.Result, error) {
		close(began)
		<-ctx.Done()
		return component.Result{}, ctx.Err()
	}})
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "mid")
	req := call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeAsk, Turn: "t1", Session: "s"}, Body: []byte("x")})
	if m := <-req.pushes; m.Type != event.TypeAccepted {
		t.Errorf("first push %+v", m.Header)
	}
	<-began
	cancel := call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeCancel, Turn: "t1", Session: "s"}})
	select {
	case <-cancel.reply:
	case err := <-cancel.fail:
		t.Fatal(err)
	}
	end := parsed(t, <-req.reply)
	if end.Status != event.StatusCanceled || end.Error != "mid: canceled" {
		t.Errorf("got %+v", end)
	}
	in.end(t)
	mid.end(t)
}
