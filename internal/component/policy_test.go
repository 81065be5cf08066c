package component_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// answering is a tool that is one function.
func answering(f func(context.Context, component.Question) (component.Result, error)) tool {
	return tool{answer: f}
}

// asking is an agent that asks the tool once and answers with what it got and how.
func asking() handler {
	return handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		got, err := task.Ask(ctx, component.Request{To: "tool", Body: task.Body})
		if err != nil {
			return component.Result{}, err
		}
		return text(string(got.Body) + " [" + got.Fallback + "]"), nil
	}}
}

func TestWhatStandsInForAnAnswerIsMarked(t *testing.T) {
	broken := answering(func(context.Context, component.Question) (component.Result, error) {
		return component.Result{}, errors.New("no such city")
	})
	for _, tt := range []struct {
		name     string
		fallback component.FallbackPolicy
		want     string // of the answer, or of the error
		trace    string
	}{
		{"nothing", component.FallbackPolicy{}, "agent: tool: no such city", ""},
		{"the error", component.FallbackPolicy{Kind: component.FallbackError}, "agent: tool: no such city", ""},
		{"a text", component.FallbackPolicy{Kind: component.FallbackStatic, Text: "somewhere"}, "somewhere [static]", "tool:static"},
		{"another component", component.FallbackPolicy{Kind: component.FallbackComponent, Component: "spare"}, "spare of hello [component]", "tool:component"},
		{"an answer that was never given", component.FallbackPolicy{Kind: component.FallbackCached}, "agent: tool: no such city", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newApp(t)
			a.calls = map[string]component.CallPolicy{"tool": {Fallback: tt.fallback}}
			tl := a.start("tool", broken)
			spare := a.start("spare", answering(func(_ context.Context, q component.Question) (component.Result, error) {
				return text("spare of " + string(q.Body)), nil
			}))
			ag := a.start("agent", asking())
			in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "agent")
			end := a.ask("t1", "s", "hello")
			if end.Answer+end.Error != tt.want {
				t.Errorf("got %q, error %q, want %q", end.Answer, end.Error, tt.want)
			}
			if got := end.Hops[1].Fallbacks; got != tt.trace {
				t.Errorf("the trace says %q, want %q", got, tt.trace)
			}
			for _, r := range []running{in, ag, tl, spare} {
				r.end(t)
			}
		})
	}
}

// TestWhatStandsInForACallInsideACallIsInTheTrace: whatever kind of component is in between, and when its answer comes
// from a receipt.
func TestWhatStandsInForACallInsideACallIsInTheTrace(t *testing.T) {
	for name, traits := range map[string]component.Traits{
		"a component": {}, "one that changes the world": {SideEffects: true}, "one that journals its steps": {Steps: true},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t)
			a.calls = map[string]component.CallPolicy{"model": {Fallback: component.FallbackPolicy{Kind: component.FallbackStatic, Text: "so"}}}
			model := a.start("model", answering(func(context.Context, component.Question) (component.Result, error) {
				return component.Result{}, errors.New("no idea")
			}))
			helper := func(to string) component.Kind {
				return tool{handler{traits: traits}, func(ctx context.Context, q component.Question) (component.Result, error) {
					return q.Ask(ctx, component.Request{To: to, Body: q.Body})
				}}
			}
			inner, tl := a.start("inner", helper("model")), a.start("tool", helper("inner"))
			ag := a.start("agent", asking())
			in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "agent")
			end := a.ask("t1", "s", "hello")
			if end.Answer != "so []" {
				t.Errorf("got %q, error %q", end.Answer, end.Error)
			}
			if got := end.Hops[1].Fallbacks; got != "tool/inner/model:static" {
				t.Errorf("the trace says %q", got)
			}
			for _, r := range []running{in, ag, tl, inner, model} {
				r.end(t)
			}
		})
	}
}

func TestACachedAnswerIsOfTheSameRequest(t *testing.T) {
	a := newApp(t)
	a.calls = map[string]component.CallPolicy{"tool": {Fallback: component.FallbackPolicy{Kind: component.FallbackCached}}}
	var broken atomic.Bool
	tl := a.start("tool", answering(func(_ context.Context, q component.Question) (component.Result, error) {
		if broken.Load() {
			return component.Result{}, errors.New("out of order")
		}
		return text("it is " + string(q.Body)), nil
	}))
	ag := a.start("agent", asking())
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "agent")
	a.ask("t1", "s", "one")
	broken.Store(true)
	if end := a.ask("t2", "s", "one"); end.Answer != "it is one [cached]" {
		t.Errorf("got %q, %q", end.Answer, end.Error)
	}
	if end := a.ask("t3", "s", "two"); end.Answer != "" || !strings.Contains(end.Error, "out of order") {
		t.Errorf("another question got %q, %q", end.Answer, end.Error)
	}
	for _, r := range []running{in, ag, tl} {
		r.end(t)
	}
}

func TestAFallbackIsAStepThatIsNotTakenTwice(t *testing.T) {
	a := newApp(t)
	a.calls = map[string]component.CallPolicy{"tool": {Fallback: component.FallbackPolicy{Kind: component.FallbackStatic, Text: "stands in"}}}
	var asked, runs atomic.Int32
	tl := a.start("tool", answering(func(context.Context, component.Question) (component.Result, error) {
		asked.Add(1)
		return component.Result{}, errors.New("no")
	}))
	var env atomic.Pointer[component.Env]
	agent := handler{start: mortal(&env), handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		got, err := task.Ask(ctx, component.Request{To: "tool"})
		if runs.Add(1) == 1 {
			die(&env)
			<-ctx.Done()
			return component.Result{}, ctx.Err()
		}
		return text(string(got.Body) + " [" + got.Fallback + "]"), err
	}}
	in, first, turn := a.begin(agent)
	first.died(t)
	second := a.start("agent", agent)
	if m := <-turn.reply; !strings.Contains(string(m.Body), "stands in [static]") || !strings.Contains(m.Trace, "tool:static") {
		t.Errorf("got %s, trace %s", m.Body, m.Trace)
	}
	if asked.Load() != 1 {
		t.Errorf("the tool was asked %d times", asked.Load())
	}
	in.end(t)
	second.end(t)
	tl.end(t)
}

func TestACallThatFailedIsMadeAgainAsOftenAsThePolicySays(t *testing.T) {
	for _, tt := range []struct {
		name   string
		policy component.CallPolicy
		traits component.Traits
		acted  int32
		ok     bool
	}{
		{"not at all", component.CallPolicy{}, component.Traits{}, 1, false},
		{"twice", component.CallPolicy{Retry: component.RetryPolicy{Attempts: 2}}, component.Traits{}, 2, false},
		{"until it goes well", component.CallPolicy{Retry: component.RetryPolicy{Attempts: 4}}, component.Traits{}, 3, true},
		{"but nothing that changes the world", component.CallPolicy{Retry: component.RetryPolicy{Attempts: 4}}, component.Traits{SideEffects: true}, 1, false},
		{
			"unless that may be repeated",
			component.CallPolicy{Retry: component.RetryPolicy{Attempts: 4}, Idempotent: true},
			component.Traits{SideEffects: true},
			3, true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newApp(t)
			tt.policy.Retry.Base = time.Millisecond
			a.calls = map[string]component.CallPolicy{"tool": tt.policy}
			var acted atomic.Int32
			tl := a.start("tool", tool{handler{traits: tt.traits}, func(context.Context, component.Question) (component.Result, error) {
				if n := acted.Add(1); n < 3 {
					return component.Result{}, fmt.Errorf("failure %d", n)
				}
				return text("well"), nil
			}})
			in, ag, turn := a.begin(asking())
			m := <-turn.reply
			if got := strings.Contains(string(m.Body), "well []"); got != tt.ok || acted.Load() != tt.acted {
				t.Errorf("it acted %d times, want %d; the end is %s", acted.Load(), tt.acted, m.Body)
			}
			in.end(t)
			ag.end(t)
			tl.end(t)
		})
	}
}

// overloaded is an error that says when to come back.
type overloaded struct{ after time.Duration }

func (e overloaded) Error() string             { return "too many requests" }
func (e overloaded) RetryAfter() time.Duration { return e.after }

func TestADeclaredOverloadIsWaitedForAndOpensTheBreakerForThatLong(t *testing.T) {
	a := newApp(t)
	var acted atomic.Int32
	var first, second time.Time
	tl := a.start("tool", answering(func(context.Context, component.Question) (component.Result, error) {
		if acted.Add(1) == 1 {
			first = time.Now()
			return component.Result{}, overloaded{80 * time.Millisecond}
		}
		second = time.Now()
		return text("now"), nil
	}))
	in, ag, turn := a.begin(asking())
	if m := <-turn.reply; string(m.Body) != "now []" {
		t.Errorf("got %s", m.Body)
	}
	if wait := second.Sub(first); wait < 80*time.Millisecond {
		t.Errorf("it came back after %s", wait)
	}
	list := call(t.Context(), a.net.find("agent"), event.Message{Header: event.Header{Type: event.TypeBreakers}})
	var rows []component.BreakerStatus
	if err := json.Unmarshal((<-list.reply).Body, &rows); err != nil || len(rows) != 1 || rows[0].State != "half-open" || rows[0].Failed != 0 {
		t.Errorf("breakers %+v, %v", rows, err)
	}
	in.end(t)
	ag.end(t)
	tl.end(t)
}

// TestABreakerAllowsAsManyFailuresAsItsThresholdSays: the share of calls that failed does not open it before.
func TestABreakerAllowsAsManyFailuresAsItsThresholdSays(t *testing.T) {
	a := newApp(t)
	a.calls = map[string]component.CallPolicy{"tool": {Failures: 12}}
	tl := a.start("tool", answering(func(context.Context, component.Question) (component.Result, error) {
		return component.Result{}, errors.New("out of order")
	}))
	ag := a.start("agent", asking())
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "agent")
	for n := 1; n <= 13; n++ {
		want := "out of order"
		if n == 13 {
			want = "breaker of tool/process_request is open: 12 failures in a row"
		}
		if end := a.ask(fmt.Sprint("t", n), "s", "x"); !strings.Contains(end.Error, want) {
			t.Errorf("call %d: %q, %q, want %q", n, end.Answer, end.Error, want)
		}
	}
	for _, r := range []running{in, ag, tl} {
		r.end(t)
	}
}

func TestANewInstanceClosesTheBreakerEarly(t *testing.T) {
	a := newApp(t)
	a.calls = map[string]component.CallPolicy{"tool": {Failures: 1, Recovery: time.Hour}}
	var broken atomic.Bool
	broken.Store(true)
	tl := answering(func(context.Context, component.Question) (component.Result, error) {
		if broken.Load() {
			return component.Result{}, errors.New("out of order")
		}
		return text("repaired"), nil
	})
	old := a.start("tool", tl)
	ag := a.start("agent", asking())
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "agent")
	a.ask("t1", "s", "x")
	if end := a.ask("t2", "s", "x"); !strings.Contains(end.Error, "breaker of tool/process_request is open") {
		t.Fatalf("got %q, %q", end.Answer, end.Error)
	}
	broken.Store(false)
	old.end(t)
	fresh := a.start("tool", tl)
	for n := 3; ; n++ { // until the agent has heard of it
		end := a.ask(fmt.Sprint("t", n), "s", "x")
		if end.Answer == "repaired []" {
			break
		}
		if !strings.Contains(end.Error, "breaker of") {
			t.Fatalf("got %q, %q", end.Answer, end.Error)
		}
	}
	for _, r := range []running{in, ag, fresh} {
		r.end(t)
	}
}

func TestWhatTheCalleeSaysComesBeforeWhatTheCallerSays(t *testing.T) {
	old := component.PolicyOf(map[string]any{"distributed": map[string]any{"circuit_breaker": map[string]any{"failure_threshold": int64(2)}}})
	if old.Failures != 2 {
		t.Errorf("the breaker of a distributed block opens after %d failures", old.Failures)
	}
	callee := component.PolicyOf(map[string]any{
		"timeout": 2.0, "retry": map[string]any{"attempts": int64(3), "base": 0.5}, "idempotent": true, "max_concurrent": int64(4),
		"fallback": map[string]any{"kind": "component", "component": "spare"},
	})
	caller := component.PolicyOf(map[string]any{
		"timeout": 9.0, "breaker": map[string]any{"failure_threshold": 7.0, "recovery_timeout": 30.0, "success_threshold": 1.0, "timeout": 8.0},
	})
	want := component.CallPolicy{
		Failures: 7, Successes: 1, Recovery: 30 * time.Second, Silence: 2 * time.Second,
		Retry: component.RetryPolicy{Attempts: 3, Base: 500 * time.Millisecond}, Idempotent: true, Concurrent: 8,
		Fallback: component.FallbackPolicy{Kind: "component", Component: "spare"},
	}
	if got := callee.Or(caller); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestAPolicyChangesWhileItsCallersRun(t *testing.T) {
	a := newApp(t)
	tl := a.start("tool", answering(func(context.Context, component.Question) (component.Result, error) {
		return component.Result{}, errors.New("no such city")
	}))
	ag := a.start("agent", asking())
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "agent")
	if end := a.ask("t1", "s", "x"); !strings.Contains(end.Error, "no such city") {
		t.Errorf("got %+v", end)
	}
	calls := event.Payload(map[string]component.CallPolicy{"tool": {Fallback: component.FallbackPolicy{Kind: component.FallbackStatic, Text: "somewhere"}}})
	<-call(t.Context(), a.net.find("agent"), event.Message{Header: event.Header{Type: event.TypeCalls}, Body: calls}).reply
	if end := a.ask("t2", "s", "x"); end.Answer != "somewhere [static]" {
		t.Errorf("got %+v", end)
	}
	for _, r := range []running{in, ag, tl} {
		r.end(t)
	}
}
