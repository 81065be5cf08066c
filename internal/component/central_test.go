package component_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// handing is the kind of the task master, with a hand on its life.
func handing(env *atomic.Pointer[component.Env]) component.Kind {
	return tool{handler{traits: component.Traits{Inline: true, Proxy: true}, handle: pass(""), start: mortal(env)}, nil}
}

// routesOf are the breakers of the agent.
func (a *app) routesOf(t *testing.T) (rows []component.BreakerStatus) {
	t.Helper()
	list := call(t.Context(), a.net.find("agent"), event.Message{Header: event.Header{Type: event.TypeBreakers}})
	if err := json.Unmarshal((<-list.reply).Body, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// until waits for something to happen in the middle of a turn.
func (r *request) until(t *testing.T, happened <-chan struct{}) {
	t.Helper()
	select {
	case <-happened:
	case m := <-r.reply:
		t.Fatalf("the turn ended before: %s", m.Body)
	}
}

// Whoever hands a call on may die in the middle of it, again and again: the callee is not blamed, and the call is made again.
func TestTheDeathOfTheMasterSaysNothingOfTheCallee(t *testing.T) {
	a := newApp(t)
	a.central = []string{"tool"}
	a.calls = map[string]component.CallPolicy{"tool": {Failures: 1, Recovery: time.Hour}}
	var env atomic.Pointer[component.Env]
	asked, answer := make(chan struct{}), make(chan struct{})
	tl := a.start("tool", answering(func(ctx context.Context, _ component.Question) (component.Result, error) {
		asked <- struct{}{}
		select {
		case <-answer:
			return text("at last"), nil
		case <-ctx.Done():
			return component.Result{}, ctx.Err()
		}
	}))
	master := a.start("master", handing(&env))
	in, ag, turn := a.begin(asking())
	for range 3 {
		turn.until(t, asked)
		die(&env)
		master.died(t)
		master = a.start("master", handing(&env))
	}
	turn.until(t, asked)
	answer <- struct{}{}
	if m := <-turn.reply; string(m.Body) != "at last []" {
		t.Errorf("got %s", m.Body)
	}
	if rows := a.routesOf(t); len(rows) != 1 || rows[0].State != "closed" || rows[0].Failed != 0 {
		t.Errorf("breakers %+v", rows)
	}
	for _, r := range []running{in, ag, tl, master} {
		r.end(t)
	}
}

// A master that hangs for longer than the callee may be silent delays the call, and does not fail it.
func TestASilentMasterSaysNothingOfTheCallee(t *testing.T) {
	a := newApp(t)
	a.central = []string{"tool"}
	a.calls = map[string]component.CallPolicy{"tool": {Failures: 1, Recovery: time.Hour, Silence: 200 * time.Millisecond}}
	var env atomic.Pointer[component.Env]
	tl := a.start("tool", answering(func(context.Context, component.Question) (component.Result, error) { return text("at last"), nil }))
	master := a.start("master", handing(&env))
	hung := a.net.hang("master")
	in, ag, turn := a.begin(asking())
	for range 3 { // the request, the question whether anybody is there, the next try
		turn.until(t, hung.calls)
	}
	hung.letGo()
	if m := <-turn.reply; string(m.Body) != "at last []" {
		t.Errorf("got %s", m.Body)
	}
	if rows := a.routesOf(t); len(rows) != 1 || rows[0].State != "closed" || rows[0].Failed != 0 {
		t.Errorf("breakers %+v", rows)
	}
	for _, r := range []running{in, ag, tl, master} {
		r.end(t)
	}
}

// The death of a callee is one failure, however many calls it ends, whichever way they took.
func TestADeathThatTheMasterTellsOfIsOneFailure(t *testing.T) {
	a := newApp(t)
	a.central = []string{"tool"}
	a.calls = map[string]component.CallPolicy{"tool": {Failures: 2, Recovery: time.Hour}}
	var env, own atomic.Pointer[component.Env]
	const turns = 5
	asked := make(chan struct{}, 2*turns)
	var alive atomic.Bool
	slow := tool{handler{start: mortal(&own)}, func(ctx context.Context, _ component.Question) (component.Result, error) {
		asked <- struct{}{}
		if !alive.Load() {
			<-ctx.Done()
		}
		return text("at last"), nil
	}}
	tl := a.start("tool", slow)
	master := a.start("master", handing(&env))
	ag := a.start("agent", asking())
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "agent")
	var all []*request
	for n := range turns {
		head := event.Header{Type: event.TypeAsk, Turn: fmt.Sprint("t", n), Session: fmt.Sprint("s", n)}
		all = append(all, call(t.Context(), a.net.find("in"), event.Message{Header: head}))
	}
	for range turns {
		<-asked
	}
	die(&own)
	tl.died(t)
	alive.Store(true)
	tl = a.start("tool", slow)
	for _, turn := range all {
		if m := <-turn.reply; string(m.Body) != "at last []" {
			t.Errorf("got %s", m.Body)
		}
	}
	if rows := a.routesOf(t); len(rows) != 1 || rows[0].State != "closed" || rows[0].Failed != 1 {
		t.Errorf("breakers %+v", rows)
	}
	for _, r := range []running{in, ag, tl, master} {
		r.end(t)
	}
}

// The one probe of a half-open breaker that is lost on its way is made again: the breaker does not open for it.
func TestAProbeThatDiesWithTheMasterIsGivenBack(t *testing.T) {
	a := newApp(t)
	a.central = []string{"tool"}
	a.calls = map[string]component.CallPolicy{"tool": {Failures: 1, Recovery: 20 * time.Millisecond}}
	var env atomic.Pointer[component.Env]
	var calls atomic.Int32
	probing := make(chan struct{})
	tl := a.start("tool", answering(func(ctx context.Context, _ component.Question) (component.Result, error) {
		switch calls.Add(1) {
		case 1:
			return component.Result{}, overloaded{20 * time.Millisecond}
		case 2:
			close(probing)
			<-ctx.Done()
			return component.Result{}, ctx.Err()
		}
		return text("well"), nil
	}))
	master := a.start("master", handing(&env))
	in, ag, turn := a.begin(asking())
	turn.until(t, probing)
	die(&env)
	master.died(t)
	master = a.start("master", handing(&env))
	if m := <-turn.reply; string(m.Body) != "well []" {
		t.Errorf("got %s", m.Body)
	}
	if rows := a.routesOf(t); len(rows) != 1 || rows[0].State != "half-open" || rows[0].Failed != 0 || rows[0].Succeeded != 1 {
		t.Errorf("breakers %+v", rows)
	}
	for _, r := range []running{in, ag, tl, master} {
		r.end(t)
	}
}

// What every component answers itself, as what it can be asked for, is asked of the callee and not of the master.
func TestTheMasterHandsOnEveryKindOfRequest(t *testing.T) {
	a := newApp(t)
	a.central = []string{"spade"}
	var env atomic.Pointer[component.Env]
	spade, master := a.start("spade", describing{tool{handler{}, nil}}), a.start("master", handing(&env))
	in, ag, turn := a.begin(handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		return task.Ask(ctx, component.Request{To: "spade", Type: event.TypeDescribe})
	}})
	if m := <-turn.reply; string(m.Body) != `{"text":"digs"}` {
		t.Errorf("got %s", m.Body)
	}
	for _, r := range []running{in, ag, spade, master} {
		r.end(t)
	}
}

// Where nobody hands on, the turn says who is missing when its time is over.
func TestATurnWhoseMasterStaysAwaySaysSo(t *testing.T) {
	a := newApp(t)
	a.central = []string{"tool"}
	tl := a.start("tool", answering(func(context.Context, component.Question) (component.Result, error) { return text("x"), nil }))
	in, ag, turn := a.begin(handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		_, err := task.Ask(ctx, component.Request{To: "tool"})
		return text(fmt.Sprint(err)), nil
	}})
	if m := <-turn.reply; !strings.Contains(string(m.Body), "by way of master") {
		t.Errorf("got %s", m.Body)
	}
	if rows := a.routesOf(t); len(rows) != 1 || rows[0].Failed != 0 {
		t.Errorf("breakers %+v", rows)
	}
	for _, r := range []running{in, ag, tl} {
		r.end(t)
	}
}
