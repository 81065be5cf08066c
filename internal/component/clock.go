package component

import (
	"time"

	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
)

// Clock is where a runner's time comes from. Within one boot of the machine it runs on the boot clock, which counts while
// the machine sleeps and does not jump when somebody sets the time; only between boots the wall clock counts (R7).
type Clock struct {
	Wall func() time.Time
	Boot func() time.Duration // since the boot, asleep or not
	ID   string               // of the boot; empty: nobody knows, and the wall clock counts
}

// clock is a Clock from the start of a runner on: the wall clock as it was then, moved on by the boot clock.
type clock struct {
	Clock
	wall time.Time // at the start, without a monotonic reading
	boot time.Duration
}

func newClock(c Clock) clock { return clock{Clock: c, wall: c.Wall().Round(0), boot: c.Boot()} }

// now has no monotonic reading: what is computed with it goes by this clock alone.
func (c *clock) now() time.Time { return c.wall.Add(c.Boot() - c.boot) }

// glance is how long a runner sleeps at most before it looks at its clock: timers stand still while the machine does.
const glance = 10 * time.Second

// record says how the clock stands. Its time is set when it is appended.
func (c *clock) record() delivery.Record {
	return delivery.Record{Kind: delivery.Ckpt, Head: event.Message{Header: event.Header{Type: delivery.CkptClock, ID: c.ID, Took: max(1, c.Boot().Microseconds())}}}
}

// reckoning translates the times of a journal into those of this runner's clock, while it is read.
type reckoning struct {
	c    *clock
	off  time.Duration // what is added to a time
	last string        // the boot of the times that are read
}

// take looks at a record and corrects its time.
func (k *reckoning) take(r *delivery.Record) {
	if r.Kind == delivery.Ckpt && r.Head.Type == delivery.CkptClock {
		k.off, k.last = 0, r.Head.ID
		if k.last != "" && k.last == k.c.ID { // when that boot clock stood so, ours read …
			then := k.c.wall.Add(time.Duration(r.Head.Took)*time.Microsecond - k.c.boot)
			k.off = then.Sub(time.UnixMilli(r.At))
		}
	}
	if r.At > 0 {
		r.At += k.off.Milliseconds()
	}
}
