//go:build !linux

package script

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Subreaper does nothing: this system has no adoption. What leaves the user code's group is found by its tag.
func Subreaper() error { return nil }

func becomeGuard() {
	unix.CloseOnExec(lifelineFD)
	unix.CloseOnExec(statusFD)
}

func usualTimers() {}

func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func preferAsVictim(int) {}

// killBelow kills the group and returns it while it has a member.
func killBelow(_, group int) []int {
	killGroup(group, syscall.SIGKILL)
	if group > 1 && syscall.Kill(-group, 0) == nil {
		return []int{group}
	}
	return nil
}

// sweepOrphans cannot know what is an orphan here; the group was killed by its number.
func sweepOrphans(func() []int) []int { return nil }

// usedBelow is not known here: nothing is called hung then.
func usedBelow(int) (time.Duration, bool) { return 0, false }
