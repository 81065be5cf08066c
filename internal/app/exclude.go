package app

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// errLoose says that a lock keeps nobody out.
var errLoose = errors.New("a lock there keeps nobody out")

// excludes tries whether a lock on a directory keeps others out. On what comes from another machine it may not, and every
// promise of ww needs it to. Nothing is written.
func excludes(dir string) bool {
	first, err := os.Open(dir)
	if err != nil {
		return true // another error will say so
	}
	defer first.Close()
	second, err := os.Open(dir)
	if err != nil {
		return true
	}
	defer second.Close()
	const exclusive = unix.LOCK_EX | unix.LOCK_NB
	one := unix.Flock(int(first.Fd()), exclusive)
	if errors.Is(one, unix.EWOULDBLOCK) || errors.Is(one, unix.EINTR) {
		return true // somebody else tries right now
	}
	return one == nil && errors.Is(unix.Flock(int(second.Fd()), exclusive), unix.EWOULDBLOCK)
}
