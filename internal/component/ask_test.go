package component_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// tool is a kind that other components call.
type tool struct {
	handler
	answer func(context.Context, component.Question) (component.Result, error)
}

func (k tool) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	return k.answer(ctx, q)
}

func text(s string) component.Result { return component.Result{Body: []byte(s)} }

// mortal keeps the runner's environment, so that the test can make its process die.
func mortal(env *atomic.Pointer[component.Env]) func(component.Env) {
	return func(e component.Env) { env.Store(&e) }
}

// die ends the runner as if the process it stands for had been killed.
func die(env *atomic.Pointer[component.Env]) { env.Load().Fatal(137, errors.New("killed")) }

func (r running) died(t *testing.T) {
	t.Helper()
	if status := <-r.done; status == 0 {
		t.Error("it ended well")
	}
}

// begin starts an app of in → agent and asks it one turn.
func (a *app) begin(agent component.Kind) (in, ag running, turn *request) {
	ag = a.start("agent", agent)
	in = a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "agent")
	turn = call(a.t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeAsk, Turn: "t1", Session: "s"}})
	return in, ag, turn
}

func TestAHandlerThatRunsAgainGetsTheAnswersItHad(t *testing.T) {
	a := newApp(t)
	var asked, runs atomic.Int32
	tl := a.start("tool", tool{handler{traits: component.Traits{SideEffects: true}}, func(_ context.Context, q component.Question) (component.Result, error) {
		asked.Add(1)
		return text(strings.ToUpper(string(q.Body))), nil
	}})
	var env atomic.Pointer[component.Env]
	agent := handler{start: mortal(&env), handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		one, err := task.Ask(ctx, component.Request{To: "tool", Body: []byte("one")})
		if err != nil {
			return component.Result{}, err
		}
		if runs.Add(1) == 1 { // dies between the steps
			die(&env)
			<-ctx.Done()
			return component.Result{}, ctx.Err()
		}
		two, err := task.Ask(ctx, component.Request{To: "tool", Body: []byte("two")})
		return text(string(one.Body) + string(two.Body)), err
	}}
	in, first, turn := a.begin(agent)
	first.died(t)
	second := a.start("agent", agent)
	if m := <-turn.reply; !strings.Contains(string(m.Body), "ONETWO") {
		t.Errorf("got %s", m.Body)
	}
	if asked.Load() != 2 {
		t.Errorf("the tool acted %d times, want 2", asked.Load())
	}
	in.end(t)
	second.end(t)
	tl.end(t)
}

func TestACallerThatComesBackGetsTheReceipt(t *testing.T) {
	a := newApp(t)
	var acted atomic.Int32
	acting, release := make(chan struct{}), make(chan struct{})
	tl := a.start("tool", tool{handler{traits: component.Traits{SideEffects: true}}, func(context.Context, component.Question) (component.Result, error) {
		acted.Add(1)
		close(acting)
		<-release
		return text("done"), nil
	}})
	var env atomic.Pointer[component.Env]
	agent := handler{start: mortal(&env), handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		return task.Ask(ctx, component.Request{To: "tool"})
	}}
	in, first, turn := a.begin(agent)
	<-acting
	die(&env)
	first.died(t)
	second := a.start("agent", agent)
	close(release)
	if m := <-turn.reply; !strings.Contains(string(m.Body), "done") {
		t.Errorf("got %s", m.Body)
	}
	if acted.Load() != 1 {
		t.Errorf("the tool acted %d times", acted.Load())
	}
	in.end(t)
	second.end(t)
	tl.end(t)
}

func TestT41AnUnknownOutcomeIsNotSilentlyRepeated(t *testing.T) {
	for _, tt := range []struct {
		name      string
		onUnknown component.OnUnknown
		want      string
		acted     int32
	}{
		{"fail", "", `whether it took effect is unknown`, 1},
		{"retry", component.RetryUnknown, "done", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newApp(t)
			var acted atomic.Int32
			var env atomic.Pointer[component.Env]
			tl := tool{handler{traits: component.Traits{SideEffects: true}, start: mortal(&env)}, nil}
			tl.answer = func(ctx context.Context, _ component.Question) (component.Result, error) {
				if acted.Add(1) == 1 { // dies in the middle
					die(&env)
					<-ctx.Done()
				}
				return text("done"), nil
			}
			first := a.start("tool", tl)
			in, agent, turn := a.begin(handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
				return task.Ask(ctx, component.Request{To: "tool", OnUnknown: tt.onUnknown})
			}})
			first.died(t)
			second := a.start("tool", tl)
			if m := <-turn.reply; !strings.Contains(string(m.Body), tt.want) {
				t.Errorf("got %s", m.Body)
			}
			if acted.Load() != tt.acted {
				t.Errorf("the tool acted %d times, want %d", acted.Load(), tt.acted)
			}
			in.end(t)
			agent.end(t)
			second.end(t)
		})
	}
}

func TestADeadCalleeIsLeftAlone(t *testing.T) {
	a := newApp(t)
	var errs []string
	agent := handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		for range 7 {
			if _, err := task.Ask(ctx, component.Request{To: "tool"}); err != nil {
				errs = append(errs, err.Error())
			}
		}
		return text("done"), nil
	}}
	tl := a.start("tool", tool{handler{}, func(context.Context, component.Question) (component.Result, error) {
		return component.Result{}, errors.New("no such city")
	}})
	in, ag, turn := a.begin(agent)
	<-turn.reply
	if len(errs) != 7 || errs[0] != "tool: no such city" || !strings.HasPrefix(errs[6], "breaker of tool") {
		t.Errorf("got %q", errs)
	}
	list := call(t.Context(), a.net.find("agent"), event.Message{Header: event.Header{Type: event.TypeBreakers}})
	if m := <-list.reply; !strings.Contains(string(m.Body), `"state":"open"`) || !strings.Contains(string(m.Body), `"rejected":2`) {
		t.Errorf("breakers %s", m.Body)
	}
	in.end(t)
	ag.end(t)
	tl.end(t)
}

func TestAProcessThatDiesInACallLeavesItsOutcomeUnknown(t *testing.T) {
	a := newApp(t)
	tl := a.start("tool", tool{handler{traits: component.Traits{SideEffects: true}}, func(context.Context, component.Question) (component.Result, error) {
		return component.Result{}, fmt.Errorf("%w: exit status 3", component.ErrCrashed)
	}})
	in, agent, turn := a.begin(handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		return task.Ask(ctx, component.Request{To: "tool"})
	}})
	if m := <-turn.reply; !strings.Contains(string(m.Body), "whether it took effect is unknown") {
		t.Errorf("got %s", m.Body)
	}
	in.end(t)
	agent.end(t)
	tl.end(t)
}

func TestAResultIsNeverTakenForThatOfAnotherRequest(t *testing.T) {
	a := newApp(t)
	one := a.start("one", tool{handler{}, func(context.Context, component.Question) (component.Result, error) { return text("one"), nil }})
	two := a.start("two", tool{handler{}, func(context.Context, component.Question) (component.Result, error) { return text("two"), nil }})
	var env atomic.Pointer[component.Env]
	agent := func(to string, dies bool) handler {
		return handler{start: mortal(&env), handle: func(ctx context.Context, task component.Task) (component.Result, error) {
			r, err := task.Ask(ctx, component.Request{To: to})
			if dies {
				die(&env)
				<-ctx.Done()
				return component.Result{}, ctx.Err()
			}
			return r, err
		}}
	}
	in, first, turn := a.begin(agent("one", true))
	first.died(t)
	second := a.start("agent", agent("two", false)) // as another version of the app has it
	if m := <-turn.reply; !strings.Contains(string(m.Body), "its step 1 was a process_request to one, and is now a process_request to two") {
		t.Errorf("got %s", m.Body)
	}
	for _, r := range []running{in, second, one, two} {
		r.end(t)
	}
}
