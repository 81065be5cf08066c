package bustest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

func callChecks() []Check {
	return []Check{
		{"call/answered", callAnswered},
		{"call/headers", callHeaders},
		{"call/asked once", callAskedOnce},
		{"call/correlated", callCorrelated},
		{"call/refused", callRefused},
		{"call/first answer counts", callFirstAnswer},
		{"call/large", callLarge},
		{"call/nobody", callNobody},
		{"call/waits for a start", callWaitsForStart},
	}
}

// The body arrives, so does the answer, and the callee knows which instance asks.
func callAnswered(w *world) {
	from := make(chan string, 16)
	w.net.Join("callee", part{call: func(r bus.Request) {
		from <- r.From()
		r.Reply(event.Message{Body: append([]byte("re:"), r.Message().Body...)})
	}})
	a, b := w.net.Join("a", nil), w.net.Join("b", nil)
	for _, body := range []string{"", "x", strings.Repeat("\x00\xff\n\"", 1000)} {
		if got := w.ask(a, "callee", body); string(got.Body) != "re:"+body {
			w.Errorf("asked %q, got %q", short(body), short(string(got.Body)))
		}
	}
	w.ask(b, "callee", "")
	first, second, third, other := await(w, from, "a name"), await(w, from, "a name"), await(w, from, "a name"), await(w, from, "a name")
	if first == "" || first != second || second != third || first == other {
		w.Errorf("three calls of one instance came from %q, %q and %q, one of another from %q", first, second, third, other)
	}
}

// Headers arrive as they were sent, in both directions and with pushes.
func callHeaders(w *world) {
	seen := make(chan event.Header, 1)
	w.net.Join("callee", part{call: func(r bus.Request) {
		seen <- r.Message().Header
		r.Push(event.Message{Header: full(), Body: []byte("push")})
		r.Reply(event.Message{Header: full(), Body: []byte("reply")})
	}})
	a := w.net.Join("a", nil)
	pushed := make(chan event.Header, 4)
	done := make(chan answer, 1)
	go func() {
		m, err := a.Call(context.Background(), "callee", event.Message{Header: full()}, func(m event.Message) { pushed <- m.Header })
		done <- answer{m, err}
	}()
	w.sameHeader("call", await(w, seen, "the call"), full())
	got := await(w, done, "the answer")
	if got.err != nil {
		w.Fatalf("%v", got.err)
	}
	w.sameHeader("push", await(w, pushed, "the push"), full())
	w.sameHeader("reply", got.m.Header, full())
	await(w, start(context.Background(), a, "callee", event.Message{Header: event.Header{Type: "t"}}), "the answer")
	if h := await(w, seen, "the call"); h.Source == "" || h.Subject == "" {
		w.Errorf("a call without source and subject arrived with %q and %q", h.Source, h.Subject)
	}
}

// A call is asked once.
func callAskedOnce(w *world) {
	seen := newInbox()
	w.net.Join("callee", part{call: func(r bus.Request) {
		seen.put(r.Message())
		echo(r)
	}})
	a := w.net.Join("a", nil)
	times := map[string]int{}
	for i := range 50 {
		w.ask(a, "callee", fmt.Sprint(i))
	}
	for _, m := range seen.list() {
		times[string(m.Body)]++
	}
	for i := range 50 {
		if n := times[fmt.Sprint(i)]; n != 1 {
			w.Errorf("call %d was asked %d times", i, n)
		}
	}
}

// However answers come, each reaches the call that it belongs to. The callee answers in the reverse order.
func callCorrelated(w *world) {
	const callers, rounds = 12, 5
	var mu sync.Mutex
	var held []bus.Request
	w.net.Join("callee", part{call: func(r bus.Request) {
		mu.Lock()
		defer mu.Unlock()
		if held = append(held, r); len(held) < callers {
			return
		}
		for i := range held {
			go echo(held[len(held)-1-i])
		}
		held = nil
	}})
	seats := []bus.Bus{w.net.Join("a", nil), w.net.Join("b", nil), w.net.Join("c", nil)}
	for round := range rounds {
		var got []<-chan answer
		for i := range callers {
			got = append(got, start(context.Background(), seats[i%len(seats)], "callee", text(fmt.Sprint(round, i))))
		}
		for i := range callers {
			if a := await(w, got[i], "an answer"); a.err != nil || string(a.m.Body) != fmt.Sprint(round, i) {
				w.Fatalf("round %d, call %d: got %q, %v", round, i, a.m.Body, a.err)
			}
		}
	}
}

// A refusal arrives with its code and its words.
func callRefused(w *world) {
	w.net.Join("callee", part{call: func(r bus.Request) {
		r.Fail(bus.Code(r.Message().Body), "because \"of\" this")
	}})
	a := w.net.Join("a", nil)
	for _, code := range []bus.Code{bus.Busy, bus.Draining, bus.Overloaded, bus.Refused, bus.UnknownType, "SOMETHING_NEW"} {
		got := await(w, start(context.Background(), a, "callee", text(string(code))), "the refusal")
		w.refused(got, "callee", code)
		if !strings.Contains(got.err.Error(), "because \"of\" this") {
			w.Errorf("%s: the words are lost: %v", code, got.err)
		}
	}
}

// Only the first answer counts, and a later one reaches nobody.
func callFirstAnswer(w *world) {
	w.net.Join("callee", part{call: func(r bus.Request) {
		body := string(r.Message().Body)
		if strings.HasPrefix(body, "fail") {
			r.Fail(bus.Refused, "first "+body)
		} else {
			r.Reply(text("first " + body))
		}
		r.Push(text("late"))
		r.Reply(text("second " + body))
		r.Fail(bus.Busy, "third "+body)
	}})
	a := w.net.Join("a", nil)
	for i := range 20 {
		if got := w.ask(a, "callee", fmt.Sprint(i)); string(got.Body) != fmt.Sprint("first ", i) {
			w.Fatalf("call %d got %q", i, got.Body)
		}
		w.refused(await(w, start(context.Background(), a, "callee", text(fmt.Sprint("fail", i))), "the refusal"), "callee", bus.Refused)
	}
}

// Large bodies go through; what is too large is refused, in either direction, and harms nothing else.
func callLarge(w *world) {
	w.net.Join("callee", part{call: func(r bus.Request) {
		if string(r.Message().Body) == "more" {
			r.Reply(event.Message{Body: make([]byte, w.TooLarge)})
			return
		}
		echo(r)
	}})
	a := w.net.Join("a", nil)
	body := strings.Repeat("0123456789abcdef", w.Large/16)
	if got := w.ask(a, "callee", body); string(got.Body) != body {
		w.Errorf("a body of %d bytes came back as %d others", len(body), len(got.Body))
	}
	for _, m := range []event.Message{{Body: make([]byte, w.TooLarge)}, text("more")} {
		w.refused(await(w, start(context.Background(), a, "callee", m), "the refusal"), "callee", bus.TooLarge)
	}
	w.ask(a, "callee", "still there")
}

// A call to nobody ends, although it has no deadline.
func callNobody(w *world) {
	a := w.net.Join("a", nil)
	w.refused(await(w, start(context.Background(), a, "nobody", text("")), "the end of a call to nobody"), "nobody", bus.NoTarget)
}

// A component that is about to start is waited for.
func callWaitsForStart(w *world) {
	w.net.Join("here", part{call: echo})
	a := w.net.Join("a", nil)
	for i := range 3 {
		late := fmt.Sprint("late", i)
		got := start(context.Background(), a, late, text("early"))
		for range 5 {
			w.ask(a, "here", "") // by now the first call is under way
		}
		w.net.Join(late, part{call: echo})
		if m := await(w, got, "the answer of the late one"); m.err != nil || string(m.m.Body) != "early" {
			w.Fatalf("got %q, %v", m.m.Body, m.err)
		}
	}
}
