package supervisor

import (
	"bytes"
	"encoding/binary"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const zombie = 5 // SZOMB

func processes(tags bool) ([]proc, error) {
	list, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return nil, err
	}
	all := make([]proc, 0, len(list))
	for i := range list {
		all = append(all, fromKinfo(&list[i], tags))
	}
	return all, nil
}

func fromKinfo(k *unix.KinfoProc, tags bool) proc {
	p := proc{
		pid:  int(k.Proc.P_pid),
		ppid: int(k.Eproc.Ppid),
		pgid: int(k.Eproc.Pgid),
		uid:  int(k.Eproc.Ucred.Uid),
		dead: k.Proc.P_stat == zombie,
	}
	p.start = uint64(k.Proc.P_starttime.Sec)*1e6 + uint64(k.Proc.P_starttime.Usec)
	p.sid, _ = unix.Getsid(p.pid)
	if tags && !p.dead && p.uid == os.Getuid() {
		p.tag = readTag(p.pid)
	}
	return p
}

// readTag looks for the tag behind the arguments of a process: count, path, zeros, arguments, environment.
func readTag(pid int) string {
	raw, err := unix.SysctlRaw("kern.procargs2", pid)
	if err != nil || len(raw) < 4 {
		return ""
	}
	argc := int(binary.LittleEndian.Uint32(raw))
	_, rest, _ := bytes.Cut(raw[4:], []byte{0})
	rest = bytes.TrimLeft(rest, "\x00")
	for entry := range bytes.SplitSeq(rest, []byte{0}) {
		if argc > 0 {
			argc--
			continue
		}
		if value, ok := bytes.CutPrefix(entry, []byte(TagEnv+"=")); ok {
			return string(value)
		}
	}
	return ""
}

func lookup(pid int, tags bool) (proc, error) {
	k, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return proc{}, syscall.ESRCH
	}
	return fromKinfo(k, tags), nil
}

// PidStart returns when a process was started, in a unit of the kernel: together with the pid it names one process
// for as long as the machine is up.
func PidStart(pid int) (uint64, error) {
	p, err := lookup(pid, false)
	if err != nil || p.dead {
		return 0, syscall.ESRCH
	}
	return p.start, nil
}

// Halted reports whether a signal has stopped a process. Here it is not looked at: nobody is said to be.
func Halted(int) bool { return false }

// Subreaper is not available here: orphans go to launchd and are found by their tag.
func Subreaper() error { return syscall.ENOTSUP }

func signalProc(p proc, sig Signal) error { return signalChecked(p, sig) }

// age is how long ago a process with this [PidStart] was started.
func age(start uint64) time.Duration { return time.Since(time.UnixMicro(int64(start))) }
