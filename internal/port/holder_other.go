//go:build !linux

package port

import (
	"github.com/shirou/gopsutil/v4/net"
	"github.com/shirou/gopsutil/v4/process"
)

// HolderOf finds who listens on a port; false when nobody does.
func HolderOf(port int) (Holder, bool) {
	all, err := net.Connections("tcp")
	if err != nil {
		return Holder{}, false
	}
	for _, c := range all {
		if c.Status == "LISTEN" && int(c.Laddr.Port) == port {
			return Holder{Port: port, PID: int(c.Pid), Command: Command(int(c.Pid))}, true
		}
	}
	return Holder{}, false
}

// Command is the command line of a process; "" when it is gone.
func Command(pid int) string {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return ""
	}
	line, _ := p.Cmdline() // gone meanwhile: nothing
	return line
}
