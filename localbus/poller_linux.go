package localbus

import (
	"math"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// poller waits for input on all connections that nobody reads at the moment. Each is armed for one event at a time, so
// a connection whose reader waits in the kernel wakes nobody else. Its own descriptor is what Go's poller sees.
type poller struct {
	file *os.File // the epoll instance
	raw  syscall.RawConn

	mu     sync.Mutex
	fd     int // of file
	closed bool
	wires  map[int32]*unixWire
	next   int32
}

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // makes os.NewFile hand it to Go's poller
		_ = unix.Close(fd) // err is the reason that counts
		return nil, os.NewSyscallError("fcntl", err)
	}
	p := &poller{file: os.NewFile(uintptr(fd), "epoll"), fd: fd, wires: map[int32]*unixWire{}}
	p.raw, err = p.file.SyscallConn()
	return p, err
}

// run wakes readers until the poller is closed. It stays inside one Read: what becomes ready between a look and the
// waiting is remembered there.
func (p *poller) run() {
	var events [64]unix.EpollEvent
	_ = p.raw.Read(func(fd uintptr) bool { // ends with the closing of the file
		for {
			n := wait(int(fd), events[:])
			p.wake(events[:max(n, 0)])
			if n < len(events) {
				return n < 0
			}
		}
	})
}

func (p *poller) wake(events []unix.EpollEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range events {
		if w := p.wires[e.Fd]; w != nil {
			w.wake()
		}
	}
}

// wait is epoll_wait without waiting; -1 when the instance is gone.
func wait(fd int, events []unix.EpollEvent) int {
	for {
		n, err := unix.EpollWait(fd, events, 0)
		switch err {
		case nil:
			return n
		case unix.EINTR:
			continue
		}
		return -1
	}
}

// add makes a connection known, not armed yet.
func (p *poller) add(w *unixWire, fd int) error {
	p.mu.Lock()
	for p.next++; p.wires[p.next] != nil; p.next++ {
		if p.next == math.MaxInt32 {
			p.next = 0
		}
	}
	w.id = p.next
	p.wires[w.id] = w
	p.mu.Unlock()
	err := p.control(unix.EPOLL_CTL_ADD, w, fd, unix.EPOLLONESHOT) // a hang-up is told even to those who did not ask
	if err != nil {
		p.forget(w)
	}
	return err
}

// arm asks for one wake-up when fd has input; at once when it has some already.
func (p *poller) arm(w *unixWire, fd int) error {
	return p.control(unix.EPOLL_CTL_MOD, w, fd, unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLONESHOT)
}

func (p *poller) remove(w *unixWire, fd int) {
	p.forget(w)
	_ = p.control(unix.EPOLL_CTL_DEL, w, fd, 0) // goes with the descriptor otherwise
}

func (p *poller) forget(w *unixWire) {
	p.mu.Lock()
	delete(p.wires, w.id)
	p.mu.Unlock()
}

// control is epoll_ctl. The descriptor stays open while mu is held and closed is false.
func (p *poller) control(op int, w *unixWire, fd int, events uint32) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	e := unix.EpollEvent{Events: events, Fd: w.id}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(p.fd, op, fd, &e))
}

func (p *poller) close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	return p.file.Close() // waits for run, which takes mu
}
