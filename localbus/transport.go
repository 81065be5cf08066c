package localbus

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/woodwork-lang/ww/internal/fault"
)

// transport is how connections are made. Production has Unix sockets; tests with a clock have pipes in memory. Both
// ends of a connection it hands out belong to the same user.
type transport interface {
	listen(instance string) (net.Listener, error)
	dial(ctx context.Context, instance string) (net.Conn, error)
	wire(c net.Conn) (wire, error) // makes c, after the handshake, ready for frames
	watch(ctx context.Context) <-chan struct{}
	close() error
}

// unixTransport makes Unix sockets in a run directory.
type unixTransport struct {
	dir string // of the instances
	uid int

	mu     sync.Mutex
	i      *os.File    // dir, open: paths of sockets can go through it; guarded by mu
	old    []*os.File  // what i was before the directory was replaced; guarded by mu
	socket os.FileInfo // of the one that was opened last; guarded by mu

	faults *fault.Set
	poller *poller
	polled chan struct{} // closed when the poller's goroutine has ended
}

func newUnixTransport(dir string, faults *fault.Set) (*unixTransport, error) {
	path := instancesDir(dir)
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	p, err := newPoller()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	t := &unixTransport{dir: path, i: f, uid: os.Geteuid(), faults: faults, poller: p, polled: make(chan struct{})}
	go func() {
		defer close(t.polled)
		p.run()
	}()
	return t, nil
}

// listen binds under a temporary name and renames: whoever finds the name can connect to it.
func (t *unixTransport) listen(instance string) (net.Listener, error) {
	tmp, name := ".t-"+instance+".s", instance+".s"
	t.faults.At(fault.BindBefore)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: t.at(tmp), Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // it knows the temporary name only; removeInstance removes the real one
	if err := os.Chmod(filepath.Join(t.dir, tmp), 0o600); err != nil {
		return nil, closing(l, err)
	}
	t.faults.At(fault.BindRename)
	if err := os.Rename(filepath.Join(t.dir, tmp), filepath.Join(t.dir, name)); err != nil {
		return nil, closing(l, err)
	}
	st, err := os.Lstat(filepath.Join(t.dir, name))
	if err != nil {
		return nil, closing(l, err)
	}
	t.mu.Lock()
	t.socket = st
	t.mu.Unlock()
	return ownListener{l, t.uid}, nil
}

// ownListener refuses connections of other users, before a byte of theirs is read.
type ownListener struct {
	*net.UnixListener
	uid int
}

// Accept implements net.Listener. The error for a foreign connection is a *foreignError, and not the listener's end.
func (l ownListener) Accept() (net.Conn, error) {
	c, err := l.AcceptUnix()
	if err != nil {
		return nil, err
	}
	return checked(c, l.uid)
}

// checked closes a connection that another user is at the other end of.
func checked(c *net.UnixConn, uid int) (net.Conn, error) {
	theirs, err := peerUID(c)
	if err == nil && theirs != uid {
		err = &foreignError{theirs}
	}
	if err != nil {
		_ = c.Close() // err is the reason that counts
		return nil, err
	}
	return c, nil
}

func closing(l net.Listener, err error) error {
	_ = l.Close() // err is the reason that counts
	return err
}

func (t *unixTransport) dial(ctx context.Context, instance string) (net.Conn, error) {
	var d net.Dialer
	c, err := t.dialed(instance+".s", func(path string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) })
	if err != nil {
		return nil, err
	}
	return checked(c.(*net.UnixConn), t.uid)
}

func (t *unixTransport) wire(c net.Conn) (wire, error) {
	return newUnixWire(t.poller, c.(*net.UnixConn))
}

func (t *unixTransport) watch(ctx context.Context) <-chan struct{} {
	return Watch(ctx, filepath.Dir(t.dir))
}

// kernelSeats is how many goroutines may wait in the kernel where Go has so many processors: one of them always works. Two are
// what a component in the middle of a turn needs, which hears from who asks it and from who answers it.
func kernelSeats(processors int) int32 {
	if runtime.GOOS != "linux" {
		return 0
	}
	return int32(max(0, min(2, processors-1)))
}

func (t *unixTransport) close() error {
	err := t.poller.close()
	t.mu.Lock()
	for _, f := range append(t.old, t.i) {
		err = errors.Join(err, f.Close())
	}
	t.mu.Unlock()
	<-t.polled
	return err
}

// busyDial says whether a dial failed because the listener has more waiting than it takes: it is alive.
func busyDial(err error) bool { return isErrno(err, unix.EAGAIN) }
