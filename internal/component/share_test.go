package component

import (
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
)

const takeover = 2 * time.Second

// division is what several instances of one component think they own, each for itself.
type division struct {
	t      *testing.T
	now    time.Time
	shares map[int]*share
}

func divided(t *testing.T, ordinals ...int) *division {
	d := &division{t: t, now: time.Unix(1000, 0), shares: map[int]*share{}}
	for _, o := range ordinals {
		d.join(o, ordinals)
	}
	return d
}

func (d *division) join(ordinal int, wanted []int) {
	s := &share{}
	s.init(Spec{Ordinal: ordinal, Share: wanted}, d.now)
	d.shares[ordinal] = s
}

// owners asks every instance which partitions are its own, and fails when two say so of one.
func (d *division) owners() (owner [delivery.Partitions]int) {
	d.t.Helper()
	for p := range owner {
		owner[p] = -1
	}
	for self, s := range d.shares {
		var there []int
		for o := range d.shares {
			if o != self {
				there = append(there, o)
			}
		}
		for p, mine := range s.mine(self, there, takeover, d.now) {
			if !mine {
				continue
			}
			if owner[p] >= 0 {
				d.t.Errorf("partition %d belongs to %d and to %d", p, owner[p], self)
			}
			owner[p] = self
		}
	}
	return owner
}

func count(owner [delivery.Partitions]int, who int) int {
	n := 0
	for _, o := range owner {
		if o == who {
			n++
		}
	}
	return n
}

func TestInstancesDivideThePartitionsByTheirOrdinals(t *testing.T) {
	d := divided(t, 0, 1, 2)
	owner := d.owners()
	for p, o := range owner {
		if want := bus.Owner(p, []int{0, 1, 2}); o != want {
			t.Errorf("partition %d belongs to %d, not to %d", p, o, want)
		}
	}
}

func TestACrashedInstanceKeepsItsPartitionsForTheTakeoverTime(t *testing.T) {
	d := divided(t, 0, 1, 2)
	before := d.owners()
	delete(d.shares, 1)
	orphans := count(before, 1)
	if orphans == 0 {
		t.Fatal("ordinal 1 has no partition to lose")
	}
	d.owners() // its siblings notice
	d.now = d.now.Add(takeover - time.Millisecond)
	if got := count(d.owners(), -1); got != orphans {
		t.Errorf("%d partitions wait for the instance that will be back, want %d", got, orphans)
	}
	d.now = d.now.Add(time.Millisecond)
	after := d.owners()
	if got := count(after, -1); got != 0 {
		t.Errorf("%d partitions have no owner after the takeover time", got)
	}
	for p := range before {
		if before[p] != 1 && after[p] != before[p] {
			t.Errorf("partition %d moved from %d to %d although its owner lives", p, before[p], after[p])
		}
	}
	d.join(1, []int{0, 1, 2})
	if d.owners() != before {
		t.Error("the partitions do not come back with their instance")
	}
}

func TestARemovedInstanceLosesItsPartitionsAtOnce(t *testing.T) {
	d := divided(t, 0, 1)
	d.owners()
	d.shares[0].replace(event.Share{Ordinals: []int{0}, Serve: true}, 0, d.now)
	d.shares[1].replace(event.Share{Ordinals: []int{0}}, 1, d.now)
	if got := count(d.owners(), 0); got != delivery.Partitions {
		t.Errorf("%d partitions belong to the one that is left", got)
	}
}

func TestWhoStandsByOwnsNothing(t *testing.T) {
	s := &share{}
	s.init(Spec{Standby: true}, time.Unix(1000, 0))
	if s.mine(0, nil, takeover, time.Unix(1000, 0)) != [delivery.Partitions]bool{} {
		t.Error("it owns something")
	}
	if !s.replace(event.Share{Serve: true}, 0, time.Unix(1000, 0)) {
		t.Error("it does not say that it begins to serve")
	}
	for p, mine := range s.mine(0, nil, takeover, time.Unix(1000, 0)) {
		if !mine {
			t.Errorf("partition %d is nobody's", p)
		}
	}
}
