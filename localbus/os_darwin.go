package localbus

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// socketPathLimit is the longest path in a socket address, without its final zero byte.
const socketPathLimit = 103

// socketsByDescriptor: there is no way around the limit here.
const socketsByDescriptor = false

func ownerOf(st fs.FileInfo) int { return int(st.Sys().(*syscall.Stat_t).Uid) }

// socketPath names a socket in the open directory i, whose path is dir.
func socketPath(_ *os.File, dir, name string) string { return dir + "/" + name }

// peerUID is the user at the other end, as the kernel knows it.
func peerUID(c *net.UnixConn) (int, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return -1, err
	}
	var cred *unix.Xucred
	var credErr error
	err = raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	})
	if err := errors.Join(err, credErr); err != nil {
		return -1, err
	}
	return int(cred.Uid), nil
}

// processIdentity tells a process from a later one with the same pid; here nothing does.
func processIdentity() (start uint64, boot string) { return 0, "" }
