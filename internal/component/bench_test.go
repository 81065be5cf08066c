package component_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// BenchmarkTurn is a whole turn through three runners over a bus in memory: what the rules and the journals cost, without
// sockets and processes.
func BenchmarkTurn(b *testing.B) {
	a := &app{t: b, net: newNet(), state: b.TempDir()}
	same := func(_ context.Context, t component.Task) (component.Result, error) {
		return component.Result{Body: t.Body}, nil
	}
	inline := handler{traits: component.Traits{Inline: true}, handle: same}
	out := a.start("out", inline)
	mid := a.start("mid", inline, "out")
	in := a.start("in", inline, "mid")
	body := []byte(strings.Repeat("x", 1024))
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		req := call(context.Background(), a.net.find("in"), event.Message{
			Header: event.Header{Type: event.TypeAsk, Turn: fmt.Sprint("t", n), Session: "s"}, Body: body,
		})
		<-req.reply
	}
	close(in.stop)
	<-in.done
	close(mid.stop)
	<-mid.done
	close(out.stop)
	<-out.done
}

// BenchmarkDeadCallee is one call to a tool that only fails, once its breaker is open, and beside it one to a tool that
// is well: what a turn pays for a dead component, and whether its other calls notice. Each is journaled as a step.
func BenchmarkDeadCallee(b *testing.B) {
	a := &app{t: b, net: newNet(), state: b.TempDir()}
	a.calls = map[string]component.CallPolicy{"dead": {Recovery: time.Hour}}
	dead := a.start("dead", answering(func(context.Context, component.Question) (component.Result, error) {
		return component.Result{}, errors.New("no")
	}))
	well := a.start("well", answering(func(context.Context, component.Question) (component.Result, error) { return text("yes"), nil }))
	times := map[string][]time.Duration{}
	ask := func(ctx context.Context, task component.Task, to string) {
		before := time.Now()
		_, _ = task.Ask(ctx, component.Request{To: to}) // the one that is dead fails
		times[to] = append(times[to], time.Since(before))
	}
	ag := a.start("agent", handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		for range 10 {
			ask(ctx, task, "dead")
			ask(ctx, task, "well")
		}
		return text("done"), nil
	}})
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "agent")
	n := 0
	for b.Loop() {
		n++
		a.ask(fmt.Sprint("t", n), "s", "x")
	}
	for to, all := range times {
		all = all[min(5, len(all)):] // those that open it
		slices.Sort(all)
		b.ReportMetric(float64(all[len(all)*99/100].Nanoseconds())/1000, to+"-p99-µs")
		b.ReportMetric(float64(all[len(all)/2].Nanoseconds())/1000, to+"-p50-µs")
	}
	for _, r := range []running{in, ag, well, dead} {
		close(r.stop)
		<-r.done
	}
}
