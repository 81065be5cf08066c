package bustest

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

func chainChecks() []Check {
	return []Check{
		{"chain/in order", chainInOrder},
		{"chain/headers", chainHeaders},
		{"chain/settled once", chainSettledOnce},
		{"chain/settled after it was taken", chainSettledAfter},
		{"chain/sender may hold a lock", chainLocks},
		{"chain/sends from a verdict", chainFromVerdict},
		{"chain/relayed while being taken", chainRelay},
		{"chain/concurrent senders", chainConcurrent},
		{"chain/same link", chainSameLink},
		{"chain/large", chainLarge},
		{"chain/too large", chainTooLarge},
	}
}

// Messages of one sender are taken in the order in which they were sent, each once, with the bodies that they had. The
// receiver keeps them: they stay what they were.
func chainInOrder(w *world) {
	const n = 2000
	in, got := newInbox(), newReceipts()
	gate, open := w.gate()
	var empty atomic.Bool
	w.net.Join("b", part{accept: func(batch []event.Message) []bus.Verdict {
		<-gate
		in.put(batch...)
		if len(batch) == 0 {
			empty.Store(true)
		}
		return yes(batch)
	}})
	l := w.net.Join("a", nil).Link("b")
	w.do("Send", func() {
		for i := 1; i <= n; i++ {
			l.Send(numbered(i), got.done(i))
			if i == n/2 {
				open() // half of them waited, and can travel together; the other half comes as it comes
			}
		}
	})
	got.all(w, n)
	w.settle(l)
	all := in.list()
	if len(all) != n+3 {
		w.Fatalf("%d messages were sent, %d were taken", n, len(all)-3)
	}
	w.inOrder(all[:n])
	if empty.Load() {
		w.Errorf("the receiver was given a batch of nothing")
	}
}

// Headers arrive as they were sent.
func chainHeaders(w *world) {
	in := newInbox()
	w.net.Join("b", takes(in))
	l := w.net.Join("a", nil).Link("b")
	done := make(chan bus.Verdict, 4)
	l.Send(event.Message{Header: full(), Body: []byte("x\x00\xff")}, func(v bus.Verdict) { done <- v })
	await(w, done, "the verdict")
	l.Send(event.Message{Header: event.Header{Type: "t"}}, func(v bus.Verdict) { done <- v })
	await(w, done, "the verdict")
	all := in.list()
	if len(all) != 2 {
		w.Fatalf("%d messages of 2", len(all))
	}
	w.sameHeader("chain message", all[0].Header, full())
	if string(all[0].Body) != "x\x00\xff" || len(all[1].Body) != 0 {
		w.Errorf("bodies: %q and %q", all[0].Body, all[1].Body)
	}
	if all[1].Source == "" || all[1].Subject == "" {
		w.Errorf("a message without source and subject arrived with %q and %q", all[1].Source, all[1].Subject)
	}
	if all[1].TTL != 0 {
		w.Errorf("a message without TTL arrived with %d", all[1].TTL)
	}
}

// Every message gets one verdict, no matter how many travel together.
func chainSettledOnce(w *world) {
	const n = 500
	in, got := newInbox(), newReceipts()
	w.net.Join("b", takes(in))
	l := w.net.Join("a", nil).Link("b")
	got.send(w, l, n)
	got.all(w, n)
	w.settle(l)
	got.exactlyOnce(w, n, bus.OK)
}

// Nobody is told that a message was taken before the receiver has said so.
func chainSettledAfter(w *world) {
	gate, open := w.gate()
	arrived := make(chan struct{}, 64)
	in := newInbox()
	w.net.Join("b", part{accept: func(batch []event.Message) []bus.Verdict {
		arrived <- struct{}{}
		<-gate
		return yes(batch)
	}})
	w.net.Join("other", takes(in))
	a := w.net.Join("a", nil)
	got := newReceipts()
	got.send(w, a.Link("b"), 10)
	await(w, arrived, "the first message")
	for range 5 {
		w.settle(a.Link("other")) // time enough for a verdict that nobody gave
	}
	if n := got.count(); n != 0 {
		w.Errorf("%d messages were settled while the receiver was still writing them down", n)
	}
	open()
	got.all(w, 10)
	got.exactlyOnce(w, 10, bus.OK)
}

// Verdicts come from another goroutine: a sender may hold a lock that its verdict takes. So may one whose message is too
// large, or goes to nobody.
func chainLocks(w *world) {
	w.net.Join("b", part{accept: yes})
	a := w.net.Join("a", nil)
	lock := make(chan struct{}, 1)
	over, _ := w.gate()
	got := newReceipts()
	locked := func(i int) func(bus.Verdict) {
		done := got.done(i)
		return func(v bus.Verdict) {
			select {
			case lock <- struct{}{}:
				done(v)
				<-lock
			case <-over: // the bus is wrong, and would wait here for ever
			}
		}
	}
	w.do("Send with a lock held", func() {
		lock <- struct{}{}
		defer func() { <-lock }()
		for i := 1; i <= 50; i++ {
			a.Link("b").Send(numbered(i), locked(i))
		}
		a.Link("b").Send(event.Message{Header: event.Header{Type: "t"}, Body: make([]byte, w.TooLarge)}, locked(51))
		a.Link("nobody").Send(numbered(52), locked(52))
	})
	got.all(w, 52)
}

// A verdict may send the next message.
func chainFromVerdict(w *world) {
	const n = 100
	in := newInbox()
	w.net.Join("b", takes(in))
	l := w.net.Join("a", nil).Link("b")
	end := make(chan struct{})
	var next func(i int)
	next = func(i int) {
		l.Send(numbered(i), func(bus.Verdict) {
			if i == n {
				close(end)
				return
			}
			next(i + 1)
		})
	}
	next(1)
	await(w, end, "the last of a hundred messages that each wait for the one before")
	w.inOrder(in.list())
}

// A receiver may send on what it takes, while it takes it.
func chainRelay(w *world) {
	const n = 200
	in, got, relayed := newInbox(), newReceipts(), newReceipts()
	var b bus.Bus
	ready := make(chan struct{})
	relay := part{accept: func(batch []event.Message) []bus.Verdict {
		<-ready
		for _, m := range batch {
			b.Link("c").Send(numbered(int(m.Seq)), relayed.done(int(m.Seq)))
		}
		return yes(batch)
	}}
	w.net.Join("c", takes(in))
	b = w.net.Join("b", relay)
	close(ready)
	got.send(w, w.net.Join("a", nil).Link("b"), n)
	got.all(w, n)
	relayed.all(w, n)
	relayed.exactlyOnce(w, n, bus.OK)
	w.inOrder(in.list())
}

// Many may send at once: nothing is lost or twice, and each goroutine's messages keep their order.
func chainConcurrent(w *world) {
	const seats, goroutines, each = 4, 3, 100
	in := newInbox()
	w.net.Join("b", takes(in))
	got := newReceipts()
	var wg sync.WaitGroup
	for s := range seats {
		l := w.net.Join(fmt.Sprint("a", s), nil).Link("b")
		for g := range goroutines {
			wg.Go(func() {
				for i := range each {
					m := numbered(i + 1)
					m.Session = fmt.Sprint(s, "/", g)
					l.Send(m, got.done((s*goroutines+g)*each+i+1))
				}
			})
		}
	}
	w.do("Send of all", wg.Wait)
	got.all(w, seats*goroutines*each)
	got.exactlyOnce(w, seats*goroutines*each, bus.OK)
	by := map[string][]event.Message{}
	for _, m := range in.list() {
		by[m.Session] = append(by[m.Session], m)
	}
	for who, all := range by {
		if len(all) != each {
			w.Fatalf("%d of %d messages of %s", len(all), each, who)
		}
		w.inOrder(all)
	}
	if len(by) != seats*goroutines {
		w.Errorf("messages of %d senders of %d", len(by), seats*goroutines)
	}
}

// A link is the same one each time, so that order holds whoever asks for it.
func chainSameLink(w *world) {
	w.net.Join("b", part{accept: yes})
	a := w.net.Join("a", nil)
	if a.Link("b") != a.Link("b") {
		w.Errorf("two links to the same component")
	}
	if a.Link("b") == a.Link("c") {
		w.Errorf("one link to two components")
	}
}

// What a bus says that it takes, it takes, whole.
func chainLarge(w *world) {
	in, got := newInbox(), newReceipts()
	w.net.Join("b", takes(in))
	body := []byte(strings.Repeat("0123456789abcdef", w.Large/16))
	w.net.Join("a", nil).Link("b").Send(event.Message{Header: event.Header{Type: "t"}, Body: body}, got.done(1))
	got.all(w, 1)
	got.exactlyOnce(w, 1, bus.OK)
	if all := in.list(); len(all) != 1 || string(all[0].Body) != string(body) {
		w.Errorf("a body of %d bytes did not arrive whole", len(body))
	}
}

// What is too large is refused for good, and what is around it goes its way.
func chainTooLarge(w *world) {
	in, got := newInbox(), newReceipts()
	w.net.Join("b", takes(in))
	l := w.net.Join("a", nil).Link("b")
	huge := event.Message{Header: event.Header{Type: "t"}, Body: make([]byte, w.TooLarge)}
	w.do("Send", func() {
		l.Send(numbered(1), got.done(1))
		l.Send(huge, got.done(2))
		l.Send(numbered(2), got.done(3))
	})
	got.all(w, 3)
	if vs := got.of(2); len(vs) != 1 || vs[0].Code != bus.TooLarge {
		w.Errorf("a message of %d bytes was settled with %+v", w.TooLarge, vs)
	}
	w.settle(l)
	if all := in.list(); len(all) != 5 {
		w.Errorf("%d messages of 5 were taken", len(all))
	} else {
		w.inOrder(all[:2])
	}
}
