package script

import (
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Subreaper makes this process the one that adopts orphans below it. A runner calls it before it starts user code.
func Subreaper() error {
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}

// becomeGuard prepares the process: it adopts, shows as ww-guard, and leaks no descriptor.
func becomeGuard() {
	Subreaper()                                            //nolint:errcheck // an old kernel: the group is still killed
	os.WriteFile("/proc/self/comm", []byte("ww-guard"), 0) //nolint:errcheck // only for people
	unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC) //nolint:errcheck // an old kernel: the next two lines do
	unix.CloseOnExec(lifelineFD)
	unix.CloseOnExec(statusFD)
}

// usualTimers gives what is started on this thread the timer slack of an ordinary program, 50 µs (prctl(2)): a component
// has more, and user code is to sleep as it does elsewhere.
func usualTimers() {
	unix.Prctl(unix.PR_SET_TIMERSLACK, 50_000, 0, 0, 0) //nolint:errcheck // user code then sleeps a little long
}

// childAttributes: a group of its own, and death with the thread that forks.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// preferAsVictim tells the kernel to take user code before ww when memory runs out.
func preferAsVictim(pid int) {
	os.WriteFile("/proc/"+strconv.Itoa(pid)+"/oom_score_adj", []byte("500"), 0) //nolint:errcheck // a convenience
}

// killBelow kills everything below root and returns what it found alive. It stops them all first, in rounds until no
// new one appears: otherwise the young of a process that forks without end escape.
func killBelow(root, _ int) []int {
	return killTree(func(all []process) []process { return descendants(root, all, nil) })
}

func killTree(find func([]process) []process) []int {
	stopped := map[int]bool{}
	const rounds = 20
	for range rounds {
		fresh := false
		for _, p := range find(processes()) {
			if p.alive() && !stopped[p.pid] {
				stopped[p.pid], fresh = true, true
				unix.Kill(p.pid, unix.SIGSTOP) //nolint:errcheck // gone is what was wanted
			}
		}
		if !fresh {
			break
		}
	}
	var left []int
	for pid := range stopped {
		left = append(left, pid)
		unix.Kill(pid, unix.SIGKILL) //nolint:errcheck // gone is what was wanted
	}
	return left
}
