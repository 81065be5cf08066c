package component_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// busy is work that notices within a moment when nobody waits for it any more, and notes when it stopped.
type busy struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func (b *busy) work(ctx context.Context, name string, long time.Duration) error {
	t := time.NewTicker(time.Millisecond)
	defer t.Stop()
	for end := time.Now().Add(long); time.Now().Before(end); {
		b.mu.Lock()
		b.last[name] = time.Now()
		b.mu.Unlock()
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-t.C:
		}
	}
	return nil
}

// TestT40ADeadlineHoldsOverHopsAndCalls: a turn of 50 ms whose second hop calls a tool that would take a minute. The turn
// ends, and neither the hop nor the tool works on, and the hop behind them never begins.
func TestT40ADeadlineHoldsOverHopsAndCalls(t *testing.T) {
	for _, sideEffects := range []bool{false, true} {
		t.Run(fmt.Sprint("side effects ", sideEffects), func(t *testing.T) {
			a, b := newApp(t), &busy{last: map[string]time.Time{}}
			traits := component.Traits{SideEffects: sideEffects}
			ended := make(chan struct{})
			tl := a.start("tool", tool{handler{traits: traits}, func(ctx context.Context, _ component.Question) (component.Result, error) {
				defer close(ended)
				return text("done"), b.work(ctx, "tool", time.Minute)
			}})
			out := a.start("out", handler{handle: func(ctx context.Context, _ component.Task) (component.Result, error) {
				return component.Result{}, b.work(ctx, "out", time.Minute)
			}})
			mid := a.start("mid", handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
				return task.Ask(ctx, component.Request{To: "tool"})
			}}, "out")
			in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "mid")
			began := time.Now()
			turn := call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeAsk, Turn: "t1", Session: "s", TTL: 50}})
			if end := parsed(t, <-turn.reply); end.Status == event.StatusOK || !strings.Contains(end.Error, "deadline") {
				t.Errorf("ended %+v", end)
			}
			<-ended
			b.mu.Lock()
			if stopped := b.last["tool"].Sub(began); stopped > 5*time.Second { // 150 ms where nobody else uses the machine
				t.Errorf("the tool worked for %s", stopped)
			}
			if !b.last["out"].IsZero() {
				t.Error("the last hop began")
			}
			b.mu.Unlock()
			for _, r := range []running{in, mid, out, tl} {
				r.end(t)
			}
		})
	}
}

func TestACanceledTurnEndsTheCallsOfItsHops(t *testing.T) {
	a := newApp(t)
	began, gone := make(chan struct{}), make(chan error, 1)
	tl := a.start("tool", answering(func(ctx context.Context, _ component.Question) (component.Result, error) {
		close(began)
		<-ctx.Done()
		gone <- ctx.Err()
		return component.Result{}, ctx.Err()
	}))
	ag := a.start("agent", asking())
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "agent")
	turn := call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeAsk, Turn: "t1", Session: "s"}})
	<-began
	call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeCancel, Turn: "t1", Session: "s"}})
	if end := parsed(t, <-turn.reply); end.Status != event.StatusCanceled {
		t.Errorf("ended %+v", end)
	}
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the tool ended with %v", err)
	}
	for _, r := range []running{in, ag, tl} {
		r.end(t)
	}
}

// TestTheHopsOfATurnAreItsTime: what every hop measured of itself, added up, is the time from acceptance to end but for one
// part in twenty.
func TestTheHopsOfATurnAreItsTime(t *testing.T) {
	a := newApp(t)
	slow := func(ctx context.Context, task component.Task) (component.Result, error) {
		return component.Result{Body: task.Body}, (&busy{last: map[string]time.Time{}}).work(ctx, "", 400*time.Millisecond)
	}
	out := a.start("out", handler{handle: slow})
	mid := a.start("mid", handler{traits: component.Traits{MaxConcurrent: 1}, handle: slow}, "out")
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "mid")
	var best float64
	for n := range 10 { // a machine that is busy elsewhere takes time between the hops, but not every time
		first := call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeAsk, Turn: fmt.Sprint("a", n), Session: "s"}})
		end := a.ask(fmt.Sprint("b", n), "s", "x") // waits for the other one: its queueing counts, too
		<-first.reply
		sum := 0.0
		for _, h := range end.Hops {
			sum += h.QueueMS + h.ServiceMS
		}
		if share := sum / end.TookMS; share > 1.01 {
			t.Fatalf("the hops took %.1f ms of %.1f ms", sum, end.TookMS)
		} else if best = max(best, share); best > 0.95 {
			break
		}
	}
	if best < 0.95 {
		t.Errorf("the hops are %.3f of the whole", best)
	}
	for _, r := range []running{in, mid, out} {
		r.end(t)
	}
}
