package component_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

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
