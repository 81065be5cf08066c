package mcpserver_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// user answers a question of a turn after a while.
func user(after time.Duration, answer event.UserAnswer) func(context.Context, component.Request) (component.Result, error) {
	return func(ctx context.Context, q component.Request) (component.Result, error) {
		select {
		case <-time.After(after):
		case <-ctx.Done():
			return component.Result{}, ctx.Err()
		}
		b, err := json.Marshal(answer)
		return component.Result{ContentType: tool.JSON, Body: b}, err
	}
}

func (r *running) inTurn(ctx context.Context, turn, name string, ask func(context.Context, component.Request) (component.Result, error)) (string, error) {
	res, err := r.Kind.(component.Answerer).Answer(ctx, component.Question{
		Session: "s", Turn: turn, Acceptor: "you", Ask: ask, Body: tool.Call{Action: name}.Request("srv").Body,
	})
	return string(res.Body), err
}

func TestTheTimeOfAUserIsNotTheTimeOfACall(t *testing.T) {
	r := started(t, map[string]any{"timeout": 0.4})
	if got, err := r.inTurn(t.Context(), "t1", "asks", user(time.Second, event.UserAnswer{Text: "Yes"})); got != "acceptmap[sure:true]" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := r.inTurn(t.Context(), "t2", "asks", user(0, event.UserAnswer{None: event.NoUser})); got != "cancelmap[]" {
		t.Errorf("nobody is there: %q, %v", got, err)
	}
	if got, err := r.inTurn(t.Context(), "t3", "asks", user(0, event.UserAnswer{Text: "perhaps"})); got != "cancelmap[]" {
		t.Errorf("nothing that fits: %q, %v", got, err)
	}
}

// A question is of no call by name. With calls of two turns in flight it could go to the wrong person.
func TestAQuestionThatCouldBeOfTwoTurnsIsPutToNobody(t *testing.T) {
	r := started(t, map[string]any{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = r.inTurn(ctx, "t1", "slow", user(0, event.UserAnswer{}))
	}()
	until(t, r.log.on, "slow begins")
	if got, err := r.inTurn(t.Context(), "t2", "asks", user(0, event.UserAnswer{Text: "yes"})); got != "cancelmap[]" {
		t.Errorf("%q, %v", got, err)
	}
	cancel()
	<-ended
}
