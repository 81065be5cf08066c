package port

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// HolderOf finds who listens on a port; false when nobody does.
func HolderOf(port int) (Holder, bool) {
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		b, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		if inode, uid, ok := listener(b, port); ok {
			h := Holder{Port: port, UID: uid}
			h.PID, h.Command = owner(inode)
			return h, true
		}
	}
	return Holder{}, false
}

// listener finds the socket that listens on port in a table of the kernel.
func listener(table []byte, port int) (inode string, uid int, ok bool) {
	const local, state, user, node, listening = 1, 3, 7, 9, "0A"
	want := ":" + strings.ToUpper(strconv.FormatInt(int64(port)+0x10000, 16)[1:])
	for line := range bytes.Lines(table) {
		f := strings.Fields(string(line))
		if len(f) > node && f[state] == listening && strings.HasSuffix(f[local], want) {
			uid, _ = strconv.Atoi(f[user]) // the kernel writes numbers
			return f[node], uid, true
		}
	}
	return "", 0, false
}

// owner finds a process that has the socket open, among those whose files we may see.
func owner(inode string) (pid int, command string) {
	want := "socket:[" + inode + "]"
	fds, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is well formed
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err != nil || to != want {
			continue
		}
		dir := filepath.Dir(filepath.Dir(fd))
		pid, _ = strconv.Atoi(filepath.Base(dir)) // the pattern has digits only
		return pid, commandOf(dir)
	}
	return 0, ""
}

func commandOf(dir string) string {
	b, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(bytes.ReplaceAll(b, []byte{0}, []byte(" "))))
}

// Command is the command line of a process; "" when it is gone.
func Command(pid int) string { return commandOf(filepath.Join("/proc", strconv.Itoa(pid))) }
