package bustest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// world is one promise being checked.
type world struct {
	T
	Backend
	net Net
}

// part is a receiver made of functions; what is missing refuses.
type part struct {
	accept func([]event.Message) []bus.Verdict
	call   func(bus.Request)
	event  func(event.Message)
}

// Accept implements bus.Receiver.
func (p part) Accept(batch []event.Message) []bus.Verdict {
	if p.accept != nil {
		return p.accept(batch)
	}
	return slices.Repeat([]bus.Verdict{{Code: bus.UnknownType, Reason: "takes no messages"}}, len(batch))
}

// Call implements bus.Receiver.
func (p part) Call(r bus.Request) {
	if p.call != nil {
		p.call(r)
		return
	}
	r.Fail(bus.UnknownType, "takes no calls")
}

// Event implements bus.Receiver.
func (p part) Event(m event.Message) {
	if p.event != nil {
		p.event(m)
	}
}

// yes takes every message of a batch.
func yes(batch []event.Message) []bus.Verdict { return make([]bus.Verdict, len(batch)) }

// echo answers a call with its own body.
func echo(r bus.Request) { r.Reply(event.Message{Body: r.Message().Body}) }

// await takes from ch what should be there soon.
func await[V any](w *world, ch <-chan V, what string) V {
	w.Helper()
	late := time.NewTimer(w.Patience)
	defer late.Stop()
	select {
	case v := <-ch:
		return v
	case <-late.C:
		w.Fatalf("%s: nothing for %s", what, w.Patience)
		panic("unreachable")
	}
}

// do runs f, which should end soon.
func (w *world) do(what string, f func()) {
	w.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	await(w, done, what)
}

// answer is how a call ended.
type answer struct {
	m   event.Message
	err error
}

// start makes a call in the background, and returns when that is about to begin.
func start(ctx context.Context, b bus.Bus, to string, m event.Message) <-chan answer {
	out, begun := make(chan answer, 1), make(chan struct{})
	go func() {
		close(begun)
		m, err := b.Call(ctx, to, m, nil)
		out <- answer{m, err}
	}()
	<-begun
	return out
}

// ask makes a call that has no deadline and must be answered.
func (w *world) ask(b bus.Bus, to, body string) event.Message {
	w.Helper()
	a := await(w, start(context.Background(), b, to, text(body)), "the answer of a call to "+to)
	if a.err != nil {
		w.Fatalf("a call to %s: %v", to, a.err)
	}
	return a.m
}

// refused checks that a call ended with an error of the bus.
func (w *world) refused(a answer, to string, codes ...bus.Code) {
	w.Helper()
	var be *bus.Error
	if !errors.As(a.err, &be) || !slices.Contains(codes, be.Code) || be.To != to {
		w.Fatalf("the call ended with %v (%T), want a *bus.Error of %s with code %v", a.err, a.err, to, codes)
	}
}

// hangs is a receiver of calls that never answers; it hands them out.
func hangs() (part, <-chan bus.Request) {
	ch := make(chan bus.Request, 64)
	return part{call: func(r bus.Request) { ch <- r }}, ch
}

func text(body string) event.Message {
	return event.Message{Header: event.Header{Type: "test.text"}, Body: []byte(body)}
}

// numbered is a chain message whose body belongs to its number alone.
func numbered(seq int) event.Message {
	return event.Message{Header: event.Header{Type: event.TypeText, Session: "s", Seq: uint64(seq)}, Body: bodyOf(seq)}
}

func bodyOf(seq int) []byte { return []byte(strings.Repeat(fmt.Sprintf("%d;", seq), 20)) }

// full is a header with everything in it.
func full() event.Header {
	return event.Header{
		ID: "id-1", Source: "somebody", Type: "test.full", Subject: "something", DataContentType: "text/plain",
		Session: "ses \"ä\"\n", Turn: "turn-1", Base: "base-1", Seq: 1<<63 + 1, Attempt: 3, Branch: "0/2.1/3", Stack: "a:t1,b:t2",
		TTL: 60_000, Trace: "[]", Origin: "input", Dropped: 2, CorrelationID: "turn/hop/step",
		TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	}
}

// sameHeader checks that nothing was forgotten on the way. A bus may take the time of travel off the TTL.
func (w *world) sameHeader(what string, got, want event.Header) {
	w.Helper()
	if got.TTL <= 0 || got.TTL > want.TTL {
		w.Errorf("%s: the TTL was %d and arrived as %d", what, want.TTL, got.TTL)
	}
	got.TTL = want.TTL
	if got != want {
		w.Errorf("%s: sent\n%+v\ngot\n%+v", what, want, got)
	}
}

// inbox remembers messages in the order in which they came.
type inbox struct {
	mu   sync.Mutex
	all  []event.Message
	more chan struct{}
}

func newInbox() *inbox { return &inbox{more: make(chan struct{}, 1)} }

func (b *inbox) put(ms ...event.Message) {
	b.mu.Lock()
	b.all = append(b.all, ms...)
	b.mu.Unlock()
	select {
	case b.more <- struct{}{}:
	default:
	}
}

func (b *inbox) list() []event.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.all)
}

// until waits for messages until there are enough.
func (b *inbox) until(w *world, what string, enough func([]event.Message) bool) []event.Message {
	w.Helper()
	for {
		if all := b.list(); enough(all) {
			return all
		}
		await(w, b.more, what)
	}
}

// has waits for a body.
func (b *inbox) has(w *world, body string) []event.Message {
	w.Helper()
	return b.until(w, fmt.Sprintf("a message %q", short(body)), func(all []event.Message) bool {
		return slices.ContainsFunc(all, func(m event.Message) bool { return string(m.Body) == body })
	})
}

func short(s string) string { return s[:min(len(s), 20)] }

// takes is a receiver that keeps chain messages in an inbox and says yes.
func takes(b *inbox) part {
	return part{accept: func(batch []event.Message) []bus.Verdict {
		b.put(batch...)
		return yes(batch)
	}}
}

// receipts are the verdicts on messages that were sent, by their numbers.
type receipts struct {
	mu   sync.Mutex
	by   map[int][]bus.Verdict
	more chan struct{}
}

func newReceipts() *receipts {
	return &receipts{by: map[int][]bus.Verdict{}, more: make(chan struct{}, 1)}
}

func (r *receipts) done(n int) func(bus.Verdict) {
	return func(v bus.Verdict) {
		r.mu.Lock()
		r.by[n] = append(r.by[n], v)
		r.mu.Unlock()
		select {
		case r.more <- struct{}{}:
		default:
		}
	}
}

func (r *receipts) of(n int) []bus.Verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.by[n])
}

func (r *receipts) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.by)
}

// all waits until n messages are settled.
func (r *receipts) all(w *world, n int) {
	w.Helper()
	for r.count() < n {
		await(w, r.more, fmt.Sprintf("%d verdicts of %d came, then", r.count(), n))
	}
}

// exactlyOnce checks that every message from 1 to n has one verdict, and which.
func (r *receipts) exactlyOnce(w *world, n int, codes ...bus.Code) {
	w.Helper()
	for i := 1; i <= n; i++ {
		vs := r.of(i)
		if len(vs) != 1 || !slices.Contains(codes, vs[0].Code) {
			w.Fatalf("message %d was settled with %+v, want one of %q, once", i, vs, codes)
		}
	}
}

// send sends the messages from 1 to n, which must not take long.
func (r *receipts) send(w *world, l bus.Link, n int) {
	w.Helper()
	w.do("Send", func() {
		for i := 1; i <= n; i++ {
			l.Send(numbered(i), r.done(i))
		}
	})
}

// inOrder checks that messages are numbered 1, 2, 3 and have the bodies of their numbers.
func (w *world) inOrder(all []event.Message) {
	w.Helper()
	for i, m := range all {
		if m.Seq != uint64(i+1) {
			w.Fatalf("message %d has number %d", i+1, m.Seq)
		}
		if string(m.Body) != string(bodyOf(i+1)) {
			w.Fatalf("the body of message %d has changed: %q", i+1, short(string(m.Body)))
		}
	}
}

// settle goes once to and fro, so that what came late or twice has come.
func (w *world) settle(l bus.Link) {
	w.Helper()
	for range 3 {
		done := make(chan bus.Verdict, 16)
		w.do("Send", func() { l.Send(text("settle"), func(v bus.Verdict) { done <- v }) })
		await(w, done, "the verdict on a last message")
	}
}

// gate is something that is held up until it opens; at the end of the test it opens anyway.
func (w *world) gate() (gate <-chan struct{}, open func()) {
	ch := make(chan struct{})
	open = sync.OnceFunc(func() { close(ch) })
	w.Cleanup(open)
	return ch, open
}

// pause pauses a component until resume, at most until the end of the test.
func (w *world) pause(component string) (resume func()) {
	resume = w.net.Pause(component)
	w.Cleanup(resume)
	return resume
}
