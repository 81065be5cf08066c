package component_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// What changes the world goes on when its caller dies, who will ask for the result; it ends when the turn is canceled, and
// so does what it has asked in its turn.
func TestOnlyACancelEndsWhatChangesTheWorld(t *testing.T) {
	for _, canceled := range []bool{true, false} {
		name := map[bool]string{true: "the turn is canceled", false: "the caller dies"}[canceled]
		t.Run(name, func(t *testing.T) {
			a := newApp(t)
			working, goOn := make(chan struct{}, 2), make(chan struct{})
			ends := make(chan error, 2)
			works := func(ctx context.Context) (component.Result, error) {
				working <- struct{}{}
				select {
				case <-ctx.Done():
					ends <- context.Cause(ctx)
					return component.Result{}, context.Cause(ctx)
				case <-goOn:
					ends <- nil
					return text("done"), nil
				}
			}
			var env atomic.Pointer[component.Env]
			effects := handler{traits: component.Traits{SideEffects: true}}
			deep := a.start("deep", tool{effects, func(ctx context.Context, _ component.Question) (component.Result, error) { return works(ctx) }})
			spade := a.start("spade", tool{effects, func(ctx context.Context, q component.Question) (component.Result, error) {
				_, err := q.Ask(ctx, component.Request{To: "deep", Body: []byte("dig")})
				ends <- err
				return text("dug"), err
			}})
			in, ag, turn := a.begin(handler{start: mortal(&env), handle: func(ctx context.Context, task component.Task) (component.Result, error) {
				return task.Ask(ctx, component.Request{To: "spade", Body: []byte("a hole")})
			}})
			<-working
			if canceled {
				<-call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeCancel, Turn: "t1", Session: "s"}}).reply
				<-turn.reply
				for range 2 {
					if err := <-ends; !errors.Is(err, bus.ErrCanceled) {
						t.Errorf("a tool ended with %v, want that it was canceled", err)
					}
				}
			} else {
				die(&env)
				ag.died(t)
				close(goOn)
				for range 2 {
					if err := <-ends; err != nil {
						t.Errorf("a tool ended with %v although its result will be asked for", err)
					}
				}
			}
			for _, r := range []running{in, spade, deep} {
				r.end(t)
			}
			if canceled {
				ag.end(t)
			}
		})
	}
}
