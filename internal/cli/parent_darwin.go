package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// parentName is the command name of the process that started us.
func parentName() string {
	p, err := unix.SysctlKinfoProc("kern.proc.pid", os.Getppid())
	if err != nil {
		return ""
	}
	return unix.ByteSliceToString(p.Proc.P_comm[:])
}
