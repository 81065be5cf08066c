package component_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/component"
)

var errKey = errors.New("the service refuses sk-0123456789")

func TestWhatWentWrongIsToldWithoutTheSecretsOfTheApp(t *testing.T) {
	a := newApp(t)
	a.secrets = []string{"sk-0123456789"}
	failing := a.start("failing", tool{handler{}, func(context.Context, component.Question) (component.Result, error) {
		return component.Result{ContentType: "text/x-ww-failure", Body: []byte("no answer to ?key=sk-0123456789")}, nil
	}})
	agent := a.start("agent", handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		res, err := task.Ask(ctx, component.Request{To: "failing"})
		if err != nil {
			return res, err
		}
		return component.Result{}, fmt.Errorf("%s; %w", res.Body, errKey)
	}})
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "agent")
	end := a.ask("t1", "s", "hello")
	if strings.Contains(end.Error, "0123456789") || !strings.Contains(end.Error, "no answer to ?key=••••; the service refuses ••••") {
		t.Errorf("it says: %s", end.Error)
	}
	for _, r := range []running{in, agent, failing} {
		r.end(t)
	}
}
