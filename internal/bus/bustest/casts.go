package bustest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

func castChecks() []Check {
	return []Check{
		{"cast/arrives", castArrives},
		{"cast/headers", castHeaders},
		{"cast/at most once and in order", castInOrder},
		{"cast/never waits", castNeverWaits},
	}
}

// hears is a receiver that keeps casts in an inbox.
func hears(b *inbox) part { return part{event: func(m event.Message) { b.put(m) }} }

// A cast to a component that is there and has nothing else to do arrives.
func castArrives(w *world) {
	in := newInbox()
	w.net.Join("b", hears(in))
	a := w.net.Join("a", nil)
	for i := range 20 {
		a.Cast("b", text(fmt.Sprint(i)))
		in.has(w, fmt.Sprint(i))
	}
}

// Headers arrive as they were sent.
func castHeaders(w *world) {
	in := newInbox()
	w.net.Join("b", hears(in))
	w.net.Join("a", nil).Cast("b", event.Message{Header: full(), Body: []byte("x")})
	w.sameHeader("cast", in.has(w, "x")[0].Header, full())
}

// Casts of one sender come in order, and none comes twice.
func castInOrder(w *world) {
	const senders, each = 3, 300
	in := newInbox()
	w.net.Join("b", hears(in))
	var wg sync.WaitGroup
	seats := make([]bus.Bus, senders)
	for s := range senders {
		seats[s] = w.net.Join(fmt.Sprint("a", s), nil)
		seats[s].Cast("b", text("hello")) // the way is open
		in.until(w, "a first cast", func(all []event.Message) bool { return len(all) > s })
	}
	for s, a := range seats {
		wg.Go(func() {
			for i := 1; i <= each; i++ {
				m := numbered(i)
				m.Session = fmt.Sprint(s)
				a.Cast("b", m)
			}
		})
	}
	w.do("Cast of all", wg.Wait)
	for s, a := range seats {
		a.Cast("b", text(fmt.Sprint("end", s)))
		in.has(w, fmt.Sprint("end", s))
	}
	last := map[string]uint64{}
	for _, m := range in.list() {
		if m.Session == "" {
			continue
		}
		if m.Seq <= last[m.Session] {
			w.Fatalf("cast %d of sender %s came after its cast %d", m.Seq, m.Session, last[m.Session])
		}
		if string(m.Body) != string(bodyOf(int(m.Seq))) {
			w.Fatalf("the body of cast %d has changed", m.Seq)
		}
		last[m.Session] = m.Seq
	}
}

// A cast holds up nobody: not when its receiver is paused, not when there is none.
func castNeverWaits(w *world) {
	in := newInbox()
	w.net.Join("b", hears(in))
	w.net.Join("other", hears(in))
	a := w.net.Join("a", nil)
	a.Cast("b", text("open"))
	in.has(w, "open")
	resume := w.pause("b")
	body := strings.Repeat("x", 1000)
	w.do("Cast", func() {
		for range 10_000 {
			a.Cast("b", text(body))
			a.Cast("nobody", text(body))
		}
	})
	a.Cast("other", text("meanwhile"))
	in.has(w, "meanwhile")
	resume()
	in.has(w, body)
}

func isolationChecks() []Check {
	return []Check{
		{"isolation/paused receiver", isolationPaused},
		{"isolation/slow receiver", isolationSlow},
	}
}

// served checks that a component gets everything while another one is in trouble.
func (w *world) served(a bus.Bus, to string) {
	w.Helper()
	got := newReceipts()
	got.send(w, a.Link(to), 100)
	got.all(w, 100)
	got.exactlyOnce(w, 100, bus.OK)
	if m := w.ask(a, to, "hello"); string(m.Body) != "hello" {
		w.Errorf("got %q", m.Body)
	}
}

// Who is paused holds up nobody: Send returns, others are served, and nothing that was sent is lost.
func isolationPaused(w *world) {
	const n = 2000
	in, got := newInbox(), newReceipts()
	w.net.Join("slow", takes(in))
	w.net.Join("quick", part{accept: yes, call: echo})
	a := w.net.Join("a", nil)
	w.settle(a.Link("slow"))
	resume := w.pause("slow")
	big := make([]byte, 4096)
	w.do("Send to a paused component", func() {
		for i := 1; i <= n; i++ {
			m := event.Message{Header: event.Header{Type: event.TypeText, Seq: uint64(i)}, Body: big}
			a.Link("slow").Send(m, got.done(i))
		}
	})
	w.served(a, "quick")
	ctx, cancel := context.WithTimeout(context.Background(), w.Patience/20)
	defer cancel()
	w.refused(await(w, start(ctx, a, "slow", text("")), "the end of a call to a paused component"), "slow", bus.Deadline)
	resume()
	got.all(w, n)
	got.exactlyOnce(w, n, bus.OK)
	for i, m := range in.list()[3:] {
		if m.Seq != uint64(i+1) {
			w.Fatalf("message %d after the pause has number %d", i+1, m.Seq)
		}
	}
}

// Who takes long to write messages down holds up those who wait for it, and nobody else.
func isolationSlow(w *world) {
	gate, open := w.gate()
	arrived := make(chan struct{}, 64)
	w.net.Join("slow", part{accept: func(batch []event.Message) []bus.Verdict {
		arrived <- struct{}{}
		<-gate
		return yes(batch)
	}})
	w.net.Join("quick", part{accept: yes, call: echo})
	a, b := w.net.Join("a", nil), w.net.Join("b", nil)
	got := newReceipts()
	got.send(w, a.Link("slow"), 10)
	await(w, arrived, "a message")
	w.served(a, "quick")
	w.served(b, "quick")
	open()
	got.all(w, 10)
	got.exactlyOnce(w, 10, bus.OK)
}
