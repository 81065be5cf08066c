package agentllm_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// many is a reply with several calls.
func many(calls ...chat.Call) chat.Reply {
	for i := range calls {
		calls[i].ID = fmt.Sprint("c", i)
	}
	return chat.Reply{Calls: calls}
}

// beside is a task whose issued requests go on beside each other.
func beside(w *world, ask func(context.Context, component.Request) (component.Result, error)) component.Task {
	return component.Task{
		Turn: "t1", Session: "s", Acceptor: "you", Body: []byte("x"), Ask: w.ask,
		Chunk: func(string) {}, Restart: func() {},
		Issue: func(ctx context.Context, q component.Request) func() (component.Result, error) {
			var r component.Result
			var err error
			done := make(chan struct{})
			go func() {
				defer close(done)
				r, err = ask(ctx, q)
			}()
			return func() (component.Result, error) {
				<-done
				return r, err
			}
		},
	}
}

func TestTheCallsOfAReplyGoOnBesideEachOther(t *testing.T) {
	t.Parallel()
	w := &world{replies: []chat.Reply{many(chat.Call{Name: "sums__add", Arguments: `{"a":1}`}, chat.Call{Name: "sums__add", Arguments: `{"a":2}`}), says("ok")}}
	var both sync.WaitGroup
	both.Add(2)
	task := beside(w, func(_ context.Context, q component.Request) (component.Result, error) {
		both.Done()
		both.Wait() // each waits until the other one is under way
		return component.Result{ContentType: tool.Text, Body: q.Body}, nil
	})
	k := w.start(t, nil, "", events.Thought, events.Action, events.ToolCall, events.Observation, events.StepComplete)
	r, err := k.Handle(t.Context(), task)
	want(t, r, err, "ok")
	begin, end := []string{events.Thought, events.Action, events.ToolCall}, []string{events.Observation, events.StepComplete}
	order := append(append(append(append([]string{}, begin...), begin...), end...), end...)
	if d := cmp.Diff(order, w.calls); d != "" {
		t.Error(d)
	}
	m := w.asked[1].Messages
	if m[len(m)-2].Content != `{"action":"add","inputs":{"a":1}}` || m[len(m)-1].CallID != "c1" {
		t.Errorf("the model saw %+v", m)
	}
}

func TestCallsOfAToolThatWantsThemInOrderAreMadeInOrder(t *testing.T) {
	t.Parallel()
	w := &world{ordered: true, replies: []chat.Reply{many(
		chat.Call{Name: "sums__add", Arguments: `{"a":1}`}, chat.Call{Name: "sums__add", Arguments: `{"a":2}`}, chat.Call{Name: "sums__add", Arguments: `{"a":3}`}), says("ok")}}
	var mu sync.Mutex
	var running int
	var got []string
	task := beside(w, func(_ context.Context, q component.Request) (component.Result, error) {
		mu.Lock()
		running++
		if running > 1 {
			t.Error("two at once")
		}
		got = append(got, string(q.Body))
		mu.Unlock()
		defer func() {
			mu.Lock()
			running--
			mu.Unlock()
		}()
		return component.Result{ContentType: tool.Text}, nil
	})
	r, err := w.start(t, nil, "").Handle(t.Context(), task)
	want(t, r, err, "ok")
	if len(got) != 3 || got[0] != `{"action":"add","inputs":{"a":1}}` || got[2] != `{"action":"add","inputs":{"a":3}}` {
		t.Errorf("called %q", got)
	}
}

// life is one run of an agent: the requests are numbered, and those that have an answer in the book get it.
type life struct {
	w     *world
	book  map[int]component.Result
	keys  map[int]string
	dies  int // after so many new answers
	fresh int
	n     int
	t     *testing.T
}

var errDied = errors.New("killed")

func (l *life) ask(ctx context.Context, q component.Request) (component.Result, error) {
	if q.Type == event.TypeDescribe {
		return l.w.ask(ctx, q)
	}
	l.n++
	key := q.To + " " + q.Type
	if was, known := l.keys[l.n]; known && was != key {
		l.t.Errorf("request %d was %s and is %s", l.n, was, key)
	}
	l.keys[l.n] = key
	if r, known := l.book[l.n]; known {
		return r, nil
	}
	if l.fresh >= l.dies {
		return component.Result{}, errDied
	}
	l.fresh++
	r, err := l.w.ask(ctx, q)
	if err == nil {
		l.book[l.n] = r
	}
	return r, err
}

// A turn of ten calls, three of them at once and one a question, is killed after any number of steps, and after each: what
// has an answer is not asked again, and the answer of the turn is the same.
func TestARunThatComesAgainTakesTheSameWay(t *testing.T) {
	t.Parallel()
	script := func() *world {
		w := &world{user: event.UserAnswer{Text: "yes"}}
		for i := range 6 {
			w.replies = append(w.replies, wants("sums__add", fmt.Sprintf(`{"a":%d}`, i)))
		}
		w.replies = append(w.replies, many(
			chat.Call{Name: "sums__add", Arguments: `{"a":7}`}, chat.Call{Name: "mute", Arguments: `{"a":8}`}, chat.Call{Name: "sums__add", Arguments: `{"a":9}`}),
			wants("ask_user", `{"question":"more?"}`), says("done"))
		return w
	}
	run := func(w *world, book map[int]component.Result, keys map[int]string, dies int) (component.Result, error) {
		l := &life{w: w, book: book, keys: keys, dies: dies, t: t}
		k := w.start(t, map[string]any{"history": 0.0}, "", events.ToolCall, events.StepComplete)
		return k.Handle(t.Context(), component.Task{
			Turn: "t1", Session: "s", Acceptor: "you", Body: []byte("x"), Ask: l.ask, Chunk: func(string) {}, Restart: func() {},
			Issue: func(ctx context.Context, q component.Request) func() (component.Result, error) {
				r, err := l.ask(ctx, q)
				return func() (component.Result, error) { return r, err }
			},
		})
	}
	whole := script()
	r, err := run(whole, map[int]component.Result{}, map[int]string{}, 1000)
	want(t, r, err, "done")
	steps := len(whole.calls) + len(whole.asked)
	if steps < 30 {
		t.Fatalf("%d steps", steps)
	}
	for after := range steps {
		for name, next := range map[string]int{"once": 1000, "and after each step from there": 1} {
			w, book, keys := script(), map[int]component.Result{}, map[int]string{}
			r, err := run(w, book, keys, after)
			for again := 0; err != nil && again < 100; again++ {
				r, err = run(w, book, keys, next)
			}
			want(t, r, err, "done")
			if d := cmp.Diff(whole.calls, w.calls); d != "" || len(w.asked) != len(whole.asked) {
				t.Fatalf("killed after %d steps, %s: %d replies of the model, calls (-whole +killed)\n%s", after, name, len(w.asked), d)
			}
		}
	}
}
