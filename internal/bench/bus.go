package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/localbus"
)

// benchApp is the app that the bench's peers belong to.
const benchApp = "bec4bec4"

// bodySize is the body of the messages of the bus bench.
const bodySize = 1 << 10

// busChild is a component that answers every call with the body it got, and sends every chain message on to next.
func busChild(dir, name, next string, ready io.Closer) error {
	h := &hop{}
	p, err := localbus.Join(context.Background(), localbus.Options{Dir: dir, App: benchApp, Component: name, Receiver: h})
	if err != nil {
		return err
	}
	defer p.Close() //nolint:errcheck // the run directory is removed with all its files
	if next != "" {
		h.next = p.Link(next)
	}
	if err := p.Announce(localbus.Record{State: localbus.StateReady}); err != nil {
		return err
	}
	if err := ready.Close(); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin) // until the parent closes it or is gone
	return err
}

// hop is the receiver of the bench's components.
type hop struct{ next bus.Link }

func (h *hop) Event(event.Message) {}
func (h *hop) Call(r bus.Request)  { r.Reply(event.Message{Body: r.Message().Body}) }
func (h *hop) settled(v bus.Verdict) {
	if v.Code != bus.OK {
		fmt.Fprintln(os.Stderr, "bench: a message was not taken:", v)
	}
}

// Accept sends on without a journal: what is measured is the bus.
func (h *hop) Accept(batch []event.Message) []bus.Verdict {
	for _, m := range batch {
		h.next.Send(m, h.settled)
	}
	return make([]bus.Verdict, len(batch))
}

// question is a call with a header as an agent's call of a tool has it.
func question() event.Message {
	return event.Message{
		Header: event.Header{
			ID: "01JD0Z8W5C9T3N7Q/2/1", Source: "agent", Type: "tool.call", Subject: "bench", DataContentType: "application/json",
			Session: "01JD0Z8W5C9T3N7Q", Turn: "01JD0Z8W5C9T3N7Q", TTL: 30_000,
		},
		Body: []byte(strings.Repeat("x", bodySize)),
	}
}

// frameSize is what a question needs on the wire: the fixed part, the header and the body.
func frameSize(m event.Message) int {
	const fixed = 12
	return fixed + len(event.AppendHeader(nil, &m.Header)) + len(m.Body)
}

// openBus makes the pairs of the area "bus": what the bus costs, without journals and handlers.
func openBus(ctx context.Context, self Self, dir string) ([]Pair, func() error, error) {
	var undo cleanup
	call, err := openCall(ctx, self, dir, &undo)
	if err != nil {
		return nil, nil, errors.Join(err, undo.run())
	}
	ring, err := openRing(ctx, self, dir, &undo)
	if err != nil {
		return nil, nil, errors.Join(err, undo.run())
	}
	return []Pair{call, ring}, undo.run, nil
}

// cleanup ends in reverse order what was begun.
type cleanup []func() error

func (c *cleanup) add(f func() error) { *c = append(*c, f) }

func (c *cleanup) run() error {
	var errs []error
	for _, f := range slices.Backward(*c) {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// openCall: a call of 1 KiB between two processes, against a raw exchange of the same bytes.
func openCall(ctx context.Context, self Self, dir string, undo *cleanup) (Pair, error) {
	m := question()
	client, closeRaw, err := pingPong(ctx, self, dir, frameSize(m))
	if err != nil {
		return Pair{}, err
	}
	undo.add(closeRaw)
	run := filepath.Join(dir, "r")
	if err := os.Mkdir(run, 0o700); err != nil {
		return Pair{}, err
	}
	p, err := self.start(ctx, childBus, run, "bench")
	if err != nil {
		return Pair{}, err
	}
	undo.add(p.end)
	peer, err := localbus.Join(ctx, localbus.Options{Dir: run, App: benchApp, Component: "agent", Role: localbus.RoleClient})
	if err != nil {
		return Pair{}, err
	}
	undo.add(peer.Close)
	return Pair{
		Name: "call, 1 KiB, two processes", Baseline: "blocking read and write of the same bytes, two processes",
		Raw: client.Once, Goal: 2, GoalText: "p50 ≤ 2 × raw",
		Ours: func() error {
			_, err := peer.Call(ctx, "bench", m, nil)
			return err
		},
	}, nil
}

// openRing: a chain message of 1 KiB through three components and back, each hop acknowledged, against a raw ring. It is
// what a turn costs at least; the area "chain" has the turn itself.
func openRing(ctx context.Context, self Self, dir string, undo *cleanup) (Pair, error) {
	m := question()
	once, closeRing, err := RawRing(ctx, self, dir, 3, frameSize(m))
	if err != nil {
		return Pair{}, err
	}
	undo.add(closeRing)
	run := filepath.Join(dir, "c")
	if err := os.Mkdir(run, 0o700); err != nil {
		return Pair{}, err
	}
	back := make(home, 1)
	peer, err := localbus.Join(ctx, localbus.Options{Dir: run, App: benchApp, Component: "home", Receiver: back})
	if err != nil {
		return Pair{}, err
	}
	undo.add(peer.Close)
	if err := peer.Announce(localbus.Record{State: localbus.StateReady}); err != nil {
		return Pair{}, err
	}
	for _, names := range [][2]string{{"third", "home"}, {"second", "third"}, {"first", "second"}} {
		p, err := self.start(ctx, childHop, run, names[0], names[1])
		if err != nil {
			return Pair{}, err
		}
		undo.add(p.end)
	}
	first := peer.Link("first")
	return Pair{
		Name: "chain of links, 1 KiB, client → 1 → 2 → 3 → client", Baseline: "raw ring of the same bytes, four processes",
		Raw: once, Goal: 4, GoalText: "p50 ≤ 4 × raw",
		Ours: func() error {
			first.Send(m, func(bus.Verdict) {})
			select {
			case <-back:
				return nil
			case <-time.After(10 * time.Second):
				return errors.New("a message did not come back")
			}
		},
	}, nil
}

// home is where the chain of the bench ends.
type home chan struct{}

func (home) Event(event.Message)  {}
func (home) Call(req bus.Request) { req.Fail(bus.UnknownType, "home takes no calls") }
func (h home) Accept(batch []event.Message) []bus.Verdict {
	for range batch {
		h <- struct{}{}
	}
	return make([]bus.Verdict, len(batch))
}
