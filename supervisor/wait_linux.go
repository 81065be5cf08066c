package supervisor

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// waitHandle waits for the end of one process, ours or not. The descriptor of a process becomes readable when it
// ends, so that Go's poller waits for a hundred of them without a hundred threads, and a wait can be called off.
type waitHandle struct {
	pid  int
	file *os.File // nil on kernels without such descriptors
}

func newWaiter(pid, pidfd int) *waitHandle {
	w := &waitHandle{pid: pid}
	if pidfd < 0 || unix.SetNonblock(pidfd, true) != nil {
		return w
	}
	w.file = os.NewFile(uintptr(pidfd), "process") // non-blocking, hence polled
	return w
}

func openWaiter(pid int) *waitHandle {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		fd = -1
	}
	return newWaiter(pid, fd)
}

func (w *waitHandle) close() {
	if w.file != nil {
		w.file.Close()
	}
}

// dead returns nil when the process has ended, whether or not it is reaped.
func (w *waitHandle) dead(ctx context.Context) error {
	if w.file == nil || w.file.SetReadDeadline(time.Time{}) != nil {
		return pollDead(ctx, w.pid)
	}
	defer context.AfterFunc(ctx, func() { _ = w.file.SetReadDeadline(time.Unix(1, 0)) })()
	raw, err := w.file.SyscallConn()
	if err != nil {
		return pollDead(ctx, w.pid)
	}
	err = raw.Read(readable)
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, os.ErrClosed) {
		return ctx.Err()
	}
	return err
}

func readable(fd uintptr) bool {
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		if !errors.Is(err, unix.EINTR) {
			return n > 0
		}
	}
}
