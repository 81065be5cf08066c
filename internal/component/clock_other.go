//go:build !linux

package component

import "time"

// SystemClock is the clock of this process: this system does not tell how long the machine has been up, so between two
// lives of a runner the wall clock counts.
func SystemClock() Clock {
	start := time.Now()
	return Clock{Wall: time.Now, Boot: func() time.Duration { return time.Since(start) }}
}
