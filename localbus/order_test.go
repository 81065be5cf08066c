package localbus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// anyFrames turns a plan into frames of every type and flag, on a few streams, in the order of the plan.
func anyFrames(plan []byte) (out []byte, messages int) {
	for i, b := range plan {
		typ, stream := frameType(b%13), uint32(b>>4)%5
		header := []byte(nil)
		switch typ {
		case frameMsg:
			m := msg("chain.text", "x")
			m.ID, m.Source, m.Subject = fmt.Sprintf("m%d", i), "x", "llm"
			flags := []uint8{0, flagEvent, flagCall}[int(b)%3]
			out, _ = appendMessage(out, typ, flags, stream, &m, DefaultMaxFrame)
			messages++
			continue
		case frameNack:
			header = []byte(`{"code":"BUSY"}`)
		case frameHello:
			header = []byte(`{"min":1,"max":1,"app":"0123abcd","instance":"x"}`)
		case frameStream, frameStreamEnd:
			m := msg("reply", "y")
			m.ID, m.Source, m.Subject = "r", "llm", "x"
			out, _ = appendMessage(out, typ, 0, stream, &m, DefaultMaxFrame)
			continue
		default:
		}
		out = appendBare(out, typ, 0, stream, header, nil)
	}
	return out, messages
}

var plans = [][]byte{
	{},
	{1},
	{2, 3, 4},
	{4, 4, 4, 20, 36, 52},
	{3, 19, 35, 51, 67},
	{2, 2, 2, 18, 18, 34},
	{8, 8, 2, 8, 24},
	{6, 22, 7, 23, 39, 7},
	{10, 2, 10, 26, 3, 4, 5, 6, 7},
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
	{12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
	{255, 254, 253, 240, 241, 242, 243, 128, 129, 130},
	{15, 28, 41, 54, 67, 80, 93, 106, 119, 132, 145},
}

// FuzzT37ServedInAnyOrder: whatever a caller sends in whatever order, each message is handed over at most once, and the next
// caller is served.
func FuzzT37ServedInAnyOrder(f *testing.F) {
	for _, p := range plans {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, plan []byte) {
		dir := runDir(t)
		var mu sync.Mutex
		taken := map[string]int{}
		take := func(m event.Message) {
			mu.Lock()
			defer mu.Unlock()
			taken[m.ID]++
		}
		p := ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{
			accept: func(b []event.Message) []bus.Verdict {
				for _, m := range b {
					take(m)
				}
				return make([]bus.Verdict, len(b))
			},
			call: func(r bus.Request) {
				if r.Message().Type != "q" {
					take(r.Message())
				}
				echo(r)
			},
			event: take,
		}}))
		c := stranger(t, dir, p.Instance())
		b, _ := anyFrames(plan)
		_, _ = c.Write(b) // the connection may have been ended before the last of them
		caller := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if _, err := caller.Call(ctx, "llm", msg("q", "?"), nil); err != nil {
			t.Fatalf("the next caller: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		for id, n := range taken {
			if n > 1 {
				t.Errorf("message %s was handed over %d times", id, n)
			}
		}
	})
}

// FuzzT37AnsweredInAnyOrder: whatever a peer answers in whatever order, each message gets exactly one verdict and each call
// ends exactly once.
func FuzzT37AnsweredInAnyOrder(f *testing.F) {
	for _, p := range plans {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, plan []byte) {
		dir := runDir(t)
		l := answering(t, dir, plan)
		c := join(t, Options{Dir: dir, Component: "in"})
		var mu sync.Mutex
		verdicts := make([]int, 4)
		var done sync.WaitGroup
		for i := range verdicts {
			done.Add(1)
			c.Link("llm").Send(msg("chain.text", "x"), func(bus.Verdict) {
				mu.Lock()
				defer mu.Unlock()
				if verdicts[i]++; verdicts[i] == 1 {
					done.Done()
				}
			})
		}
		for range 2 {
			done.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				if _, err := c.Call(ctx, "llm", msg("q", "?"), nil); errors.Is(ctx.Err(), context.DeadlineExceeded) {
					t.Errorf("the call does not end: %v", err)
				}
			})
		}
		done.Wait()
		_ = l.Close()
		mu.Lock()
		defer mu.Unlock()
		if slices.Max(verdicts) > 1 {
			t.Errorf("verdicts for each message: %v", verdicts)
		}
	})
}

// answering is a component that says HELLO, answers what is planned without looking at what it is asked, and leaves.
func answering(t *testing.T, dir string, plan []byte) net.Listener {
	t.Helper()
	tr, err := newUnixTransport(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.close() })
	lease, err := takeLease(dir, "llm-fake")
	if err != nil {
		t.Fatal(err)
	}
	l, err := tr.listen("llm-fake")
	if err != nil {
		t.Fatal(err)
	}
	rec := Record{V: RecordVersion, Instance: "llm-fake", Component: "llm", Role: RoleComponent, State: StateReady}
	if err := writeRecord(dir, &rec, nil); err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-served
		_ = lease.release()
	})
	go func() {
		defer close(served)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := handshake(c, hello{Min: 1, Max: 1, App: "0123abcd", Instance: "llm-fake", Component: "llm", MaxFrame: DefaultMaxFrame}, false); err == nil {
				b, _ := anyFrames(plan)
				_, _ = c.Write(b)                 // it may be gone
				_ = c.SetReadDeadline(time.Now()) // what is there is read, so that the end is not a reset before it is read
				_, _ = c.Read(make([]byte, 64<<10))
			}
			_ = c.Close()
		}
	}()
	return l
}
