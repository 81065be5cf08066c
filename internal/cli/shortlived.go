package cli

import (
	"math"
	"runtime"
	"runtime/debug"
)

// shortLived is for commands that read one file, answer and end: collecting garbage costs them a third of their time,
// and the end of the process does it for nothing. Who needs more than half a gigabyte is collected as usual from then on;
// if the limit stayed, a command that keeps that much would do little else.
func shortLived() {
	const enough = 512 << 20
	type token struct{ _ [16]byte }
	runtime.AddCleanup(new(token), func(percent int) { // runs after the first collection
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(math.MaxInt64)
	}, 100)
	debug.SetMemoryLimit(enough)
	debug.SetGCPercent(-1)
}
