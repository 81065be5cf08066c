package localbus

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// storm is what the senders of the storm share.
type storm struct {
	stop     chan struct{}
	settled  sync.Map // id of a chain message → its verdicts
	sent     atomic.Int64
	answered atomic.Int64
	tick     chan struct{} // filled when a call is answered
	lost     atomic.Int64
}

func (s *storm) over() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// link sends chain messages, some at a time, and waits for all their verdicts.
func (s *storm) link(p *Peer, name string) {
	var wg sync.WaitGroup
	for n := 0; !s.over(); n++ {
		id := name + "-" + strconv.Itoa(n)
		count := new(atomic.Int32)
		s.settled.Store(id, count)
		s.sent.Add(1)
		wg.Add(1)
		p.Link("llm").Send(event.Message{Header: event.Header{ID: id, Type: "chain.text", Session: name}, Body: make([]byte, rand.IntN(2000))},
			func(bus.Verdict) {
				count.Add(1)
				wg.Done()
			})
		if n%50 == 0 {
			wg.Wait()
		}
	}
	wg.Wait()
}

// calls makes calls with pushes, cancels some, and checks that each answer is its own.
func (s *storm) calls(t *testing.T, p *Peer, name string) {
	for n := 0; !s.over(); n++ {
		body := name + strconv.Itoa(n)
		ctx, cancel := context.WithCancel(t.Context())
		if n%7 == 0 {
			time.AfterFunc(time.Duration(rand.IntN(500))*time.Microsecond, cancel)
		}
		pushed := ""
		m, err := p.Call(ctx, "llm", msg("q", body), func(m event.Message) { pushed += string(m.Body) })
		cancel()
		var be *bus.Error
		switch {
		case err == nil && (string(m.Body) != body || pushed != "12"):
			t.Errorf("call %q got %q after %q", body, m.Body, pushed)
		case err == nil:
			s.answered.Add(1)
			select {
			case s.tick <- struct{}{}:
			default:
			}
		case errors.Is(err, context.Canceled), errors.As(err, &be) && (be.Code == bus.PeerDied || be.Code == bus.NoTarget):
			s.lost.Add(1)
		default:
			t.Errorf("call: %v", err)
		}
	}
}

func TestStormOfRestarts(t *testing.T) {
	dir := runDir(t)
	s := &storm{stop: make(chan struct{}), tick: make(chan struct{}, 1)}
	receiver := part{
		accept: func(b []event.Message) []bus.Verdict { return make([]bus.Verdict, len(b)) },
		call: func(r bus.Request) {
			answer := func() {
				r.Push(msg("", "1"))
				r.Push(msg("", "2"))
				echo(r)
			}
			if rand.IntN(2) == 0 {
				answer()
				return
			}
			go answer()
		},
	}
	var wg sync.WaitGroup
	for i := range 3 {
		p := join(t, Options{Dir: dir, Component: "in" + strconv.Itoa(i)})
		wg.Go(func() { s.link(p, "link"+strconv.Itoa(i)) })
		wg.Go(func() { s.calls(t, p, "call"+strconv.Itoa(i)+"-") })
	}
	for range 15 {
		llm, err := Join(t.Context(), Options{Dir: dir, App: "0123abcd", Component: "llm", Receiver: receiver})
		if err != nil {
			t.Fatal(err)
		}
		ready(t, llm)
		for range 30 {
			<-s.tick
		}
		if err := llm.Close(); err != nil {
			t.Fatal(err)
		}
	}
	last := ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: receiver}))
	close(s.stop)
	wg.Wait()
	s.settled.Range(func(id, count any) bool {
		if n := count.(*atomic.Int32).Load(); n != 1 {
			t.Errorf("message %s has %d verdicts", id, n)
		}
		return true
	})
	t.Logf("%d messages, %d calls answered, %d calls lost, last instance %s", s.sent.Load(), s.answered.Load(), s.lost.Load(), last.Instance())
}
