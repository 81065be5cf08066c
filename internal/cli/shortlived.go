package cli

import "runtime/debug"

// shortLived is for commands that read one file, answer and end: collecting garbage costs them a third of their time,
// and the end of the process does it for nothing. From half a gigabyte on it is collected all the same.
func shortLived() {
	const enough = 512 << 20
	debug.SetMemoryLimit(enough)
	debug.SetGCPercent(-1)
}
