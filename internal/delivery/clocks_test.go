package delivery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/delivery/verify"
	"github.com/woodwork-lang/ww/internal/event"
)

// submit asks a turn whose handler is done at once, so that its message waits for the next hop.
func (d *disk) submit(turn string, ttl time.Duration) delivery.Effects {
	d.t.Helper()
	refused, e := d.part.Submit(event.Message{Header: event.Header{Turn: turn, Session: "s-" + turn, TTL: ttl.Milliseconds()}, Body: []byte("x")}, d.now)
	if refused != nil {
		d.t.Fatal(refused)
	}
	return d.take(d.part.Complete(d.take(e).Starts[0], delivery.Outcome{Body: []byte("y")}, d.now))
}

// nobody refuses what is sent, again and again, until so long after.
func (d *disk) nobody(e delivery.Effects, after time.Duration) (ended []event.Message, last delivery.Effects) {
	d.t.Helper()
	for until := d.now.Add(after); !d.now.After(until); d.now = d.now.Add(after / 10) {
		for _, m := range e.Sends {
			d.take(d.part.Settled(m, bus.Verdict{Code: bus.Busy}, d.now))
		}
		d.now = d.now.Add(time.Second)
		e = d.take(d.part.Tick(d.now))
		ended = append(ended, e.Ended...)
	}
	return ended, e
}

func (d *disk) sound() {
	d.t.Helper()
	if r := verify.Check([]verify.Log{{Component: "in", Records: d.recs}}); len(r.Violations) > 0 {
		d.t.Errorf("violations: %q", r.Violations)
	}
}

func TestAMessageThatNobodyTakesIsSetAsideAfterItsTime(t *testing.T) {
	d := newDisk(t)
	ended, e := d.nobody(d.submit("t1", time.Hour), 11*time.Minute)
	if len(ended) != 1 || !strings.Contains(string(ended[0].Body), "expired: llm did not take the message within 600 s") {
		t.Fatalf("ended %+v", ended)
	}
	if l := d.part.Letters(); len(l) != 1 || l[0].Message.Turn != "t1" || !strings.HasPrefix(l[0].Reason, "expired: ") {
		t.Errorf("letters %+v", l)
	}
	if len(e.Sends) != 1 || e.Sends[0].Type != event.TypeSkip || e.Sends[0].Seq != 1 {
		t.Errorf("in its place goes %+v", e.Sends)
	}
	if !d.part.Idle() {
		t.Error("a number that carries nothing keeps its component from leaving")
	}
	d.sound()
}

func TestAMessageOfATurnThatIsOverIsNotSentAnyMore(t *testing.T) {
	d := newDisk(t)
	ended, e := d.nobody(d.submit("t1", 2*time.Minute), 3*time.Minute)
	if len(ended) != 1 || !strings.Contains(string(ended[0].Body), "no answer within the turn's deadline") {
		t.Fatalf("ended %+v", ended)
	}
	if len(e.Sends) != 1 || e.Sends[0].Type != event.TypeSkip || len(d.part.Letters()) != 0 {
		t.Errorf("sent %+v, letters %+v", e.Sends, d.part.Letters())
	}
	d.sound()
}

func TestTheTimeThatIsLeftGetsLessWhileAMessageWaits(t *testing.T) {
	d := newDisk(t)
	e := d.submit("t1", 5*time.Minute)
	first := e.Sends[0].TTL
	d.take(d.part.Settled(e.Sends[0], bus.Verdict{Code: bus.Busy}, d.now))
	d.now = d.now.Add(time.Minute)
	again := d.take(d.part.Tick(d.now)).Sends[0].TTL
	if first-again != 60_000 {
		t.Errorf("%d ms were left, and a minute later %d", first, again)
	}
	d.now = d.now.Add(time.Minute)
	d.part.Pump(d.now) // a checkpoint is part of a step
	recs, at := d.part.Snapshot(), d.now
	d.now = d.now.Add(time.Minute)
	p := d.fresh()
	for _, r := range recs {
		r.At = at.UnixMilli()
		if err := p.Restore(r, d.now); err != nil {
			t.Fatal(err)
		}
	}
	if later := p.Recover(d.now).Sends[0].TTL; first-later != 180_000 {
		t.Errorf("after a checkpoint and a restart, three minutes on, %d of %d are left", later, first)
	}
}

func TestWorkThatWaitedTooLongIsNotBegun(t *testing.T) {
	d := newDisk(t)
	head := event.Header{Turn: "t1", Session: "s", TTL: 60_000}
	_, e := d.part.Submit(event.Message{Header: head}, d.now)
	job := d.take(e).Starts[0]
	head.Turn, head.TTL = "t2", 30_000
	_, e = d.part.Submit(event.Message{Header: head}, d.now)
	d.take(e)
	d.now = d.now.Add(31 * time.Second)
	e = d.take(d.part.Complete(job, delivery.Outcome{Body: []byte("y")}, d.now))
	if len(e.Starts) != 0 || len(e.Ended) != 1 || !strings.Contains(string(e.Ended[0].Body), `"status":"timeout"`) {
		t.Errorf("starts %+v, ended %+v", e.Starts, e.Ended)
	}
	d.sound()
}

func TestAHandlerGetsTheTimeThatIsLeft(t *testing.T) {
	d := newDisk(t)
	head := event.Header{Turn: "t1", Session: "s", TTL: 60_000}
	_, e := d.part.Submit(event.Message{Header: head}, d.now)
	job := d.take(e).Starts[0]
	head.Turn = "t2"
	_, e = d.part.Submit(event.Message{Header: head}, d.now)
	d.take(e)
	d.now = d.now.Add(20 * time.Second)
	e = d.take(d.part.Complete(job, delivery.Outcome{}, d.now))
	if len(e.Starts) != 1 || e.Starts[0].Message.TTL != 40_000 {
		t.Errorf("starts %+v", e.Starts)
	}
}

// leftOver is a partition with a turn that waits, one that runs, one whose message is on its way and one that was passed
// on, at the next start, so long later.
func leftOver(t *testing.T, change func(*delivery.Config), later time.Duration) (*disk, delivery.Effects) {
	d := newDisk(t)
	sent := d.submit("passed", time.Hour).Sends[0]
	d.take(d.part.Settled(sent, bus.Verdict{}, d.now))
	d.submit("unsent", time.Hour)
	for _, turn := range []string{"running", "waiting"} {
		_, e := d.part.Submit(event.Message{Header: event.Header{Turn: turn, Session: "s", TTL: time.Hour.Milliseconds()}}, d.now)
		d.take(e)
	}
	d.take(d.part.Flush())
	d.now = d.now.Add(later)
	cfg := d.config()
	change(&cfg)
	d.part = delivery.New(cfg)
	for _, r := range d.recs {
		if err := d.part.Restore(r, d.now); err != nil {
			t.Fatal(err)
		}
	}
	return d, d.take(d.part.Recover(d.now))
}

func TestWhatIsLeftOverFromLongAgoIsSetAsideAtTheStart(t *testing.T) {
	d, e := leftOver(t, func(c *delivery.Config) { c.StaleBefore = d0.Add(20 * time.Minute) }, 30*time.Minute)
	if len(e.Ended) != 4 || len(e.Starts) != 0 {
		t.Errorf("ended %d, started %d", len(e.Ended), len(e.Starts))
	}
	for _, m := range e.Ended {
		if !strings.Contains(string(m.Body), "stale: ") || !strings.Contains(string(m.Body), "dead_letter") {
			t.Errorf("%s ended with %s", m.Turn, m.Body)
		}
	}
	if l := d.part.Letters(); len(l) != 3 {
		t.Errorf("letters %+v", l)
	}
	if e := d.part.Pump(d.now); len(e.Starts) != 0 {
		t.Errorf("it goes on with %+v", e.Starts)
	}
	d.sound()
}

func TestWhatIsYoungGoesOn(t *testing.T) {
	d, e := leftOver(t, func(c *delivery.Config) { c.StaleBefore = d0.Add(-time.Minute) }, 9*time.Minute)
	if len(e.Ended) != 0 || len(d.part.Letters()) != 0 || len(e.Sends) != 1 {
		t.Errorf("ended %+v, sent %+v", e.Ended, e.Sends)
	}
}

func TestOnRequestEverythingGoesOnWithTheTimeOfANewTurn(t *testing.T) {
	d, e := leftOver(t, func(c *delivery.Config) { c.Renew = true }, 30*time.Hour)
	if len(e.Ended) != 0 || len(e.Sends) != 1 || e.Sends[0].TTL != 600_000 {
		t.Errorf("ended %+v, sent %+v", e.Ended, e.Sends)
	}
	e, ok := d.part.NextSuspect(true, d.now)
	if !ok || len(e.Starts) != 1 || e.Starts[0].Message.TTL != 600_000 {
		t.Errorf("the turn that ran goes on with %+v", e.Starts)
	}
}
