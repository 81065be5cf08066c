package localbus

import (
	"context"
	"os"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// descriptors are what this process has open, by what they are.
func descriptors(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("needs /proc: %v", err)
	}
	var open []string
	for _, e := range entries {
		if what, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil {
			open = append(open, what)
		}
	}
	slices.Sort(open)
	return open
}

// TestT55NothingIsLeftOfPeers: whoever has called, been called, listened, watched and waited leaves neither goroutines nor
// descriptors behind.
func TestT55NothingIsLeftOfPeers(t *testing.T) {
	dir := runDir(t)
	busy := func() {
		ctx, cancel := context.WithCancel(t.Context())
		llm, err := Join(ctx, Options{Dir: dir, App: "0123abcd", Component: "llm", Receiver: part{
			call:   func(r bus.Request) { r.Push(msg("piece", "1")); r.Reply(msg("end", "2")) },
			accept: func(b []event.Message) []bus.Verdict { return make([]bus.Verdict, len(b)) },
		}})
		if err != nil {
			t.Fatal(err)
		}
		chat, err := Join(ctx, Options{Dir: dir, App: "0123abcd", Component: "chat", Role: RoleClient})
		if err != nil {
			t.Fatal(err)
		}
		changes, err := chat.Registry().Watch(ctx, bus.Query{})
		if err != nil {
			t.Fatal(err)
		}
		ready(t, llm)
		<-changes
		if _, err := chat.Call(ctx, "llm", msg("q", ""), nil); err != nil {
			t.Error(err)
		}
		settled := make(chan bus.Verdict)
		chat.Link("llm").Send(msg("m", ""), func(v bus.Verdict) { settled <- v })
		<-settled
		listening, heard := make(chan struct{}), make(chan struct{})
		llm.Retain(msg("there", ""))
		go func() {
			defer close(heard)
			_ = chat.Subscribe(ctx, "llm", ">", func(event.Message) { close(listening) }) // it ends below
		}()
		<-listening
		cancel()
		<-heard
		leave(t, chat, llm)
	}
	busy() // what is made once is made now
	ignore, before := goleak.IgnoreCurrent(), descriptors(t)
	for range 3 {
		busy()
	}
	if err := goleak.Find(ignore); err != nil {
		t.Error(err)
	}
	if after := descriptors(t); !slices.Equal(after, before) {
		t.Errorf("open before:\n%q\nafter:\n%q", before, after)
	}
}
