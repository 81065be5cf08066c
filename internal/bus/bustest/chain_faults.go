package bustest

import (
	"fmt"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

func verdictChecks() []Check {
	return []Check{{"verdict/reaches the sender", verdictsReachSender}}
}

// Each message gets its own verdict, with everything that the receiver said, also when many were taken together.
func verdictsReachSender(w *world) {
	say := []bus.Verdict{
		{},
		{Code: bus.Busy, Reason: "full", RetryAfterMS: 250},
		{},
		{Code: bus.Expect, Seq: 1<<60 + 7, Reason: "a hole"},
		{},
		{Code: bus.Rebase, Reason: "unknown"},
		{Code: bus.UnknownType, Reason: "what?"},
		{Code: bus.Refused, Reason: "no \"way\"\n"},
		{Code: bus.TooLarge, Reason: "for me"},
		{Code: bus.Overloaded, Reason: "later", RetryAfterMS: 1},
		{},
		{Code: bus.Draining, Reason: "leaving"},
		{Code: bus.NotOwner, Reason: "elsewhere"},
		{},
	}
	gate, open := w.gate()
	arrived := make(chan struct{}, 64)
	w.net.Join("b", part{accept: func(batch []event.Message) []bus.Verdict {
		arrived <- struct{}{}
		<-gate // until everything is sent, so that what can travel together does
		out := make([]bus.Verdict, len(batch))
		for i, m := range batch {
			out[i] = say[(m.Seq-1)%uint64(len(say))]
		}
		return out
	}})
	l := w.net.Join("a", nil).Link("b")
	const rounds = 10
	got := newReceipts()
	l.Send(numbered(1), got.done(1))
	await(w, arrived, "the first message")
	w.do("Send", func() {
		for i := 2; i <= rounds*len(say); i++ {
			l.Send(numbered(i), got.done(i))
		}
	})
	open()
	got.all(w, rounds*len(say))
	for i := 1; i <= rounds*len(say); i++ {
		want := []bus.Verdict{say[(i-1)%len(say)]}
		if vs := got.of(i); !slices.Equal(vs, want) {
			w.Fatalf("message %d: the receiver said %+v, the sender heard %+v", i, want, vs)
		}
	}
}

func chainFaultChecks() []Check {
	return []Check{
		{"chain/connection lost", chainLost},
		{"chain/receiver dies", chainReceiverDies},
		{"chain/nobody", chainNobody},
	}
}

// When the connection is lost, what has no verdict comes back as busy, at once and in order; sent again, it arrives.
func chainLost(w *world) {
	for round := range 3 {
		b := fmt.Sprint("b", round)
		gate, open := w.gate()
		arrived := make(chan struct{}, 64)
		in, got := newInbox(), newReceipts()
		w.net.Join(b, part{accept: func(batch []event.Message) []bus.Verdict {
			arrived <- struct{}{}
			<-gate
			in.put(batch...)
			return yes(batch)
		}})
		a := fmt.Sprint("a", round)
		l := w.net.Join(a, nil).Link(b)
		order := newInbox()
		for i := 1; i <= 10; i++ {
			done := got.done(i)
			l.Send(numbered(i), func(v bus.Verdict) { order.put(numbered(i)); done(v) })
		}
		await(w, arrived, "a message")
		w.net.Cut(a, b)
		got.all(w, 10)
		w.inOrder(order.list())
		got.exactlyOnce(w, 10, bus.Busy)
		open()
		w.resend(l, 10)
		w.settle(l)
		got.exactlyOnce(w, 10, bus.Busy) // and not once more when the receiver came to an end with them
		for i := 1; i <= 10; i++ {
			in.has(w, string(bodyOf(i)))
		}
	}
}

// resend sends messages from 1 to n until each is taken, as their sender does.
func (w *world) resend(l bus.Link, n int) {
	w.Helper()
	until := time.Now().Add(w.Patience)
	for i := 1; i <= n; i++ {
		for {
			done := make(chan bus.Verdict, 1)
			l.Send(numbered(i), func(v bus.Verdict) { done <- v })
			v := await(w, done, "the verdict on a message that is sent again")
			if v.Code == bus.OK {
				break
			}
			if v.Code != bus.Busy || time.Now().After(until) {
				w.Fatalf("message %d, sent again, was refused: %+v", i, v)
			}
		}
	}
}

// When the receiver dies, what it did not acknowledge comes back as busy, and its successor gets it.
func chainReceiverDies(w *world) {
	gate, _ := w.gate() // it dies in the middle of it
	arrived := make(chan struct{}, 64)
	w.net.Join("b", part{accept: func(batch []event.Message) []bus.Verdict {
		arrived <- struct{}{}
		<-gate
		return yes(batch)
	}})
	l := w.net.Join("a", nil).Link("b")
	got := newReceipts()
	got.send(w, l, 10)
	await(w, arrived, "a message")
	w.net.Kill("b")
	got.all(w, 10)
	got.exactlyOnce(w, 10, bus.Busy)
	in := newInbox()
	w.net.Join("b", takes(in))
	w.resend(l, 10)
	if all := in.list(); len(all) < 10 {
		w.Errorf("the successor has %d of 10 messages", len(all))
	}
	got.exactlyOnce(w, 10, bus.Busy)
}

// A message to nobody is not lost and not kept for ever: its sender hears that it has to send it again.
func chainNobody(w *world) {
	a := w.net.Join("a", nil)
	got := newReceipts()
	got.send(w, a.Link("nobody"), 5)
	got.all(w, 5)
	got.exactlyOnce(w, 5, bus.Busy)
	in := newInbox()
	w.net.Join("nobody", takes(in))
	w.resend(a.Link("nobody"), 5)
}
