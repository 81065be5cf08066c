package e2e

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/localbus"
)

// every is all partitions of an inbox.
func every() []int {
	all := make([]int, bus.Partitions)
	for p := range all {
		all[p] = p
	}
	return all
}

// ownedBy is the partitions that an ordinal has among others.
func ownedBy(ordinal int, ordinals ...int) []int {
	return slices.DeleteFunc(every(), func(p int) bool { return ordinals[bus.Owner(p, ordinals)] != ordinal })
}

// sessionOf is a session whose partition is p.
func sessionOf(p int) string {
	for n := 0; ; n++ {
		if s := fmt.Sprintf("s-%d", n); bus.PartitionOf(s) == p {
			return s
		}
	}
}

// service is the hop of a component in a turn.
func service(t *testing.T, end event.End, name string) event.Hop {
	t.Helper()
	for _, h := range end.Hops {
		if h.Component == name {
			return h
		}
	}
	t.Fatalf("%s is not among the hops of %+v", name, end)
	panic("unreachable")
}

func TestT39ReplicasShareAnInboxAndTakeOverFromTheDead(t *testing.T) {
	r := newRunners(t)
	r.launch(r.spec("you", "brain"))
	r.launch(r.spec("screen"))
	start := func(ordinal int) string {
		s := r.spec("brain", "screen")
		s.Ordinal, s.Share = ordinal, []int{0, 1, 2}
		return r.launch(s).Instance
	}
	zero, one, two := start(0), start(1), start(2)
	r.partitions(zero, ownedBy(0, 0, 1, 2))
	r.partitions(one, ownedBy(1, 0, 1, 2))
	r.partitions(two, ownedBy(2, 0, 1, 2))

	var ends []<-chan event.End
	for p := range bus.Partitions {
		ends = append(ends, r.asking(sessionOf(p), "hello"))
	}
	for p, end := range ends {
		e := <-end
		want := []string{zero, one, two}[bus.Owner(p, []int{0, 1, 2})]
		if got := service(t, e, "brain").Instance; e.Answer != "you said hello" || got != want {
			t.Errorf("partition %d: %q by %s, want it by %s (%s)", p, e.Answer, got, want, e.Error)
		}
	}

	lost := ownedBy(1, 0, 1, 2)
	waiting := r.asking(sessionOf(lost[0]), "steady")
	r.until("one works", func() bool {
		h, err := r.seat.Ping(t.Context(), one)
		return err == nil && h.InFlight > 0
	})
	died := time.Now()
	r.dies(one)
	r.partitions(zero, ownedBy(0, 0, 2))
	r.partitions(two, ownedBy(2, 0, 2))
	if took := time.Since(died); took < 400*time.Millisecond {
		t.Errorf("its siblings took over after %s already: its next start would move everything twice", took)
	}
	e := <-waiting
	if h := service(t, e, "brain"); e.Status != event.StatusOK || h.Attempt != 2 || h.Instance == one {
		t.Errorf("the turn that one was working on: %+v", e)
	}

	one = start(1)
	r.partitions(one, ownedBy(1, 0, 1, 2))
	r.partitions(zero, ownedBy(0, 0, 1, 2))
	if e := r.ask(sessionOf(lost[0]), "again"); service(t, e, "brain").Instance != one {
		t.Errorf("after its return: %+v", e)
	}
	r.stopAll()
	r.verified()
}

func TestANewGenerationTakesOverWhatIsFreeAndTheOldOneEndsItsTurns(t *testing.T) {
	r := newRunners(t)
	r.launch(r.spec("you", "brain"))
	r.launch(r.spec("screen"))
	old := r.launch(r.spec("brain", "screen")).Instance
	r.partitions(old, every())

	busy := sessionOf(3)
	running := r.asking(busy, "slow")
	r.until("the old one works", func() bool {
		h, err := r.seat.Ping(t.Context(), old)
		return err == nil && h.InFlight > 0
	})
	r.write("new.script", "otherwise\n    say \"the new one heard {text}\"\n")
	next := r.spec("brain", "screen")
	next.Generation, next.Standby = 2, true
	next.Config = map[string]any{"script": "new.script"}
	now := r.launch(next).Instance
	if rec := r.record(now); !rec.Standby || len(rec.Partitions) > 0 {
		t.Errorf("it stands by, and says %+v", rec)
	}
	if e := r.ask(sessionOf(5), "before"); e.Answer != "you said before" {
		t.Errorf("while the new one stands by: %+v", e)
	}

	r.order(now, event.Share{Ordinals: []int{0}, Serve: true})
	r.order(old, event.Share{Ordinals: []int{0}})
	queued := r.asking(busy, "after the slow one")
	r.partitions(old, []int{3})
	if e := r.ask(sessionOf(5), "after"); e.Answer != "the new one heard after" || service(t, e, "brain").Generation != 2 {
		t.Errorf("a session that was free: %+v", e)
	}
	if e := <-running; e.Answer+"\n" != slowAnswer || service(t, e, "brain").Generation != 1 {
		t.Errorf("the running turn ends where it began: %+v", e)
	}
	if e := <-queued; e.Answer != "the new one heard after the slow one" {
		t.Errorf("the next turn of that session: %+v", e)
	}
	r.partitions(old, nil)
	r.partitions(now, every())

	r.order(old, event.Share{Ordinals: []int{0}, Serve: true}) // back again: the new one is no good
	r.order(now, event.Share{Ordinals: []int{0}})
	r.partitions(old, every())
	if e := r.ask(busy, "back"); e.Answer != "you said back" {
		t.Errorf("after the way back: %+v", e)
	}
	r.stopAll()
	r.verified()
}

func TestAnInputMovesWithTheTurnsThatAreAwaited(t *testing.T) {
	r := newRunners(t)
	old := r.launch(r.spec("you", "brain")).Instance
	r.launch(r.spec("brain", "screen"))
	r.launch(r.spec("screen"))
	session := sessionOf(7)
	running := r.asking(session, "slow")
	r.until("the turn is on its way", func() bool {
		recs, _ := localbus.RecordsOf(r.dir, "brain")
		h, err := r.seat.Ping(t.Context(), recs[0].Instance)
		return err == nil && h.InFlight > 0
	})
	next := r.spec("you", "brain")
	next.Generation, next.Standby = 2, true
	now := r.launch(next).Instance
	r.order(now, event.Share{Serve: true})
	r.order(old, event.Share{})
	r.partitions(old, nil)
	r.dies(old)
	if e := <-running; e.Answer+"\n" != slowAnswer {
		t.Errorf("the awaited turn: %+v", e)
	}
	r.stopAll()
	if rep := r.verified(); rep.Ended[event.StatusOK] != 1 {
		t.Errorf("journals: %+v", rep)
	}
}

func TestAnAdoptedRunnerLivesAsLongAsItsAdopter(t *testing.T) {
	r := newRunners(t)
	inst := r.launch(r.spec("screen")).Instance
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	adopted := make(chan error, 1)
	go func() {
		_, err := r.seat.CallInstance(ctx, inst, event.Message{Header: event.Header{Type: event.TypeAdopt}}, nil)
		adopted <- err
	}()
	r.until("the call has arrived", func() bool { return r.logged("screen", "adopted") })
	r.line.Close()          // the starter is gone
	time.Sleep(time.Second) //nolint:forbidigo // longer than an orphan lives: nothing is to happen, so there is no event
	if !localbus.Alive(r.dir, inst) {
		t.Fatal("an adopted runner ended as an orphan")
	}
	leave()
	<-adopted
	r.until("the orphan ends", func() bool { return !localbus.Alive(r.dir, inst) })
}
