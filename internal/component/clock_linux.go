package component

import (
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// SystemClock is the clock of this machine.
func SystemClock() Clock {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // without it the wall clock counts
	c := newBootClock(sinceBoot)
	return Clock{Wall: time.Now, Boot: c.now, ID: strings.TrimSpace(string(id))}
}

// bootClock is the boot clock, without a system call for each look: Go tells the monotonic clock without one, and the two differ
// by the time that the machine has slept. When it sleeps, the wall clock goes on without the monotonic one.
type bootClock struct {
	start time.Time
	wall  time.Time // start, without its monotonic reading
	read  func() (time.Duration, bool)
	last  atomic.Pointer[bootReading]
}

// bootReading is how the clocks stood when the boot clock was read.
type bootReading struct {
	ahead time.Duration // the boot clock, of the time since start
	skew  time.Duration // the wall clock, of the same
}

// bootSkew is how far the wall clock may move against the monotonic one before the boot clock is read again. It is moved by who
// sets it, and to and fro by less than a thousandth.
const bootSkew = time.Millisecond

func newBootClock(read func() (time.Duration, bool)) *bootClock {
	now := time.Now()
	c := &bootClock{start: now, wall: now.Round(0), read: read}
	c.last.Store(&bootReading{})
	c.look(0, 0)
	return c
}

func (c *bootClock) now() time.Duration {
	t := time.Now()
	return c.at(t.Sub(c.start), t.Round(0).Sub(c.wall))
}

// at is the boot clock when the monotonic and the wall clock have gone on by so much.
func (c *bootClock) at(mono, wall time.Duration) time.Duration {
	skew := wall - mono
	r := c.last.Load()
	if d := skew - r.skew; d > bootSkew || d < -bootSkew {
		r = c.look(mono, skew)
	}
	return mono + r.ahead
}

// look reads the boot clock. Where the system has none, the time of this process counts.
func (c *bootClock) look(mono, skew time.Duration) *bootReading {
	r := &bootReading{ahead: c.last.Load().ahead, skew: skew}
	if boot, ok := c.read(); ok {
		r.ahead = boot - mono
	}
	c.last.Store(r)
	return r
}

func sinceBoot() (time.Duration, bool) {
	var t unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t)
	return time.Duration(t.Nano()), err == nil
}
