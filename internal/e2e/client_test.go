package e2e

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
	"github.com/woodwork-lang/ww/internal/turn"
	"github.com/woodwork-lang/ww/localbus"
)

// client is a seat of the test itself on the bus of an app that runs: it asks without a process for each question.
type client struct {
	*localbus.Peer
	p   *project
	dir string
	app string
	to  string // the input
	ask turn.Client

	patience time.Duration // how long a turn is waited for
}

// client joins the bus of the app. It stays for the rest of the test, whatever is restarted meanwhile.
func (p *project) client(input string) *client {
	p.t.Helper()
	apps, err := os.ReadDir(p.run)
	if err != nil || len(apps) != 1 {
		p.t.Fatalf("run directories: %v (%v)", apps, err)
	}
	c := &client{p: p, patience: patience, dir: filepath.Join(p.run, apps[0].Name()), app: apps[0].Name(), to: input}
	c.Peer, err = localbus.Join(p.t.Context(), localbus.Options{Dir: c.dir, App: apps[0].Name(), Component: "test", Role: localbus.RoleClient})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = c.Close() })
	c.ask = turn.Client{Bus: c.Peer}
	return c
}

// asked is a turn under way.
type asked struct {
	turn.Turn
	accepted chan struct{}
	done     chan struct{}
	end      event.End
	err      error
}

// start asks, and goes on beside.
func (c *client) start(session, text string) *asked {
	a := &asked{
		Turn:     turn.Turn{ID: turn.NewID(), Session: session, Text: text, To: c.to},
		accepted: make(chan struct{}), done: make(chan struct{}),
	}
	go func() {
		defer close(a.done)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.p.t.Context()), c.patience)
		defer cancel()
		a.end, a.err = c.ask.Ask(ctx, a.Turn, turn.Follow{Accepted: func() { close(a.accepted) }})
	}()
	return a
}

// ended waits for the end of a turn, which must have one of these statuses.
func (a *asked) ended(t testing.TB, want ...event.Status) {
	t.Helper()
	<-a.done
	if a.err != nil {
		t.Errorf("turn %.40q: %v", a.Text, a.err)
		return
	}
	for _, s := range want {
		if a.end.Status == s {
			return
		}
	}
	t.Errorf("turn %.40q ended %s (%s), want %v", a.Text, a.end.Status, a.end.Error, want)
}

// isAccepted waits until a turn is accepted, or is over.
func (a *asked) isAccepted() {
	select {
	case <-a.accepted:
	case <-a.done:
	}
}

// over says whether a turn has ended, or nobody waits for it any more.
func (a *asked) over() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// order gives a component orders for its seams, now or for its next start.
func (c *client) order(name string, nextStart bool, orders ...fault.Order) {
	c.p.t.Helper()
	body, err := json.Marshal(engine.Faults{Component: name, Orders: orders, NextStart: nextStart})
	if err != nil {
		c.p.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(c.p.t.Context(), patience)
	defer cancel()
	_, err = c.Call(ctx, "ww", event.Message{Header: event.Header{Type: engine.CallFault}, Body: body}, nil)
	if err != nil && !strings.Contains(err.Error(), string(bus.PeerDied)) { // it obeyed before it could say so: something late came by
		c.p.t.Fatalf("ordering faults of %s: %v", name, err)
	}
}

// ready is the process of a component that is ready; 0 when there is none.
func (c *client) ready(name string) int {
	recs, err := localbus.RecordsOf(c.dir, name)
	if err != nil {
		return 0
	}
	for _, r := range recs {
		if r.Alive && r.State == localbus.StateReady {
			return r.PID
		}
	}
	return 0
}

// replaced waits until another process than pid is ready as the component, and returns it; 0 when there is none in time.
func (c *client) replaced(name string, pid int, within time.Duration) int {
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(2 * time.Millisecond) { //nolint:forbidigo // between two looks at another process
		if now := c.ready(name); now != 0 && now != pid {
			return now
		}
	}
	return 0
}

// working waits until a component works on a turn.
func (c *client) working(name string) {
	c.p.t.Helper()
	c.p.until(name+" works on a turn", func() bool {
		recs, _ := localbus.RecordsOf(c.dir, name)
		for _, r := range recs {
			if h, err := c.Ping(c.p.t.Context(), r.Instance); err == nil && h.InFlight > 0 {
				return true
			}
		}
		return false
	})
}

// cancel asks once for the end of a turn.
func (c *client) cancel(a *asked) error { return c.ask.Cancel(c.p.t.Context(), a.Turn) }
