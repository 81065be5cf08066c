package localbus

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// memory is a transport of pipes, for tests with a clock. Records and leases are files as always.
type memory struct {
	dir string

	mu        sync.Mutex
	listeners map[string]*memListener
}

func newMemory(dir string) *memory { return &memory{dir: dir, listeners: map[string]*memListener{}} }

type memListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *memListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *memListener) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *memListener) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

func (m *memory) listen(instance string) (net.Listener, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := &memListener{conns: make(chan net.Conn), done: make(chan struct{})}
	m.listeners[instance] = l
	return l, nil
}

func (m *memory) dial(ctx context.Context, instance string) (net.Conn, error) {
	m.mu.Lock()
	l := m.listeners[instance]
	m.mu.Unlock()
	if l == nil {
		return nil, unix.ECONNREFUSED
	}
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.done:
		return nil, unix.ECONNREFUSED
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m *memory) wire(c net.Conn) (wire, error) { return plainWire{c}, nil }
func (m *memory) close() error                  { return nil }

// watch polls: a goroutine that waits for inotify would stop the fake clock.
func (m *memory) watch(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	go func() {
		defer close(c)
		watchPoll(ctx, instancesDir(m.dir), func() {
			select {
			case c <- struct{}{}:
			default:
			}
		})
	}()
	return c
}

// bubble runs f in a bubble with a run directory and a network of its own.
func bubble(t *testing.T, f func(t *testing.T, dir string, m *memory)) {
	t.Helper()
	dir := runDir(t)
	synctest.Test(t, func(t *testing.T) { f(t, dir, newMemory(dir)) })
}

func leave(t *testing.T, peers ...*Peer) {
	t.Helper()
	for _, p := range peers {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

// enter is join without a cleanup: in a bubble everything ends before the test does.
func enter(t *testing.T, o Options) *Peer {
	t.Helper()
	o.App = "0123abcd"
	p, err := Join(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDeadlineEndsTheCallAndTellsTheCallee(t *testing.T) {
	bubble(t, func(t *testing.T, dir string, m *memory) {
		ended := make(chan time.Time, 1)
		llm := ready(t, enter(t, Options{Dir: dir, transport: m, Component: "llm", Receiver: part{call: func(r bus.Request) {
			go func() {
				<-r.Context().Done()
				ended <- time.Now()
			}()
		}}}))
		c := enter(t, Options{Dir: dir, transport: m, Component: "chat", Role: RoleClient})
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := c.Call(ctx, "llm", msg("q", ""), nil)
		var be *bus.Error
		if !errors.As(err, &be) || be.Code != bus.Deadline {
			t.Errorf("err = %v", err)
		}
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("the call took %v", took)
		}
		if at := (<-ended).Sub(begin); at != 3*time.Second {
			t.Errorf("the callee's context ended after %v", at)
		}
		leave(t, c, llm)
	})
}

func TestAPieceThatNobodyWaitsForHasCompanyOrIsLate(t *testing.T) {
	bubble(t, func(t *testing.T, dir string, m *memory) {
		answer := make(chan bus.Request, 2)
		llm := ready(t, enter(t, Options{Dir: dir, transport: m, Component: "llm", Receiver: part{call: func(r bus.Request) {
			r.(*request).PushSoon(msg("accepted", "1"))
			switch r.Message().Type {
			case "at once":
				r.Reply(msg("end", "3"))
			case "streamed":
				r.Push(msg("piece", "2"))
				r.Reply(msg("end", "3"))
			default:
				answer <- r
			}
		}}}))
		c := enter(t, Options{Dir: dir, transport: m, Component: "chat", Role: RoleClient})
		for typ, want := range map[string]string{"at once": "1 3", "streamed": "1 2 3"} {
			heard := ""
			end, err := c.Call(t.Context(), "llm", msg(typ, ""), func(m event.Message) { heard += string(m.Body) + " " })
			if err != nil || heard+string(end.Body) != want {
				t.Errorf("%s: heard %q, then %q, %v", typ, heard, end.Body, err)
			}
		}
		begin := time.Now()
		var after time.Duration
		_, err := c.Call(t.Context(), "llm", msg("slow", ""), func(event.Message) {
			after = time.Since(begin)
			(<-answer).Reply(msg("end", ""))
		})
		if err != nil || after > soonEnough {
			t.Errorf("alone it came after %v, %v", after, err)
		}
		leave(t, c, llm)
	})
}

func TestCancelReachesTheCallee(t *testing.T) {
	bubble(t, func(t *testing.T, dir string, m *memory) {
		called, ended := make(chan struct{}), make(chan error, 1)
		llm := ready(t, enter(t, Options{Dir: dir, transport: m, Component: "llm", Receiver: part{call: func(r bus.Request) {
			ctx := r.Context()
			close(called)
			go func() {
				<-ctx.Done()
				ended <- ctx.Err()
				r.Reply(msg("late", "")) // counts for nothing
			}()
		}}}))
		c := enter(t, Options{Dir: dir, transport: m, Component: "chat", Role: RoleClient})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-called
			cancel()
		}()
		if _, err := c.Call(ctx, "llm", msg("q", ""), nil); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the callee's context ended with %v", err)
		}
		leave(t, c, llm)
	})
}

func TestCallersDeathEndsTheRequest(t *testing.T) {
	bubble(t, func(t *testing.T, dir string, m *memory) {
		reqs := make(chan bus.Request, 1)
		llm := ready(t, enter(t, Options{Dir: dir, transport: m, Component: "llm", Receiver: part{call: func(r bus.Request) { reqs <- r }}}))
		c := enter(t, Options{Dir: dir, transport: m, Component: "chat", Instance: "chat-1", Role: RoleClient})
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = c.Call(context.Background(), "llm", msg("q", ""), nil) // the caller dies below
		}()
		r := <-reqs
		if r.From() != "chat-1" {
			t.Errorf("from %q", r.From())
		}
		leave(t, c)
		<-r.Context().Done()
		<-done
		leave(t, llm)
	})
}

func TestCallOfNobodyTakesFiveSeconds(t *testing.T) {
	bubble(t, func(t *testing.T, dir string, m *memory) {
		c := enter(t, Options{Dir: dir, transport: m, Component: "chat", Role: RoleClient})
		begin := time.Now()
		_, err := c.Call(t.Context(), "llm", msg("q", ""), nil)
		var be *bus.Error
		if !errors.As(err, &be) || be.Code != bus.NoTarget || time.Since(begin) != 5*time.Second {
			t.Errorf("err = %v after %v", err, time.Since(begin))
		}
		leave(t, c)
	})
}

func TestNobodyWaitsForWhatIsNotWanted(t *testing.T) {
	bubble(t, func(t *testing.T, dir string, m *memory) {
		c := enter(t, Options{Dir: dir, transport: m, Component: "chat", Role: RoleClient, Unwanted: func(name string) string {
			return name + " was stopped by hand"
		}})
		begin := time.Now()
		_, err := c.Call(t.Context(), "llm", msg("q", ""), nil)
		var be *bus.Error
		if !errors.As(err, &be) || be.Code != bus.NoTarget || be.Reason != "llm was stopped by hand" || time.Since(begin) != 0 {
			t.Errorf("err = %v after %v", err, time.Since(begin))
		}
		leave(t, c)
	})
}

func TestT28AStalledPeerIsCutAfterFiveSeconds(t *testing.T) {
	bubble(t, func(t *testing.T, dir string, m *memory) {
		l, err := m.listen("llm-dead")
		if err != nil {
			t.Fatal(err)
		}
		lease, err := takeLease(dir, "llm-dead")
		if err != nil {
			t.Fatal(err)
		}
		rec := Record{V: RecordVersion, Instance: "llm-dead", Component: "llm", Role: RoleComponent, State: StateReady}
		if err := writeRecord(dir, &rec, nil); err != nil {
			t.Fatal(err)
		}
		held := make(chan net.Conn, 1)
		go func() { // says HELLO and reads nothing more
			c, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := handshake(c, hello{Min: 1, Max: 1, App: "0123abcd", Instance: "llm-dead", MaxFrame: DefaultMaxFrame}, false); err != nil {
				t.Error(err)
			}
			held <- c
			_ = l.Close()
		}()
		in := enter(t, Options{Dir: dir, transport: m, Component: "in"})
		begin := time.Now()
		got := make(chan bus.Verdict, 2)
		for range 2 {
			in.Link("llm").Send(msg("chain.text", "x"), func(v bus.Verdict) { got <- v })
		}
		for range 2 {
			if v := <-got; v.Code != bus.Busy {
				t.Errorf("verdict %+v", v)
			}
		}
		if took := time.Since(begin); took < 5*time.Second || took > 6*time.Second {
			t.Errorf("cut after %v", took)
		}
		leave(t, in)
		_ = (<-held).Close()
		_ = lease.release()
	})
}

func TestSlowSubscriberLosesTheOldestAndIsTold(t *testing.T) {
	bubble(t, func(t *testing.T, dir string, m *memory) {
		pub := ready(t, enter(t, Options{Dir: dir, transport: m, Component: "ww"}))
		c := enter(t, Options{Dir: dir, transport: m, Component: "tui", Role: RoleClient})
		ctx, cancel := context.WithCancel(t.Context())
		first, goOn := make(chan struct{}), make(chan struct{})
		var got []event.Message
		done := make(chan error, 1)
		go func() {
			done <- c.Subscribe(ctx, "ww", "component.*", func(m event.Message) {
				if len(got) == 0 {
					close(first)
					<-goOn
				}
				got = append(got, m)
			})
		}()
		synctest.Wait()
		pub.Publish(event.Message{Header: event.Header{Type: "component.ready", Seq: 1}})
		pub.Publish(event.Message{Header: event.Header{Type: "session.created", Seq: 99}})
		<-first
		const n = 5000
		for i := range n {
			pub.Publish(event.Message{Header: event.Header{Type: "component.ready", Seq: uint64(i + 2)}})
			if i%100 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		close(goOn)
		synctest.Wait()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
		dropped, last := 0, uint64(0)
		for _, m := range got {
			if m.Type != "component.ready" || m.Seq <= last {
				t.Fatalf("seq %d after %d", m.Seq, last)
			}
			if missing := int(m.Seq - last - 1); missing != m.Dropped {
				t.Fatalf("seq %d after %d says %d dropped", m.Seq, last, m.Dropped)
			}
			last, dropped = m.Seq, dropped+m.Dropped
		}
		if last != n+1 || dropped == 0 || len(got)+dropped != n+1 {
			t.Errorf("%d events, %d dropped, last %d", len(got), dropped, last)
		}
		leave(t, c, pub)
	})
}

func TestWhoComesLateHearsWhatIsRetained(t *testing.T) {
	bubble(t, func(t *testing.T, dir string, m *memory) {
		pub := ready(t, enter(t, Options{Dir: dir, transport: m, Component: "ww"}))
		if pub.Heard("component.ready") {
			t.Error("somebody hears, and nobody has subscribed")
		}
		pub.Retain(event.Message{Header: event.Header{Type: "component.ready", Seq: 1}})
		pub.Retain(event.Message{Header: event.Header{Type: "component.ready", Seq: 2}})
		c := enter(t, Options{Dir: dir, transport: m, Component: "tui", Role: RoleClient})
		ctx, cancel := context.WithCancel(t.Context())
		var got []uint64
		done := make(chan struct{}, 2)
		for _, pattern := range []string{"component.*", "breaker.>"} {
			go func() {
				_ = c.Subscribe(ctx, "ww", pattern, func(m event.Message) { got = append(got, m.Seq) })
				done <- struct{}{}
			}()
		}
		synctest.Wait()
		pub.Publish(event.Message{Header: event.Header{Type: "component.state_changed", Seq: 3}})
		pub.Retain(event.Message{Header: event.Header{Type: "component.ready", Seq: 4}})
		synctest.Wait()
		if !pub.Heard("component.ready") || !pub.Heard("breaker.state_changed") || pub.Heard("session.created") {
			t.Error("it is not heard what is subscribed to")
		}
		cancel()
		<-done
		<-done
		if !slices.Equal(got, []uint64{2, 3, 4}) {
			t.Errorf("heard %v", got)
		}
		synctest.Wait()
		if pub.Heard("component.ready") {
			t.Error("somebody hears who has gone")
		}
		leave(t, c, pub)
	})
}

func TestHelloHasTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		defer b.Close()
		begin := time.Now()
		_, err := handshake(a, hello{Min: 1, Max: 1}, false)
		if err == nil || time.Since(begin) != 2*time.Second {
			t.Errorf("err = %v after %v", err, time.Since(begin))
		}
	})
}

func TestHelloRefusesOthers(t *testing.T) {
	ours := hello{Min: 1, Max: 1, App: "a"}
	for name, theirs := range map[string]hello{
		"newer":       {Min: 2, Max: 3, App: "a"},
		"older":       {Min: 0, Max: 0, App: "a"},
		"another app": {Min: 1, Max: 1, App: "b"},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := net.Pipe()
			defer a.Close()
			defer b.Close()
			go func() { _ = writeHello(b, theirs); _, _ = readHello(b) }() // the other end of the test
			if _, err := handshake(a, ours, false); !final(err) {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestLinkWaitsForTheComponentAndGivesUpInOrder(t *testing.T) {
	bubble(t, func(t *testing.T, dir string, m *memory) {
		in := enter(t, Options{Dir: dir, transport: m, Component: "in"})
		var mu sync.Mutex
		var order []int
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Add(1)
			in.Link("llm").Send(msg("chain.text", ""), func(v bus.Verdict) {
				mu.Lock()
				defer mu.Unlock()
				if v.Code != bus.Busy {
					t.Errorf("verdict %+v", v)
				}
				order = append(order, i)
				wg.Done()
			})
		}
		wg.Wait()
		if time.Since(begin) != 5*time.Second || len(order) != 3 || order[0] != 0 || order[2] != 2 {
			t.Errorf("order %v after %v", order, time.Since(begin))
		}
		leave(t, in)
	})
}

func TestCastsWithoutATargetAreBounded(t *testing.T) {
	bubble(t, func(t *testing.T, dir string, m *memory) {
		in := enter(t, Options{Dir: dir, transport: m, Component: "llm"})
		for range 3 * castBound {
			in.Cast("in", msg("turn.chunk", "x"))
		}
		l := in.linkTo("in")
		l.mu.Lock()
		n := len(l.queue)
		l.mu.Unlock()
		if n != castBound {
			t.Errorf("%d casts wait", n)
		}
		leave(t, in)
	})
}

func TestNewestReadyGenerationIsChosen(t *testing.T) {
	recs := []Record{
		{Instance: "a-1", Ordinal: 0, Generation: 1, State: StateReady, Alive: true},
		{Instance: "a-2", Ordinal: 1, Generation: 2, State: StateReady, Alive: true},
		{Instance: "a-3", Ordinal: 0, Generation: 2, State: StateReady, Alive: true},
		{Instance: "a-4", Ordinal: 0, Generation: 3, State: StateInitializing, Alive: true},
		{Instance: "a-5", Ordinal: 0, Generation: 4, State: StateReady},
		{Instance: "a-6", Ordinal: 0, Generation: 2, State: StateShuttingDown, Alive: true},
	}
	got, _, _ := rank(recs)
	if len(got) != 2 || got[0].Instance != "a-3" || got[1].Instance != "a-2" {
		t.Errorf("got %+v", got)
	}
	if got, _, _ := rank(recs[5:]); len(got) != 1 || got[0].Instance != "a-6" {
		t.Errorf("a draining instance still takes what belongs to running turns; got %+v", got)
	}
	if got, _, why := rank([]Record{{State: StateFailed, Reason: "no key"}}); len(got) != 0 || why != "it failed: no key" {
		t.Errorf("got %+v, %q", got, why)
	}
}

func TestASessionGoesToWhoeverHasItsPartition(t *testing.T) {
	const session = "s-1"
	part := bus.PartitionOf(session)
	rest := slices.DeleteFunc([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, func(n int) bool { return n == part })
	old := Record{Instance: "old", Generation: 1, State: StateReady, Alive: true, Standby: true, Partitions: []int{part}}
	now := Record{Instance: "now", Generation: 2, State: StateReady, Alive: true, Partitions: rest}
	spare := Record{Instance: "spare", Generation: 3, State: StateReady, Alive: true, Standby: true}
	choose := func(session string, recs ...Record) string {
		serving, holders, _ := rank(recs)
		return (&Peer{}).pick(choice{serving, holders}, session).Instance
	}
	if got := choose(session, old, now, spare); got != "old" {
		t.Errorf("%s got a message of a partition that old still holds", got)
	}
	old.Partitions = nil
	if got := choose(session, old, now, spare); got != "now" {
		t.Errorf("%s got a message although old has given everything back", got)
	}
	dead := old
	dead.Alive, dead.Partitions = false, []int{part}
	if got := choose(session, dead, now); got != "now" {
		t.Errorf("%s got a message because a dead instance's record says so", got)
	}
	if got := choose("", old, now, spare); got != "now" {
		t.Errorf("%s got a message without a session", got)
	}
	if serving, holders, why := rank([]Record{spare}); len(serving)+len(holders) > 0 || why != "it stands by" {
		t.Errorf("who stands by is asked: %v %v %q", serving, holders, why)
	}
}

// A caller that takes its time has in its hands what it gave credit for; the rest waits with the callee, as few large
// pieces, and nothing of the answer is missing in the end.
func TestACallerHasNoMoreInItsHandsThanItGaveCreditFor(t *testing.T) {
	bubble(t, func(t *testing.T, dir string, m *memory) {
		const pieces = 20_000
		streamed := make(chan struct{})
		callee := ready(t, enter(t, Options{Dir: dir, transport: m, Component: "llm", Receiver: called(func(r bus.Request) {
			go func() {
				for i := range pieces {
					r.Push(event.Message{Header: event.Header{Type: event.TypeChunk, Turn: "t", Session: "s"}, Body: event.Payload(event.Chunk{Stream: "t/llm/1", Offset: 10 * i, Text: "0123456789"})})
				}
				close(streamed)
				<-r.Context().Done()
			}()
		})}))
		c := enter(t, Options{Dir: dir, transport: m, Component: "agent", Role: RoleClient})
		ctx, cancel := context.WithCancel(t.Context())
		first, goOn := make(chan struct{}), make(chan struct{})
		var got, frames int
		done := make(chan error, 1)
		go func() {
			_, err := c.Call(ctx, "llm", event.Message{Header: event.Header{Type: "ask"}}, func(m event.Message) {
				var piece event.Chunk
				if err := json.Unmarshal(m.Body, &piece); err != nil || piece.Offset != got || m.Dropped > 0 {
					t.Errorf("a piece at %d after %d (%d dropped, %v)", piece.Offset, got, m.Dropped, err)
				}
				got += len(piece.Text)
				if frames++; frames == 1 {
					close(first)
					<-goOn
				}
			})
			done <- err
		}()
		<-first
		<-streamed
		synctest.Wait()
		held := 0
		c.mu.Lock()
		for _, g := range c.dialing {
			for _, p := range g.conn.pending {
				for i := range p.call.ring.items[p.call.ring.head:] {
					held += cost(&p.call.ring.items[p.call.ring.head+i])
				}
			}
		}
		c.mu.Unlock()
		if held == 0 || held > streamCredit+frameCost+64<<10 {
			t.Errorf("%d bytes are in the hands of the caller, which gave credit for %d", held, streamCredit)
		}
		close(goOn)
		synctest.Wait()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
		if got != 10*pieces || frames > 2000 {
			t.Errorf("%d of %d bytes came, in %d pieces", got, 10*pieces, frames)
		}
		leave(t, c, callee)
	})
}

// called is a receiver that only answers calls.
type called func(bus.Request)

func (c called) Accept(b []event.Message) []bus.Verdict { return make([]bus.Verdict, len(b)) }
func (c called) Call(r bus.Request)                     { c(r) }
func (c called) Event(event.Message)                    {}
