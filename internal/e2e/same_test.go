package e2e

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
)

// ended says whether the END of a turn is in the journal of you.
func (p *project) ended(id string) bool {
	n := 0
	p.records("you", func(d delivery.Record) {
		if d.Kind == delivery.End && d.Head.Turn == id {
			n++
		}
	})
	return n == 1
}

// TestT38OneTurnAThousandTimes: the same submit, from many at once and over a restart, is one turn.
func TestT38OneTurnAThousandTimes(t *testing.T) {
	t.Parallel()
	p := newProject(t, hello)
	p.write("brain.script", "otherwise\n    log \"worked on {text}\"\n    wait 300ms\n    say \"you said {text}\"\n")
	p.must("dev", "-d")
	c := p.client("you")
	m := event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: "t-same", Session: "s", DataContentType: "text/plain"}, Body: []byte("once")}
	before := c.ready("you")
	var all sync.WaitGroup
	for n := range 10 {
		all.Go(func() {
			for k := range 100 {
				for {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					_, err := c.Call(ctx, "you", m, nil)
					late := ctx.Err() != nil
					cancel()
					if err == nil {
						break
					}
					if late {
						t.Errorf("submit %d of %d: %v", k, n, err)
						return
					}
				}
				if n == 0 && k == 30 {
					p.kill(before, syscall.SIGKILL)
				}
			}
		})
	}
	all.Wait()
	a := c.start("s", "after")
	a.ended(t, event.StatusOK)
	if n := p.recorded("you", delivery.Turn, "t-same"); n != 1 {
		t.Errorf("%d TURN records, want 1", n)
	}
	if n := p.logged("brain", "worked on once"); n != 1 {
		t.Errorf("the handler ran %d times, want once", n)
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Accepted != 2 || r.Ended[event.StatusOK] != 2 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 2 turns, all answered", r)
	}
}

// TestT38OneMessageAThousandTimes: the messages of a channel come many times, side by side, in the wrong order and over a
// restart: each is in the receiver's journal once, in the order of their numbers.
func TestT38OneMessageAThousandTimes(t *testing.T) {
	t.Parallel()
	p := newProject(t, hello)
	p.must("dev", "-d")
	c := p.client("you")
	const last = 5
	message := func(seq uint64) event.Message {
		return event.Message{Header: event.Header{
			ID: fmt.Sprintf("b.%d", seq), Type: event.TypeText, Source: "ghost", Subject: "screen", Session: "s", Base: "b", Seq: seq,
			Turn: fmt.Sprintf("t-%d", seq), Origin: "you", DataContentType: "text/plain",
		}, Body: []byte("boo")}
	}
	var mu sync.Mutex
	verdicts := map[bus.Code]int{}
	taken := map[uint64]bool{}
	send := func(seq uint64, done *sync.WaitGroup) {
		done.Add(1)
		c.Link("screen").Send(message(seq), func(v bus.Verdict) {
			defer done.Done()
			mu.Lock()
			defer mu.Unlock()
			verdicts[v.Code]++
			taken[seq] = taken[seq] || v.Code == bus.OK
		})
	}
	for round := range 20 {
		var wave sync.WaitGroup
		for range 10 {
			for seq := uint64(last); seq >= 1; seq-- { // the wrong order
				send(seq, &wave)
			}
		}
		if round == 3 {
			p.kill(c.ready("screen"), syscall.SIGKILL)
		}
		wave.Wait()
	}
	for seq := uint64(1); seq <= last; seq++ { // what was never the next one while it came
		for !taken[seq] {
			var one sync.WaitGroup
			send(seq, &one)
			one.Wait()
		}
	}
	var got []uint64
	p.records("screen", func(d delivery.Record) {
		if d.Kind == delivery.In && d.Head.Source == "ghost" {
			got = append(got, d.Head.Seq)
		}
	})
	if fmt.Sprint(got) != "[1 2 3 4 5]" {
		t.Errorf("the journal has %v, want each once, in order (verdicts: %v)", got, verdicts)
	}
	p.must("down")
	p.nothing()
}
