package component_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// curious asks the user once, and answers with what it hears.
func curious(env *atomic.Pointer[component.Env], body string) handler {
	return handler{start: mortal(env), handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		return task.Ask(ctx, component.Request{To: task.Acceptor, Type: event.TypeQuestion, Body: []byte(body)})
	}}
}

// beginWith is begin with somebody who can answer, or with nobody.
func (a *app) beginWith(user int, agent component.Kind) (in, ag running, turn *request) {
	ag = a.start("agent", agent)
	in = a.start("in", passing(), "agent")
	return in, ag, a.follow(event.TypeAsk, user)
}

func passing() handler {
	return handler{traits: component.Traits{Inline: true}, handle: pass("")}
}

func (a *app) follow(typ string, user int) *request {
	return call(a.t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: typ, Turn: "t1", Session: "s", User: user}})
}

// question is the next one that is pushed.
func (r *request) question(t *testing.T) event.UserQuestion {
	t.Helper()
	for {
		select {
		case m := <-r.pushes:
			var q event.UserQuestion
			if m.Type == event.TypeQuestion {
				if err := json.Unmarshal(m.Body, &q); err != nil {
					t.Fatal(err)
				}
				return q
			}
		case err := <-r.fail:
			t.Fatal(err)
		case m := <-r.reply:
			t.Fatalf("ended with %s", m.Body)
		}
	}
}

// say answers a question.
func (a *app) say(id, text string) error {
	a.t.Helper()
	r := call(a.t.Context(), a.net.find("in"), event.Message{
		Header: event.Header{Type: event.TypeSay, Turn: "t1", Session: "s"}, Body: event.Payload(event.UserAnswer{ID: id, Text: text}),
	})
	select {
	case <-r.reply:
		return nil
	case err := <-r.fail:
		return err
	}
}

func (r *request) answered(t *testing.T, want string) {
	t.Helper()
	select {
	case m := <-r.reply:
		if !strings.Contains(string(m.Body), want) {
			t.Errorf("got %s, want %s", m.Body, want)
		}
	case err := <-r.fail:
		t.Error(err)
	}
}

func TestAQuestionReachesWhoeverCanAnswer(t *testing.T) {
	a := newApp(t)
	var env atomic.Pointer[component.Env]
	in, ag, turn := a.beginWith(1, curious(&env, `{"question":"Which colour?"}`))
	q := turn.question(t)
	if q.Component != "agent" || q.Text != "Which colour?" || q.Turn != "t1" {
		t.Errorf("asked %+v", q)
	}
	other := a.follow(event.TypeAwait, 1) // who comes later is asked, too
	if again := other.question(t); again != q {
		t.Errorf("asked %+v", again)
	}
	if err := a.say("nonsense", "x"); err == nil || !strings.Contains(err.Error(), "there is no question") {
		t.Errorf("got %v", err)
	}
	for _, text := range []string{"red", "green"} { // the first one stands
		if err := a.say(q.ID, text); err != nil {
			t.Error(err)
		}
	}
	if m := <-other.pushes; m.Type != event.TypeSay || !strings.Contains(string(m.Body), "red") {
		t.Errorf("told %s %s", m.Type, m.Body)
	}
	turn.answered(t, "red")
	other.answered(t, "red")
	in.end(t)
	ag.end(t)
}

func TestAQuestionSurvivesWhoeverDies(t *testing.T) {
	for _, who := range []string{"the agent", "the agent, and the answer comes while it is dead", "the acceptor"} {
		t.Run(who, func(t *testing.T) {
			a := newApp(t)
			var env, inEnv atomic.Pointer[component.Env]
			agent := curious(&env, `{"question":"?"}`)
			ag := a.start("agent", agent)
			input := passing()
			input.start = mortal(&inEnv)
			in := a.start("in", input, "agent")
			turn := a.follow(event.TypeAsk, 1)
			q := turn.question(t)
			switch who {
			case "the acceptor":
				die(&inEnv)
				in.died(t)
				in = a.start("in", input, "agent")
				turn = a.follow(event.TypeAwait, 1)
				if again := turn.question(t); again != q {
					t.Errorf("asked %+v after %+v", again, q)
				}
			default:
				die(&env)
				ag.died(t)
				if who != "the agent" {
					if err := a.say(q.ID, "red"); err != nil {
						t.Error(err)
					}
				}
				ag = a.start("agent", agent)
			}
			if err := a.say(q.ID, "red"); err != nil {
				t.Error(err)
			}
			turn.answered(t, "red")
			for len(turn.pushes) > 0 {
				if m := <-turn.pushes; m.Type == event.TypeQuestion {
					t.Errorf("asked again: %s", m.Body)
				}
			}
			in.end(t)
			ag.end(t)
		})
	}
}

func TestWithoutAUserAQuestionEnds(t *testing.T) {
	for _, tt := range []struct {
		name, question, want string
		user                 int
	}{
		{"nobody is there", `{"question":"?"}`, event.NoUser, 0},
		{"the user takes too long", `{"question":"?","timeout_ms":60}`, "the user did not answer within 60ms", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newApp(t)
			a.timing.Asking = 40 * time.Millisecond
			var env atomic.Pointer[component.Env]
			in, ag, turn := a.beginWith(tt.user, curious(&env, tt.question))
			turn.answered(t, tt.want)
			in.end(t)
			ag.end(t)
		})
	}
}

func TestATurnThatIsCanceledTakesItsQuestionWithIt(t *testing.T) {
	a := newApp(t)
	var env atomic.Pointer[component.Env]
	in, ag, turn := a.beginWith(1, curious(&env, `{"question":"?"}`))
	turn.question(t)
	<-call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeCancel, Turn: "t1", Session: "s"}}).reply
	turn.answered(t, `canceled`)
	late := a.follow(event.TypeAwait, 1)
	late.answered(t, `canceled`)
	if len(late.pushes) > 0 {
		t.Error("an old question was shown")
	}
	in.end(t)
	ag.end(t)
}
