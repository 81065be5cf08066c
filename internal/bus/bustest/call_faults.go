package bustest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

func callFaultChecks() []Check {
	return []Check{
		{"call/deadline", callDeadline},
		{"call/canceled", callCanceled},
		{"call/not wanted any more", callUnwanted},
		{"call/callee dies", callCalleeDies},
		{"call/caller dies", callCallerDies},
		{"call/connection cut", callCut},
	}
}

// A deadline ends the call for the caller and for the callee.
func callDeadline(w *world) {
	p, asked := hangs()
	w.net.Join("callee", p)
	a := w.net.Join("a", nil)
	for range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), w.Patience/20)
		got := start(ctx, a, "callee", text(""))
		r := await(w, asked, "the call")
		if ttl := r.Message().TTL; ttl <= 0 || ttl > (w.Patience/20).Milliseconds() {
			w.Errorf("the callee was told that it has %d ms", ttl)
		}
		w.refused(await(w, got, "the end of a call whose deadline has passed"), "callee", bus.Deadline)
		await(w, r.Context().Done(), "the callee's context after the deadline")
		cancel()
	}
}

// Whoever no longer wants an answer is free at once; the callee hears of it; an answer that comes late goes nowhere.
func callCanceled(w *world) {
	p, asked := hangs()
	w.net.Join("callee", p)
	a := w.net.Join("a", nil)
	for i := range 10 {
		ctx, cancel := context.WithCancel(context.Background())
		got := start(ctx, a, "callee", text("given up"))
		r := await(w, asked, "the call")
		if err := r.Context().Err(); err != nil {
			w.Errorf("the callee's context ended before its time: %v", err)
		}
		cancel()
		if g := await(w, got, "the end of a canceled call"); !errors.Is(g.err, context.Canceled) {
			w.Fatalf("a canceled call ended with %v", g.err)
		}
		await(w, r.Context().Done(), "the callee's context after the cancel")
		next := start(context.Background(), a, "callee", text("next"))
		n := await(w, asked, "the next call")
		r.Push(text("late push"))
		r.Reply(text("late"))
		n.Reply(text(fmt.Sprint("right ", i)))
		if g := await(w, next, "the answer"); g.err != nil || string(g.m.Body) != fmt.Sprint("right ", i) {
			w.Fatalf("the next call got %q, %v", g.m.Body, g.err)
		}
	}
}

// Whoever gives up a call for good, because its turn was canceled, tells the callee so; whoever just leaves does not.
func callUnwanted(w *world) {
	p, asked := hangs()
	w.net.Join("callee", p)
	a := w.net.Join("a", nil)
	for _, tt := range []struct {
		cause error
		ttl   time.Duration
		told  bool
	}{{bus.ErrCanceled, 0, true}, {fmt.Errorf("the user: %w", bus.ErrCanceled), 0, true}, {bus.ErrCanceled, time.Hour, true}, {nil, 0, false}} {
		ctx, cancel := context.WithCancelCause(context.Background())
		timed, stop := context.WithCancel(ctx)
		if tt.ttl > 0 {
			timed, stop = context.WithTimeout(ctx, tt.ttl)
		}
		got := start(timed, a, "callee", text("given up"))
		r := await(w, asked, "the call")
		cancel(tt.cause)
		await(w, got, "the end of a canceled call")
		await(w, r.Context().Done(), "the callee's context after the cancel")
		if told := errors.Is(context.Cause(r.Context()), bus.ErrCanceled); told != tt.told {
			w.Fatalf("canceled because of %v, with a deadline in %s: the callee heard %v", tt.cause, tt.ttl, context.Cause(r.Context()))
		}
		stop()
	}
}

// Death of the callee fails every call to it at once, deadline or not.
func callCalleeDies(w *world) {
	p, asked := hangs()
	w.net.Join("callee", p)
	w.net.Join("other", part{call: echo})
	a := w.net.Join("a", nil)
	long, cancel := context.WithTimeout(context.Background(), 100*w.Patience)
	defer cancel()
	got := []<-chan answer{start(context.Background(), a, "callee", text("")), start(long, a, "callee", text(""))}
	for range got {
		await(w, asked, "the call")
	}
	w.ask(a, "other", "")
	w.net.Kill("callee")
	for _, g := range got {
		w.refused(await(w, g, "the end of a call whose callee is dead"), "callee", bus.PeerDied)
	}
	w.ask(a, "other", "")
	w.net.Join("callee", part{call: echo})
	w.ask(a, "callee", "again")
}

// Death of the caller is told to the callee, which need not work for nobody.
func callCallerDies(w *world) {
	p, asked := hangs()
	w.net.Join("callee", p)
	start(context.Background(), w.net.Join("a", nil), "callee", text(""))
	r := await(w, asked, "the call")
	w.net.Kill("a")
	await(w, r.Context().Done(), "the callee's context after the caller's death")
	r.Reply(text("into the dark"))
}

// A connection that breaks ends the calls on it; the next call makes a new one.
func callCut(w *world) {
	p, asked := hangs()
	w.net.Join("callee", p)
	a := w.net.Join("a", nil)
	for range 3 {
		got := start(context.Background(), a, "callee", text(""))
		r := await(w, asked, "the call")
		w.net.Cut("a", "callee")
		w.refused(await(w, got, "the end of a call whose connection is cut"), "callee", bus.PeerDied)
		await(w, r.Context().Done(), "the callee's context after the cut")
		again := start(context.Background(), a, "callee", text(""))
		await(w, asked, "the next call").Reply(text("again"))
		if g := await(w, again, "the answer after the cut"); g.err != nil || string(g.m.Body) != "again" {
			w.Fatalf("after the cut: %q, %v", g.m.Body, g.err)
		}
	}
}

func pushChecks() []Check {
	return []Check{
		{"push/in order before the answer", pushInOrder},
		{"push/never waits", pushNeverWaits},
	}
}

// Pieces of an answer come in order, each once, before the answer, and none after it.
func pushInOrder(w *world) {
	const pieces = 100
	w.net.Join("callee", part{call: func(r bus.Request) {
		go func() {
			for i := range pieces {
				r.Push(text(fmt.Sprint(i)))
			}
			r.Reply(text("end"))
		}()
	}})
	a := w.net.Join("a", nil)
	for range 10 {
		got := newInbox()
		var atReturn int
		var ended answer
		w.do("a call with pushes", func() {
			ended.m, ended.err = a.Call(context.Background(), "callee", text(""), func(m event.Message) { got.put(m) })
			atReturn = len(got.list())
		})
		if ended.err != nil || string(ended.m.Body) != "end" {
			w.Fatalf("the answer: %q, %v", ended.m.Body, ended.err)
		}
		w.ask(a, "callee", "") // nobody listens to these pushes
		all := got.list()
		if len(all) != pieces || atReturn != pieces {
			w.Fatalf("%d of %d pieces came before the answer, %d in all", atReturn, pieces, len(all))
		}
		for i, m := range all {
			if string(m.Body) != fmt.Sprint(i) {
				w.Fatalf("piece %d is %q", i, m.Body)
			}
		}
	}
}

// A reader that does not read loses pieces; it does not hold up who writes them.
func pushNeverWaits(w *world) {
	const pieces = 5000
	pushed := make(chan struct{})
	w.net.Join("callee", part{call: func(r bus.Request) {
		go func() {
			m := text(string(make([]byte, 1000)))
			for i := range pieces {
				m.Seq = uint64(i + 1)
				r.Push(m)
			}
			close(pushed)
			r.Reply(text("end"))
		}()
	}})
	a := w.net.Join("a", nil)
	gate, open := w.gate()
	got := newInbox()
	done := make(chan answer, 1)
	go func() {
		m, err := a.Call(context.Background(), "callee", text(""), func(m event.Message) { <-gate; got.put(m) })
		done <- answer{m, err}
	}()
	await(w, pushed, "the end of pushing to a reader that does not read")
	open()
	if end := await(w, done, "the answer"); end.err != nil || string(end.m.Body) != "end" {
		w.Fatalf("the answer: %q, %v", end.m.Body, end.err)
	}
	last := uint64(0)
	for _, m := range got.list() {
		if m.Seq <= last {
			w.Fatalf("piece %d came after piece %d", m.Seq, last)
		}
		last = m.Seq
	}
}
