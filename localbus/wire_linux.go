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
	in, out               transfer              // owned by whoever reads, and whoever writes
	armErr                error
}

// transfer is one recv(2) or send(2): what it is asked, and what came of it.
type transfer struct {
	p     []byte
	flags uintptr
	n     int
	err   error
}

// do makes the system call. The wrappers of x/sys allocate an address per call, or tell not how much was sent.
func (t *transfer) do(trap, fd uintptr) {
	t.n, t.err = 0, nil
	if len(t.p) == 0 {
		return
	}
	for {
		n, _, errno := unix.Syscall6(trap, fd, uintptr(unsafe.Pointer(&t.p[0])), uintptr(len(t.p)), t.flags, 0, 0)
		switch errno {
		case 0:
			t.n = int(n)
			return
		case unix.EINTR:
			continue
		}
		t.err = errno
		return
	}
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
	w.in.do(unix.SYS_RECVFROM, fd)
	return true
}

func (w *unixWire) arm(fd uintptr) bool {
	w.armErr = w.poller.arm(w, int(fd))
	return true
}

func (w *unixWire) send(fd uintptr) bool {
	w.out.do(unix.SYS_SENDTO, fd)
	return true
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
	w.in.p, w.in.flags = p, unix.MSG_DONTWAIT
	if wait {
		w.in.flags = 0
	}
	err := w.raw.Read(w.recvOp)
	w.in.p = nil
	switch {
	case err != nil:
		return 0, err
	case w.in.err == unix.EAGAIN:
		return 0, nil
	case w.in.err != nil:
		return 0, w.in.err
	case w.in.n == 0:
		return 0, io.EOF
	}
	return w.in.n, nil
}

func (w *unixWire) tryWrite(p []byte) (int, error) {
	n, err := w.sendOnce(p, unix.MSG_DONTWAIT)
	if err == unix.EAGAIN {
		return 0, nil
	}
	return n, err
}

func (w *unixWire) sendOnce(p []byte, flags uintptr) (int, error) {
	w.out.p, w.out.flags = p, flags|unix.MSG_NOSIGNAL
	err := w.raw.Write(w.sendOp)
	w.out.p = nil
	if err != nil {
		return 0, err
	}
	return w.out.n, w.out.err
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
