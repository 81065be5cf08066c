package supervisor

import (
	"os"

	"golang.org/x/sys/unix"
)

// Accelerators are those of this system, each tried out.
func Accelerators() []Accelerator {
	return []Accelerator{
		{"pidfd", pidfdWorks(), "the end of a process is told at once, and a signal cannot reach a later one with its number"},
		{"subreaper", subreaperWorks(), "a daemon whose parents are dead falls to us and is ended"},
		{"parent-death signal", pdeathsigWorks(), "user code dies with its guard"},
		{"marks of processes", markWorks(), "what left its group is found by its environment"},
		{"memory file", memfdWorks(), "configurations need no disk"},
		{"cgroup v2", groupsWork(), "a whole tree is ended by one write; else by groups, adoption and marks"},
	}
}

func pidfdWorks() bool {
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		return false
	}
	return unix.Close(fd) == nil
}

// subreaperWorks tries it out and leaves it off: who wants it says so.
func subreaperWorks() bool {
	if unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != nil {
		return false
	}
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) == nil
}

func pdeathsigWorks() bool { return unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0) == nil }

func markWorks() bool {
	p, err := lookup(os.Getpid(), true)
	return err == nil && p.start > 0
}

func memfdWorks() bool {
	fd, err := unix.MemfdCreate("ww-try", unix.MFD_CLOEXEC)
	if err != nil {
		return false
	}
	return unix.Close(fd) == nil
}
