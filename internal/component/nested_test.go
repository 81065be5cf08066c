package component_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// describing is a tool that says what it can do.
type describing struct{ tool }

func (describing) Describe(context.Context) (component.Result, error) {
	return component.Result{ContentType: "application/json", Body: []byte(`{"text":"digs"}`)}, nil
}

func TestAQuestionThatComesAgainAsksUnderTheSameIds(t *testing.T) {
	a := newApp(t)
	var acted atomic.Int32
	spade := a.start("spade", tool{handler{traits: component.Traits{SideEffects: true}}, func(_ context.Context, q component.Question) (component.Result, error) {
		acted.Add(1)
		return text("dug " + string(q.Body)), nil
	}})
	var env atomic.Pointer[component.Env]
	var runs atomic.Int32
	inner := tool{handler{start: mortal(&env)}, func(ctx context.Context, q component.Question) (component.Result, error) {
		r, err := q.Ask(ctx, component.Request{To: "spade", Body: q.Body})
		if err == nil && runs.Add(1) == 1 { // dies with what it heard
			die(&env)
			<-ctx.Done()
			return component.Result{}, ctx.Err()
		}
		return r, err
	}}
	first := a.start("inner", inner)
	agent := handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		return task.Ask(ctx, component.Request{To: "inner", Body: []byte("a hole")})
	}}
	in, ag, turn := a.begin(agent)
	first.died(t)
	second := a.start("inner", inner)
	if m := <-turn.reply; !strings.Contains(string(m.Body), "dug a hole") {
		t.Errorf("got %s", m.Body)
	}
	if acted.Load() != 1 {
		t.Errorf("the tool acted %d times, want once", acted.Load())
	}
	for _, r := range []running{in, ag, second, spade} {
		r.end(t)
	}
}

// A kind that journals its steps does nothing twice, also where its callees keep no receipts.
func TestAQuestionWithStepsIsGoneOnWith(t *testing.T) {
	for _, dies := range []string{"between two steps", "and its caller too", "its caller alone"} {
		t.Run(dies, func(t *testing.T) {
			a := newApp(t)
			var mu sync.Mutex
			var asked []string
			spade := a.start("spade", tool{handler{}, func(_ context.Context, q component.Question) (component.Result, error) {
				mu.Lock()
				defer mu.Unlock()
				asked = append(asked, string(q.Body))
				return text("dug " + string(q.Body)), nil
			}})
			var innerEnv, env atomic.Pointer[component.Env]
			var runs atomic.Int32
			half := make(chan struct{}, 10)
			goOn := make(chan struct{})
			inner := tool{handler{start: mortal(&innerEnv), traits: component.Traits{Steps: true}}, func(ctx context.Context, q component.Question) (component.Result, error) {
				one, err := q.Ask(ctx, component.Request{To: "spade", Body: []byte("one")})
				if err != nil {
					return component.Result{}, err
				}
				if runs.Add(1) == 1 {
					half <- struct{}{}
					select {
					case <-ctx.Done():
						return component.Result{}, ctx.Err()
					case <-goOn:
					}
				}
				two, three := q.Issue(ctx, component.Request{To: "spade", Body: []byte("two")}), q.Issue(ctx, component.Request{To: "spade", Body: []byte("three")})
				r2, err2 := two()
				r3, err3 := three()
				return text(string(one.Body) + ", " + string(r2.Body) + ", " + string(r3.Body)), errors.Join(err2, err3)
			}}
			first := a.start("inner", inner)
			agent := handler{start: mortal(&env), handle: func(ctx context.Context, task component.Task) (component.Result, error) {
				return task.Ask(ctx, component.Request{To: "inner", Body: []byte("holes")})
			}}
			in, ag, turn := a.begin(agent)
			<-half
			if dies != "between two steps" {
				die(&env)
				ag.died(t)
			}
			if dies != "its caller alone" {
				die(&innerEnv)
				first.died(t)
				first = a.start("inner", inner)
			}
			if dies != "between two steps" {
				ag = a.start("agent", agent)
			}
			if dies == "its caller alone" {
				close(goOn)
			}
			if m := <-turn.reply; !strings.Contains(string(m.Body), "dug one, dug two, dug three") {
				t.Errorf("got %s", m.Body)
			}
			mu.Lock()
			if len(asked) != 3 || asked[0] != "one" {
				t.Errorf("asked %q, want each once", asked)
			}
			mu.Unlock()
			for _, r := range []running{in, ag, first, spade} {
				r.end(t)
			}
		})
	}
}

func TestPiecesOfAnAnswerGoToWhoeverAsks(t *testing.T) {
	a := newApp(t)
	poet := a.start("poet", tool{handler{}, func(_ context.Context, q component.Question) (component.Result, error) {
		q.Chunk("one ")
		q.Chunk("")
		q.Chunk("two")
		return text("one two"), nil
	}})
	var mu sync.Mutex
	var heard []string
	agent := handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		return task.Ask(ctx, component.Request{To: "poet", Chunk: func(s string) {
			mu.Lock()
			defer mu.Unlock()
			heard = append(heard, s)
		}})
	}}
	in, ag, turn := a.begin(agent)
	<-turn.reply
	mu.Lock()
	if got := strings.Join(heard, "|"); got != "one |two" {
		t.Errorf("heard %q", got)
	}
	mu.Unlock()
	for _, r := range []running{in, ag, poet} {
		r.end(t)
	}
}

func TestAComponentSaysWhatItCanBeAskedFor(t *testing.T) {
	a := newApp(t)
	spade := a.start("spade", describing{tool{handler{}, nil}})
	mute := a.start("mute", tool{handler{}, nil})
	ask := event.Message{Header: event.Header{Type: event.TypeDescribe}}
	if m := <-call(t.Context(), a.net.find("spade"), ask).reply; string(m.Body) != `{"text":"digs"}` {
		t.Errorf("got %s", m.Body)
	}
	if err := <-call(t.Context(), a.net.find("mute"), ask).fail; !strings.Contains(err.Error(), "does not describe itself") {
		t.Errorf("got %v", err)
	}
	spade.end(t)
	mute.end(t)
}

// A failure is no result to keep: who asks once more, because its retry says so, gets another try.
func TestAQuestionWithStepsThatFailedIsTriedAnew(t *testing.T) {
	a := newApp(t)
	a.calls = map[string]component.CallPolicy{"inner": {Retry: component.RetryPolicy{Attempts: 3, Base: 1}}}
	var runs atomic.Int32
	inner := a.start("inner", tool{handler{traits: component.Traits{Steps: true}}, func(ctx context.Context, q component.Question) (component.Result, error) {
		if runs.Add(1) < 3 {
			return component.Result{}, errors.New("the model is tired")
		}
		return text("rested"), nil
	}})
	in, ag, turn := a.begin(handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		return task.Ask(ctx, component.Request{To: "inner"})
	}})
	if m := <-turn.reply; !strings.Contains(string(m.Body), "rested") {
		t.Errorf("got %s after %d runs", m.Body, runs.Load())
	}
	for _, r := range []running{in, ag, inner} {
		r.end(t)
	}
}
