package component

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// SystemClock is the clock of this machine.
func SystemClock() Clock {
	start := time.Now()
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // without it the wall clock counts
	return Clock{Wall: time.Now, Boot: func() time.Duration { return sinceBoot(start) }, ID: strings.TrimSpace(string(id))}
}

// sinceBoot falls back on the time of this process where the system has no such clock.
func sinceBoot(start time.Time) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return time.Since(start)
	}
	return time.Duration(t.Nano())
}
