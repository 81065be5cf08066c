package supervisor

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Signal is a Unix signal.
type Signal = syscall.Signal

// The signals a supervisor sends.
const (
	SIGTERM = syscall.SIGTERM
	SIGKILL = syscall.SIGKILL
	SIGQUIT = syscall.SIGQUIT
)

// kill is the only place from which this package sends a signal by number. Zero and minus one mean "my own group"
// and "everybody": a pid that was never filled in would end the terminal, or the machine.
func kill(pid int, sig Signal) error {
	if pid <= 1 {
		return refusedPID(pid)
	}
	return unix.Kill(pid, sig)
}

// killGroup signals every member of a group.
func killGroup(pgid int, sig Signal) error {
	if pgid <= 1 {
		return refusedPID(pgid)
	}
	return unix.Kill(-pgid, sig)
}
