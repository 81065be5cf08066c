package component_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/journal"
)

// gate is a disk whose syncs wait, and fail when it is broken.
type gate struct {
	mu     sync.Mutex
	open   chan struct{} // nil: nobody waits
	at     chan struct{} // gets one for each sync that waits
	broken bool
	syncs  int
}

func (g *gate) disk(op journal.Op, _ string, size int) (int, error) {
	g.mu.Lock()
	broken, open := g.broken, g.open
	if op == journal.OpSync {
		g.syncs++
	}
	g.mu.Unlock()
	if op == journal.OpSync && open != nil {
		g.at <- struct{}{}
		<-open
	}
	if broken {
		return 0, errors.New("the disk is broken")
	}
	return size, nil
}

func (g *gate) set(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
}

// submitted asks for a turn of a session and does not wait.
func submitted(a *app, n int) *request {
	head := event.Header{Type: event.TypeSubmit, Turn: fmt.Sprint("t", n), Session: "s"}
	return call(context.Background(), a.net.find("in"), event.Message{Header: head, Body: []byte("x")})
}

// atTheGate starts a component, makes one turn wait for the disk and asks for nine more meanwhile.
func atTheGate(t *testing.T) (*app, *gate, running, []*request) {
	a, g := newApp(t), &gate{at: make(chan struct{}, 100)}
	a.durability, a.disk = component.DurabilityDisk, g.disk
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("!")})
	if end := a.ask("first", "s", "x"); end.Answer != "x!" { // its partition has a segment now
		t.Fatalf("%+v", end)
	}
	open := make(chan struct{})
	g.set(func() { g.open, g.syncs = open, 0 })
	all := []*request{submitted(a, 0)}
	<-g.at
	for n := 1; n < 10; n++ {
		all = append(all, submitted(a, n)) // and this returns
	}
	return a, g, in, all
}

func TestStepsThatWaitForTheDiskShareASync(t *testing.T) {
	a, g, in, all := atTheGate(t)
	for _, req := range all {
		if len(req.reply) > 0 {
			t.Fatal("a turn was accepted before it was on the disk")
		}
	}
	g.set(func() { close(g.open); g.open = nil })
	for n, req := range all {
		<-req.reply
		if end := a.await(fmt.Sprint("t", n), "s"); end.Answer != "x!" {
			t.Errorf("%+v", end)
		}
	}
	g.set(func() {
		if g.syncs != 2 {
			t.Errorf("%d syncs for ten turns of which one was first", g.syncs)
		}
	})
	in.end(t)
}

func TestAllStepsOfAFailedSyncAreUndone(t *testing.T) {
	a, g, in, all := atTheGate(t)
	g.set(func() { close(g.open); g.open, g.broken = nil, true })
	for _, req := range all[1:] {
		var refused *bus.Error
		if err := <-req.fail; !errors.As(err, &refused) || refused.Code != bus.Busy {
			t.Errorf("%v", err)
		}
	}
	g.set(func() { g.broken = false })
	for n := 1; n < len(all); n++ {
		if end := a.ask(fmt.Sprint("t", n), "s", "x"); end.Answer != "x!" {
			t.Errorf("%+v", end)
		}
	}
	in.end(t)
	if report, turns := judge(t, a.state, "in"); len(report.Violations) > 0 || len(turns) < len(all) {
		t.Errorf("%v, %d turns", report.Violations, len(turns))
	}
}
