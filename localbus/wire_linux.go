package localbus

import (
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// soonWait is how long readSoon waits; the kernel rounds it up to its tick.
const soonWait = 2 * time.Millisecond

// unixWire is a Unix socket in blocking mode, outside Go's poller. Who waits for an answer that comes at once waits in
// the kernel; who waits long is parked by the poller of this package. Go's own poller always asks for writability too,
// and so would wake a thread each time the peer has read something.
type unixWire struct {
	poller *poller
	id     int32
	file   *os.File // holds the descriptor while somebody uses it
	raw    syscall.RawConn
	ready  chan struct{} // filled by the poller
	closed atomic.Bool

	recvOp, sendOp, armOp func(fd uintptr) bool // made once: a method value allocates
	in                    []byte                // owned by whoever reads, as are the next four
	inFlags               uintptr
	inN                   int
	inErr                 error
	armErr                error
	out                   []byte // owned by whoever writes, as are the next three
	outFlags              uintptr
	outN                  int
	outErr                error
}

// newUnixWire takes the socket of c, and c is closed.
func newUnixWire(p *poller, c *net.UnixConn) (wire, error) {
	fd, err := ownDescriptor(c)
	if err != nil {
		return nil, err
	}
	w := &unixWire{poller: p, file: os.NewFile(uintptr(fd), "peer"), ready: make(chan struct{}, 1)}
	w.recvOp, w.sendOp, w.armOp = w.recv, w.send, w.arm
	if w.raw, err = w.file.SyscallConn(); err == nil {
		err = p.add(w, fd)
	}
	if err != nil {
		_ = w.file.Close() // err is the reason that counts
		return nil, err
	}
	return w, nil
}

// ownDescriptor takes the socket out of c, and so out of Go's poller.
func ownDescriptor(c *net.UnixConn) (int, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd, opErr := -1, error(nil)
	if err := raw.Control(func(old uintptr) { fd, opErr = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) }); err != nil {
		return -1, err
	}
	if opErr != nil {
		return -1, os.NewSyscallError("fcntl", opErr)
	}
	soon, stall := unix.NsecToTimeval(soonWait.Nanoseconds()), unix.NsecToTimeval(progressWait.Nanoseconds())
	for _, err := range []error{
		c.Close(),
		unix.SetNonblock(fd, false),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &soon),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &stall),
	} {
		if err != nil {
			_ = unix.Close(fd) // err is the reason that counts
			return -1, err
		}
	}
	return fd, nil
}

func (w *unixWire) recv(fd uintptr) bool {
	w.inN, w.inErr = transfer(unix.SYS_RECVFROM, fd, w.in, w.inFlags)
	return true
}

func (w *unixWire) arm(fd uintptr) bool {
	w.armErr = w.poller.arm(w, int(fd))
	return true
}

func (w *unixWire) send(fd uintptr) bool {
	w.outN, w.outErr = transfer(unix.SYS_SENDTO, fd, w.out, w.outFlags|unix.MSG_NOSIGNAL)
	return true
}

// transfer is recv(2) or send(2). Those of x/sys allocate an address per call, or tell not how much was sent.
func transfer(trap, fd uintptr, p []byte, flags uintptr) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		n, _, errno := unix.Syscall6(trap, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), flags, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
			continue
		}
		return 0, errno
	}
}

// Read implements wire. The poller looks at the socket when it is armed, so nothing that came before is missed.
func (w *unixWire) Read(p []byte) (int, error) {
	for {
		if err := w.raw.Read(w.armOp); err != nil {
			return 0, err
		}
		if w.armErr != nil {
			return 0, w.armErr
		}
		<-w.ready
		if w.closed.Load() {
			return 0, net.ErrClosed
		}
		if n, err := w.readSoon(p, false); n > 0 || err != nil {
			return n, err
		}
	}
}

func (w *unixWire) readSoon(p []byte, wait bool) (int, error) {
	w.in, w.inFlags = p, unix.MSG_DONTWAIT
	if wait {
		w.inFlags = 0
	}
	err := w.raw.Read(w.recvOp)
	w.in = nil
	switch {
	case err != nil:
		return 0, err
	case w.inErr == unix.EAGAIN:
		return 0, nil
	case w.inErr != nil:
		return 0, w.inErr
	case w.inN == 0:
		return 0, io.EOF
	}
	return w.inN, nil
}

func (w *unixWire) tryWrite(p []byte) (int, error) {
	n, err := w.sendOnce(p, unix.MSG_DONTWAIT)
	if err == unix.EAGAIN {
		return 0, nil
	}
	return n, err
}

func (w *unixWire) sendOnce(p []byte, flags uintptr) (int, error) {
	w.out, w.outFlags = p, flags
	err := w.raw.Write(w.sendOp)
	w.out = nil
	if err != nil {
		return 0, err
	}
	return w.outN, w.outErr
}

// Write implements wire. It waits in the kernel, which is rare: tryWrite comes before it.
func (w *unixWire) Write(p []byte) (int, error) {
	const piece = 64 << 10
	done := 0
	for done < len(p) {
		n, err := w.sendOnce(p[done:min(len(p), done+piece)], 0)
		if err == unix.EAGAIN {
			return done, errStalled
		}
		if err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}

// Close implements wire. The shutdown wakes whoever waits in the kernel.
func (w *unixWire) Close() error {
	if w.closed.Swap(true) {
		return nil
	}
	_ = w.raw.Control(func(fd uintptr) {
		_ = unix.Shutdown(int(fd), unix.SHUT_RDWR) // the peer may have done so already
		w.poller.remove(w, int(fd))
	})
	w.wake()
	return w.file.Close()
}

func (w *unixWire) wake() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}
