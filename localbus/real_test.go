package localbus

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

func TestMain(m *testing.M) {
	if how := os.Getenv(actorEnv); how != "" {
		os.Exit(actorMain(how))
	}
	if dir, component, ok := strings.Cut(os.Getenv(childEnv), " "); ok {
		os.Exit(childMain(dir, component))
	}
	goleak.VerifyTestMain(m)
}

// runDir is a short run directory: socket paths are limited.
func runDir(t testing.TB) string {
	t.Helper()
	base, err := os.MkdirTemp("/tmp", "w")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(base) })
	t.Setenv("WW_RUN_DIR", base+"/r")
	dir, err := OpenRunDir("0123abcd")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// part is a receiver made of functions; the missing ones refuse.
type part struct {
	accept func([]event.Message) []bus.Verdict
	call   func(bus.Request)
	event  func(event.Message)
}

func (p part) Accept(b []event.Message) []bus.Verdict {
	if p.accept == nil {
		return deaf{}.Accept(b)
	}
	return p.accept(b)
}

func (p part) Call(r bus.Request) {
	if p.call == nil {
		deaf{}.Call(r)
		return
	}
	p.call(r)
}

func (p part) Event(m event.Message) {
	if p.event != nil {
		p.event(m)
	}
}

func join(t testing.TB, o Options) *Peer {
	t.Helper()
	o.App = "0123abcd"
	p, err := Join(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func ready(t testing.TB, p *Peer) *Peer {
	t.Helper()
	if err := p.Announce(Record{State: StateReady}); err != nil {
		t.Fatal(err)
	}
	return p
}

func msg(typ, body string) event.Message {
	return event.Message{Header: event.Header{Type: typ}, Body: []byte(body)}
}

func echo(r bus.Request) {
	m := r.Message()
	r.Reply(event.Message{Body: m.Body})
}

func TestCallIsAnswered(t *testing.T) {
	dir := runDir(t)
	ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: echo}}))
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	for _, body := range []string{"", "a", strings.Repeat("x", 100_000), strings.Repeat("y", 900_000)} {
		got, err := c.Call(t.Context(), "llm", msg("q", body), nil)
		if err != nil {
			t.Fatal(err)
		}
		if string(got.Body) != body {
			t.Fatalf("got %d bytes, want %d", len(got.Body), len(body))
		}
	}
}

func TestManyCallsAtOnce(t *testing.T) {
	dir := runDir(t)
	ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: func(r bus.Request) { go echo(r) }}}))
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	var wg sync.WaitGroup
	for i := range 50 {
		body := strings.Repeat("z", i*100)
		wg.Go(func() {
			for range 100 {
				got, err := c.Call(t.Context(), "llm", msg("q", body), nil)
				if err != nil || string(got.Body) != body {
					t.Errorf("got %d bytes, %v", len(got.Body), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestPushesArriveInOrderBeforeTheReply(t *testing.T) {
	dir := runDir(t)
	ready(t, join(t, Options{Dir: dir, Component: "in", Receiver: part{call: func(r bus.Request) {
		go func() {
			for _, s := range []string{"a", "b", "c"} {
				r.Push(msg("p", s))
			}
			r.Reply(msg("e", "end"))
		}()
	}}}))
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	for range 200 {
		var got []string
		m, err := c.Call(t.Context(), "in", msg("q", ""), func(m event.Message) { got = append(got, string(m.Body)) })
		if err != nil || string(m.Body) != "end" {
			t.Fatalf("%q, %v", m.Body, err)
		}
		if strings.Join(got, "") != "abc" {
			t.Fatalf("pushes %q", got)
		}
	}
}

func TestLinkKeepsOrderAndSettlesEveryMessage(t *testing.T) {
	dir := runDir(t)
	var mu sync.Mutex
	var seen []uint64
	ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{accept: func(b []event.Message) []bus.Verdict {
		mu.Lock()
		defer mu.Unlock()
		for _, m := range b {
			seen = append(seen, m.Seq)
		}
		return make([]bus.Verdict, len(b))
	}}}))
	s := join(t, Options{Dir: dir, Component: "in"})
	const n = 5000
	var wg sync.WaitGroup
	wg.Add(n)
	for i := range n {
		s.Link("llm").Send(event.Message{Header: event.Header{Type: "chain.text", Seq: uint64(i + 1)}}, func(v bus.Verdict) {
			if v.Code != bus.OK {
				t.Errorf("verdict %+v", v)
			}
			wg.Done()
		})
	}
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	for i, seq := range seen {
		if seq != uint64(i+1) {
			t.Fatalf("message %d has seq %d", i, seq)
		}
	}
	if len(seen) != n {
		t.Fatalf("%d messages", len(seen))
	}
}

func TestDeathFailsACallAtOnce(t *testing.T) {
	dir := runDir(t)
	called := make(chan struct{})
	llm := ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: func(bus.Request) { close(called) }}}))
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	got := make(chan error, 1)
	go func() {
		_, err := c.Call(context.Background(), "llm", msg("q", ""), nil)
		got <- err
	}()
	<-called
	if err := llm.Close(); err != nil {
		t.Fatal(err)
	}
	var be *bus.Error
	if err := <-got; !errors.As(err, &be) || be.Code != bus.PeerDied || be.To != "llm" {
		t.Fatalf("err = %v", err)
	}
}

// However many calls one death ends, one of them tells of it and the others say that it is the same.
func TestOneDeathIsToldOnce(t *testing.T) {
	dir := runDir(t)
	const many = 10
	called := make(chan struct{}, many)
	llm := ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: func(bus.Request) { called <- struct{}{} }}}))
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	got := make(chan error, many)
	for range many {
		go func() {
			_, err := c.Call(context.Background(), "llm", msg("q", ""), nil)
			got <- err
		}()
	}
	for range many {
		<-called
	}
	if err := llm.Close(); err != nil {
		t.Fatal(err)
	}
	told := 0
	for range many {
		var be *bus.Error
		if err := <-got; !errors.As(err, &be) || be.Code != bus.PeerDied {
			t.Fatalf("err = %v", err)
		}
		if !be.Echo {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the death was told %d times", told)
	}
}

func TestCallWaitsForAComponentThatStarts(t *testing.T) {
	dir := runDir(t)
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	got := make(chan error, 1)
	go func() {
		_, err := c.Call(context.Background(), "llm", msg("q", ""), nil)
		got <- err
	}()
	llm := join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: echo}})
	if err := llm.Announce(Record{State: StateInitializing}); err != nil {
		t.Fatal(err)
	}
	ready(t, llm)
	if err := <-got; err != nil {
		t.Fatal(err)
	}
}

func TestCallOfNobodyFails(t *testing.T) {
	dir := runDir(t)
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient, TargetWait: 30 * time.Millisecond})
	_, err := c.Call(t.Context(), "llm", msg("q", ""), nil)
	var be *bus.Error
	if !errors.As(err, &be) || be.Code != bus.NoTarget {
		t.Fatalf("err = %v", err)
	}
}

// brokenWire is a connection whose other end is gone, which nobody has noticed yet.
type brokenWire struct{ piecewise }

func (*brokenWire) tryWrite([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestSendNeverAnswersItself(t *testing.T) {
	dir := runDir(t)
	p := join(t, Options{Dir: dir, Component: "in", TargetWait: time.Millisecond})
	rec := Record{Instance: "llm-gone", Component: "llm", State: StateReady, Alive: true}
	d := newDialed(newConn(p, &brokenWire{}, hello{Instance: rec.Instance, Component: "llm", MaxFrame: DefaultMaxFrame}))
	p.dialing[rec.Instance] = &dialing{conn: d}
	p.targets["llm"] = &target{recs: []Record{rec}, readAt: time.Now(), checkedAt: time.Now()}
	var mu sync.Mutex
	verdicts := make(chan bus.Verdict, 3)
	send := func(body string) {
		mu.Lock()
		defer mu.Unlock()
		p.Link("llm").Send(msg("chain.text", body), func(v bus.Verdict) {
			mu.Lock()
			defer mu.Unlock()
			verdicts <- v
		})
	}
	send("to a broken connection")
	if v := <-verdicts; v.Code != bus.Busy {
		t.Errorf("verdict %+v", v)
	}
	send("to nobody")
	if v := <-verdicts; v.Code != bus.Busy {
		t.Errorf("verdict %+v", v)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	send("after the end")
	if v := <-verdicts; v.Code != bus.Busy {
		t.Errorf("verdict %+v", v)
	}
}

func BenchmarkCallOneProcess(b *testing.B) {
	dir := runDir(b)
	ready(b, join(b, Options{Dir: dir, Component: "llm", Receiver: part{call: echo}}))
	c := join(b, Options{Dir: dir, Component: "chat", Role: RoleClient})
	m := msg("q", strings.Repeat("x", 1024))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Call(b.Context(), "llm", m, nil); err != nil {
			b.Fatal(err)
		}
	}
}
