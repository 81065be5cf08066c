package e2e

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
	"github.com/woodwork-lang/ww/internal/journal"
)

// records hands every record of a component's journals to fn.
func (p *project) records(component string, fn func(delivery.Record)) {
	p.t.Helper()
	parts, _ := filepath.Glob(filepath.Join(p.dir, ".ww", "*", "j", component, "[0-9][0-9]"))
	for _, part := range parts {
		_, err := journal.Scan(part, func(r journal.Record) error {
			d, err := delivery.Decode(r.Kind, r.Payload)
			if err == nil {
				fn(d)
			}
			return err
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// recorded counts the records of a kind that name a turn, or, for a SENT, a session, in a component's journals.
func (p *project) recorded(component string, kind delivery.Kind, turnOrSession string) (n int) {
	p.t.Helper()
	p.records(component, func(d delivery.Record) {
		if d.Kind == kind && (d.Head.Turn == turnOrSession || d.Head.Session == turnOrSession) {
			n++
		}
	})
	return n
}

// turnsOf are the turns of a session that the input you has accepted.
func (p *project) turnsOf(session string) (ids []string) {
	p.t.Helper()
	p.records("you", func(d delivery.Record) {
		if d.Kind == delivery.Turn && d.Head.Session == session {
			ids = append(ids, d.Head.Turn)
		}
	})
	return ids
}

// TestT16AnAckLeavesAfterItsWrite: while the write of an IN has not begun, its sender has no ACK, however long that takes;
// once write(2) has returned, everything in the receiver's process group may be killed before a byte of the ACK is out,
// and the message is there.
func TestT16AnAckLeavesAfterItsWrite(t *testing.T) {
	t.Parallel()
	p := newProject(t, crashApp)
	p.write("keeper.script", crashKeeper)
	p.write("files.script", crashFiles)
	p.must("dev", "-d")
	c := p.client("you")

	keeper := c.ready("keeper")
	c.order("keeper", false, fault.Order{At: fault.Before("in"), Do: fault.Hang})
	first := c.start("early", "one")
	first.isAccepted()
	p.until("the message has been sent", func() bool { return p.recorded("you", delivery.Out, first.ID) == 1 })
	second := c.start("early", "two") // its append would take a SENT of the first along
	second.isAccepted()
	if n := p.recorded("keeper", delivery.In, first.ID); n != 0 {
		t.Errorf("the IN is in the journal although its write has not begun")
	}
	if n := p.recorded("you", delivery.Sent, "early"); n != 0 {
		t.Errorf("the sender has an ACK for what was never written")
	}
	if keeper <= 1 {
		t.Fatalf("pid %d", keeper)
	}
	_ = syscall.Kill(-keeper, syscall.SIGKILL) // it may have been killed because it hangs
	first.ended(t, event.StatusOK)
	second.ended(t, event.StatusOK)

	keeper = c.replaced("keeper", keeper, patience)
	c.order("keeper", false, fault.Order{At: fault.AckBefore, Do: fault.KillGroup})
	third := c.start("late", "three")
	third.isAccepted()
	p.until("the group of keeper is dead", func() bool { return zombie(keeper) })
	if n := p.recorded("keeper", delivery.In, third.ID); n != 1 {
		t.Errorf("%d IN records of a message whose write returned before the kill, want 1", n)
	}
	if n := p.recorded("you", delivery.Sent, "late"); n != 0 {
		t.Error("the sender has an ACK that never left")
	}
	third.ended(t, event.StatusOK)
	if n := p.recorded("keeper", delivery.In, third.ID); n != 1 {
		t.Errorf("%d IN records after the message was sent again, want 1", n)
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != 3 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 3 turns, all answered", r)
	}
}

// A connection that ends between the journal and the ACK, or before the journal, costs a repetition and nothing else.
func TestADroppedConnectionCostsARepetition(t *testing.T) {
	t.Parallel()
	p := newProject(t, crashApp)
	p.write("keeper.script", crashKeeper)
	p.write("files.script", crashFiles)
	p.must("dev", "-d")
	c := p.client("you")
	for _, point := range []fault.Point{fault.Receive, fault.AckBefore} {
		for _, victim := range []string{"keeper", "screen", "you"} {
			c.order(victim, false, fault.Order{At: point, Do: fault.Drop, Times: 2})
			c.start("s", "through "+victim).ended(t, event.StatusOK)
		}
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != 6 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 6 turns, all answered", r)
	}
}
