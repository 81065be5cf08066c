package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
	"github.com/woodwork-lang/ww/localbus"
)

const withReplicas = `
you = input command_line { to: brain }
brain = llm scripted { script: "brain.script", to: screen, replicas: 3 }
screen = output console {}
`

// instances are the ready instances of a component, by ordinal.
func (c *client) instances(name string) map[int]localbus.Record {
	recs, _ := localbus.RecordsOf(c.dir, name)
	by := map[int]localbus.Record{}
	for _, r := range recs {
		if r.Alive && r.State == localbus.StateReady {
			by[r.Ordinal] = r
		}
	}
	return by
}

// whole waits until so many instances of a component have all its partitions between them, each one once.
func (c *client) whole(name string, instances int) map[int]localbus.Record {
	c.p.t.Helper()
	var by map[int]localbus.Record
	c.p.until(fmt.Sprintf("%d instances share %s", instances, name), func() bool {
		by = c.instances(name)
		var held []int
		for _, r := range by {
			held = append(held, r.Partitions...)
		}
		slices.Sort(held)
		return len(by) == instances && slices.Equal(held, every())
	})
	return by
}

// orderInstance gives one instance orders for its seams.
func (c *client) orderInstance(instance string, orders ...fault.Order) {
	c.p.t.Helper()
	body, err := json.Marshal(orders)
	if err != nil {
		c.p.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(c.p.t.Context(), patience)
	defer cancel()
	if _, err := c.CallInstance(ctx, instance, event.Message{Header: event.Header{Type: event.TypeFault}, Body: body}, nil); err != nil {
		c.p.t.Fatal(err)
	}
}

// inOrder checks that the turns of each session were done by a component in the order in which they were accepted.
func (p *project) inOrder(component string) {
	p.t.Helper()
	accepted, done := map[string][]string{}, map[string][]string{}
	p.records("you", func(d delivery.Record) {
		if d.Kind == delivery.Turn {
			accepted[d.Head.Session] = append(accepted[d.Head.Session], d.Head.Turn)
		}
	})
	p.records(component, func(d delivery.Record) {
		if d.Kind == delivery.Out {
			done[d.Head.Session] = append(done[d.Head.Session], d.Head.Turn)
		}
	})
	for s, turns := range accepted {
		if !slices.Equal(turns, done[s]) {
			p.t.Errorf("session %s was accepted as %v and done as %v", s, turns, done[s])
		}
	}
}

// TestT39ThreeReplicasKeepTheOrderOfEachSession: one of them dies in the middle of a turn, again and again; at every moment a
// session belongs to one, and its turns leave in the order in which they came.
func TestT39ThreeReplicasKeepTheOrderOfEachSession(t *testing.T) {
	t.Parallel()
	p := newProject(t, withReplicas)
	p.write("brain.script", "otherwise\n    wait 40ms\n    say \"you said {text}\"\n")
	p.must("dev", "-d")
	c := p.client("you")
	c.patience = 2 * time.Minute
	by := c.whole("brain", 3)
	const sessions, each = 24, 6
	var turns []*asked
	for n := range each {
		for s := range sessions {
			a := c.start(fmt.Sprintf("s-%d", s), fmt.Sprintf("%d of %d", n, s))
			a.isAccepted() // so that the order of acceptance is ours
			turns = append(turns, a)
		}
		if victim, ok := by[n%3]; ok && n < 4 {
			_ = syscall.Kill(victim.PID, syscall.SIGKILL) // it may have died before
		}
		by = c.instances("brain")
	}
	for _, a := range turns {
		a.ended(t, event.StatusOK)
	}
	c.whole("brain", 3)
	p.inOrder("brain")
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != sessions*each || r.Pending != 0 || r.Dead != 0 {
		t.Errorf("journals: %+v, want %d turns, all answered", r, sessions*each)
	}
}

// TestT16AHandoverMayDieAnywhere: with fewer instances the others take partitions, with more they give some back. Whoever dies
// while giving or taking, each partition has one owner again, and no turn is lost or done twice.
func TestT16AHandoverMayDieAnywhere(t *testing.T) {
	t.Parallel()
	p := newProject(t, withReplicas)
	p.write("brain.script", "otherwise\n    wait 30ms\n    say \"you said {text}\"\n")
	p.must("dev", "-d")
	c := p.client("you")
	c.patience = 2 * time.Minute
	by := c.whole("brain", 3)
	turns := 0
	for _, each := range []struct {
		scale int
		point fault.Point
	}{
		{2, fault.PartitionBefore}, {3, fault.ReleaseBefore}, {2, fault.PartitionAfter}, {3, fault.ReleaseAfter},
	} {
		victim := by[0]
		c.orderInstance(victim.Instance, fault.Order{At: each.point, Do: fault.Kill})
		var asked []*asked
		for s := range 16 {
			for range 2 {
				asked = append(asked, c.start(sessionOf(s), "hello"))
			}
		}
		p.must("scale", fmt.Sprintf("brain=%d", each.scale))
		p.until(fmt.Sprintf("an instance died at %s", each.point), func() bool { return zombie(victim.PID) })
		for _, a := range asked {
			a.ended(t, event.StatusOK)
		}
		turns += len(asked)
		by = c.whole("brain", each.scale)
		p.agreed(t)
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != turns || r.Pending != 0 || r.Dead != 0 {
		t.Errorf("journals: %+v, want %d turns, all answered", r, turns)
	}
}
