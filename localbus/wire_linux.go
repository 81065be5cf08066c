package localbus

import (
	"io"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// soonWait is how long readSoon waits; the kernel rounds it up to its tick.
const soonWait = 2 * time.Millisecond

// unixWire is a Unix socket in blocking mode that is also known to Go's poller: each call says by MSG_DONTWAIT whether
// it waits in the kernel or in the poller. Waiting in the kernel saves an epoll round and two goroutine switches.
type unixWire struct {
	conn   *net.UnixConn
	raw    syscall.RawConn
	readOp func(fd uintptr) bool // reads into in, waiting in the poller
	soonOp func(fd uintptr) bool // reads into in, waiting in the kernel
	sendOp func(fd uintptr) bool // writes out, without waiting
	in     []byte                // owned by whoever reads
	inN    int
	inErr  error
	out    []byte // owned by whoever writes
	outN   int
	outErr error
}

func newUnixWire(c *net.UnixConn) (wire, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	var opErr error
	err = raw.Control(func(fd uintptr) {
		tv := unix.NsecToTimeval(soonWait.Nanoseconds())
		if opErr = unix.SetsockoptTimeval(int(fd), unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv); opErr == nil {
			opErr = unix.SetNonblock(int(fd), false)
		}
	})
	if err == nil {
		err = opErr
	}
	if err != nil {
		return nil, err
	}
	w := &unixWire{conn: c, raw: raw}
	w.readOp, w.soonOp, w.sendOp = w.recvPoll, w.recvKernel, w.send
	return w, nil
}

func (w *unixWire) recvPoll(fd uintptr) bool {
	w.inN, w.inErr = recv(int(fd), w.in, unix.MSG_DONTWAIT)
	return w.inErr != unix.EAGAIN
}

func (w *unixWire) recvKernel(fd uintptr) bool {
	w.inN, w.inErr = recv(int(fd), w.in, 0)
	return true
}

func (w *unixWire) send(fd uintptr) bool {
	for {
		w.outN, w.outErr = unix.SendmsgN(int(fd), w.out, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		if w.outErr != unix.EINTR {
			return true
		}
	}
}

func recv(fd int, p []byte, flags int) (int, error) {
	for {
		n, _, err := unix.Recvfrom(fd, p, flags)
		if err != unix.EINTR {
			return n, err
		}
	}
}

// Read implements wire.
func (w *unixWire) Read(p []byte) (int, error) {
	w.in = p
	if err := w.raw.Read(w.readOp); err != nil {
		return 0, err
	}
	return w.received()
}

func (w *unixWire) readSoon(p []byte) (int, error) {
	w.in = p
	if err := w.raw.Read(w.soonOp); err != nil {
		return 0, err
	}
	if w.inErr == unix.EAGAIN {
		return 0, nil
	}
	return w.received()
}

func (w *unixWire) received() (int, error) {
	w.in = nil
	if w.inErr != nil {
		return 0, w.inErr
	}
	if w.inN == 0 {
		return 0, io.EOF
	}
	return w.inN, nil
}

func (w *unixWire) tryWrite(p []byte) (int, error) {
	w.out = p
	err := w.raw.Write(w.sendOp)
	w.out = nil
	switch {
	case err != nil:
		return 0, err
	case w.outErr == unix.EAGAIN:
		return 0, nil
	case w.outErr != nil:
		return 0, w.outErr
	}
	return w.outN, nil
}

// Write implements wire.
func (w *unixWire) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		if err := w.conn.SetWriteDeadline(time.Now().Add(progressWait)); err != nil {
			return done, err
		}
		n, err := 0, error(nil)
		rawErr := w.raw.Write(func(fd uintptr) bool {
			n, err = unix.SendmsgN(int(fd), p[done:], nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
			return err != unix.EAGAIN && err != unix.EINTR
		})
		switch {
		case rawErr != nil:
			return done, stalled(rawErr)
		case err != nil:
			return done, err
		}
		done += n
	}
	return done, nil
}

// Close implements wire. The shutdown wakes a reader that waits in the kernel, which would otherwise hold the
// descriptor open until its time is over.
func (w *unixWire) Close() error {
	_ = w.raw.Control(func(fd uintptr) { _ = unix.Shutdown(int(fd), unix.SHUT_RDWR) }) // may be closed already
	return w.conn.Close()
}
