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
	"sync"

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
	h := &hop{open: map[string]bus.Request{}}
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

// hop is the receiver of the bench's components. Without next it answers calls itself; with next a call goes round the
// chain first.
type hop struct {
	next bus.Link
	mu   sync.Mutex
	open map[string]bus.Request // calls on their way round, by turn
}

func (h *hop) Event(event.Message) {}

// Call answers, or sends the message round.
func (h *hop) Call(r bus.Request) {
	m := r.Message()
	if m.Type == typeHang {
		r.Push(event.Message{})
		return
	}
	if h.next == nil {
		r.Reply(event.Message{Body: m.Body})
		return
	}
	h.mu.Lock()
	h.open[m.Turn] = r
	h.mu.Unlock()
	h.next.Send(m, settled)
}

// Accept answers the call that a message began with, or sends it on. There is no journal: what is measured is the bus.
func (h *hop) Accept(batch []event.Message) []bus.Verdict {
	for _, m := range batch {
		h.mu.Lock()
		r := h.open[m.Turn]
		delete(h.open, m.Turn)
		h.mu.Unlock()
		if r != nil {
			r.Reply(event.Message{Body: m.Body})
		} else {
			h.next.Send(m, settled)
		}
	}
	return make([]bus.Verdict, len(batch))
}

func settled(v bus.Verdict) {
	if v.Code != bus.OK && v.Code != bus.Busy { // busy: the end of the run
		fmt.Fprintln(os.Stderr, "bench: a message was not taken:", v)
	}
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
	pairs := []Pair{call, ring}
	nats, err := besideNATS(ctx, self, call, &undo)
	if err != nil {
		return nil, nil, errors.Join(err, undo.run())
	}
	redis, err := besideRedis(ctx, self, dir, call, &undo)
	if err != nil {
		return nil, nil, errors.Join(err, undo.run())
	}
	return slices.Concat(pairs, nats, redis), undo.run, nil
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

// openRing: the skeleton of a turn. A call of 1 KiB goes as a chain message through three components and back to the
// first, each hop acknowledged, and is answered then. The baseline is a raw ring of as many processes.
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
	for _, names := range [][2]string{{"first", "second"}, {"second", "third"}, {"third", "first"}} {
		p, err := self.start(ctx, childHop, run, names[0], names[1])
		if err != nil {
			return Pair{}, err
		}
		undo.add(p.end)
	}
	peer, err := localbus.Join(ctx, localbus.Options{Dir: run, App: benchApp, Component: "agent", Role: localbus.RoleClient})
	if err != nil {
		return Pair{}, err
	}
	undo.add(peer.Close)
	return Pair{
		Name: "call → 1 → 2 → 3 → 1 → reply, 1 KiB, all acks", Baseline: "raw ring client → 1 → 2 → 3 → client of the same bytes",
		Raw: once, Goal: 4, GoalText: "p50 ≤ 4 × raw",
		Ours: func() error {
			_, err := peer.Call(ctx, "first", m, nil)
			return err
		},
	}, nil
}
