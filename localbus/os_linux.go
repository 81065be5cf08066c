package localbus

import (
	"bytes"
	"errors"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// socketPathLimit is the longest path in a socket address, without its final zero byte.
const socketPathLimit = 107

// socketsByDescriptor: paths of any length work through /proc/self/fd.
const socketsByDescriptor = true

func ownerOf(st fs.FileInfo) int { return int(st.Sys().(*syscall.Stat_t).Uid) }

// socketPath names a socket in the open directory i, whose path is dir.
func socketPath(i *os.File, dir, name string) string {
	if path := dir + "/" + name; len(path) <= socketPathLimit {
		return path
	}
	return "/proc/self/fd/" + strconv.Itoa(int(i.Fd())) + "/" + name
}

// peerUID is the user at the other end, as the kernel knows it.
func peerUID(c *net.UnixConn) (int, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return -1, err
	}
	var cred *unix.Ucred
	var credErr error
	err = raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err := errors.Join(err, credErr); err != nil {
		return -1, err
	}
	return int(cred.Uid), nil
}

// processIdentity tells a process from a later one with the same pid.
func processIdentity() (start uint64, boot string) {
	if b, err := os.ReadFile("/proc/self/stat"); err == nil {
		if at := bytes.LastIndexByte(b, ')'); at >= 0 {
			const startTime = 19 // field 22 of proc(5), counted from the one after the name
			if f := strings.Fields(string(b[at+1:])); len(f) > startTime {
				start, _ = strconv.ParseUint(f[startTime], 10, 64) // 0 says unknown
			}
		}
	}
	if b, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		boot = strings.TrimSpace(string(b))
	}
	return start, boot
}
