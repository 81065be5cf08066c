package supervisor

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// environLimit bounds what is read of an environment: the kernel allows one of 2 MiB and more.
const environLimit = 256 << 10

// processes lists what runs here. Reading tags costs one more file for each.
func processes(tags bool) ([]proc, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	all := make([]proc, 0, len(names))
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		p, err := lookup(pid, tags)
		if err != nil {
			continue // it ended while we were looking
		}
		all = append(all, p)
	}
	return all, nil
}

func lookup(pid int, tags bool) (proc, error) {
	dir := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return proc{}, err
	}
	p, err := parseStat(stat)
	if err != nil || !tags || p.dead {
		return p, err
	}
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		return proc{}, err
	}
	p.uid = int(st.Uid)
	if p.uid == os.Getuid() {
		p.tag = readTag(dir + "/environ")
	}
	return p, nil
}

// parseStat reads /proc/<pid>/stat. The name in parentheses may contain anything, also parentheses. Counted from
// behind it: 0 state, 1 parent, 2 group, 3 session, 17 threads, 19 start.
func parseStat(stat []byte) (proc, error) {
	open, end := bytes.IndexByte(stat, ' '), bytes.LastIndexByte(stat, ')')
	if open < 0 || end < 0 {
		return proc{}, errors.New("not a process status")
	}
	f := bytes.Fields(stat[end+1:])
	if len(f) < 20 {
		return proc{}, errors.New("not a process status")
	}
	var p proc
	switch f[0][0] {
	case 'X', 'x':
		p.dead = true
	case 'Z':
		// The state is that of the first thread. While others are on their way out, the process still has its files
		// and its children, and a daemon that it leaves has no new parent yet.
		p.dead = len(f[17]) == 1 && f[17][0] <= '1'
	}
	for _, n := range []struct {
		to   *int
		text []byte
	}{{&p.pid, stat[:open]}, {&p.ppid, f[1]}, {&p.pgid, f[2]}, {&p.sid, f[3]}} {
		v, err := strconv.Atoi(string(n.text))
		if err != nil {
			return proc{}, err
		}
		*n.to = v
	}
	var err error
	p.start, err = strconv.ParseUint(string(f[19]), 10, 64)
	return p, err
}

func readTag(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	env, _ := io.ReadAll(io.LimitReader(f, environLimit))
	for entry := range bytes.SplitSeq(env, []byte{0}) {
		if value, ok := bytes.CutPrefix(entry, []byte(TagEnv+"=")); ok {
			return string(value)
		}
	}
	return ""
}

// PidStart returns when a process was started, in a unit of the kernel: together with the pid it names one process
// for as long as the machine is up.
func PidStart(pid int) (uint64, error) {
	p, err := lookup(pid, false)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) || err == nil && p.dead {
		return 0, syscall.ESRCH
	}
	return p.start, err
}

// Halted reports whether a signal has stopped a process (SIGSTOP, Ctrl-Z, a debugger): it does nothing until it is let go on.
func Halted(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	end := bytes.LastIndexByte(stat, ')')
	return err == nil && end >= 0 && len(stat) > end+2 && (stat[end+2] == 'T' || stat[end+2] == 't')
}

// Subreaper makes this process the parent of every orphan below it, so that a daemon that a dead child left behind
// stays in reach.
func Subreaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become subreaper: %w", err)
	}
	return nil
}

// signalProc signals exactly p, even when its pid was given to another process meanwhile.
func signalProc(p proc, sig Signal) error {
	if p.pid <= 1 {
		return refusedPID(p.pid)
	}
	fd, err := unix.PidfdOpen(p.pid, 0)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) {
		return signalChecked(p, sig)
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if start, err := PidStart(p.pid); err != nil || start != p.start {
		return syscall.ESRCH
	}
	return unix.PidfdSendSignal(fd, sig, nil, 0)
}

// age is how long ago a process with this [PidStart] was started.
func age(start uint64) time.Duration {
	var up unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &up) != nil {
		return 0
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 wherever Linux runs Go
	return time.Duration(up.Nano()) - time.Duration(start)*tick
}
