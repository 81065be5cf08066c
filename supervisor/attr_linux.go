package supervisor

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func childAttr(spec Spec, pidfd *int) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true, PidFD: pidfd}
	if spec.KillWithUs {
		attr.Pdeathsig = SIGKILL
	}
	return attr
}

// memoryFile returns a file that no directory knows. One in memory needs no disk and leaves nothing behind.
func memoryFile() (*os.File, error) {
	fd, err := unix.MemfdCreate("ww-config", unix.MFD_CLOEXEC)
	if err != nil {
		return temporaryFile()
	}
	return os.NewFile(uintptr(fd), "ww-config"), nil
}
