// Package handover lets the instances of a component share one listening socket: the next one gets it from one that
// lives, so that no connection is refused while a component is replaced.
//
// A socket belongs to nobody but its holders: no process has to outlive the others to keep it. Only when all of them are
// gone at once is the address bound anew.
package handover

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Share says which socket is meant.
type Share struct {
	Dir       string // where the instances of the app find each other; only this user may enter it. Empty: nothing is shared
	Component string // whose instances share
	Instance  string // this one
	Address   string // what to listen on
}

// The waits. Somebody who gives answers at once.
const (
	answerWithin = time.Second
	rivalPause   = 50 * time.Millisecond
	rivalTries   = 10 // two instances that start at once: one binds, the other one gets it from the first
)

// A Listener is a listening socket that is given to every instance that asks for it.
type Listener struct {
	net.Listener
	Given bool // another instance had it

	offer *net.UnixListener
	path  string
	wg    sync.WaitGroup
}

// Listen returns the socket of another instance, or a new one.
func Listen(ctx context.Context, s Share) (*Listener, error) {
	l := &Listener{}
	for try := 0; ; try++ {
		if got := s.take(); got != nil {
			l.Listener, l.Given = got, true
			break
		}
		var config net.ListenConfig
		fresh, err := config.Listen(ctx, "tcp", s.Address)
		if err == nil {
			l.Listener = fresh
			break
		}
		if !errors.Is(err, syscall.EADDRINUSE) || s.Dir == "" || try == rivalTries {
			return nil, err
		}
		select {
		case <-time.After(rivalPause):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	l.give(s)
	return l, nil
}

// key is what an instance says to get a socket.
func (s Share) key() string { return s.Component + " " + s.Address + "\n" }

// take asks the instances that are there, whoever they are: all but one that has this very socket refuse.
func (s Share) take() net.Listener {
	if s.Dir == "" {
		return nil
	}
	paths, _ := filepath.Glob(filepath.Join(s.Dir, "*.s")) // the pattern is well formed
	for _, path := range paths {
		if l, err := s.ask(path); err == nil {
			return l
		}
	}
	return nil
}

func (s Share) ask(path string) (net.Listener, error) {
	c, err := net.DialTimeout("unix", path, answerWithin)
	if err != nil {
		return nil, err
	}
	defer c.Close() //nolint:errcheck // it has said what it had to say
	if err := c.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return nil, err
	}
	if _, err := c.Write([]byte(s.key())); err != nil {
		return nil, err
	}
	var b [1]byte
	oob := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := c.(*net.UnixConn).ReadMsgUnix(b[:], oob)
	if err != nil {
		return nil, err
	}
	return received(oob[:n])
}

func received(oob []byte) (net.Listener, error) {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil || len(messages) != 1 {
		return nil, errNothing
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, errNothing
	}
	unix.CloseOnExec(fds[0])
	f := os.NewFile(uintptr(fds[0]), "listener")
	defer f.Close() // net has its own
	return net.FileListener(f)
}

// give offers the socket to the instances that come. It is a convenience: without it the next one binds anew.
func (l *Listener) give(s Share) {
	if s.Dir == "" || os.MkdirAll(s.Dir, 0o700) != nil {
		return
	}
	l.path = filepath.Join(s.Dir, s.Instance+".s")
	_ = os.Remove(l.path) // of an instance that had our name and is gone
	offer, err := net.ListenUnix("unix", &net.UnixAddr{Name: l.path, Net: "unix"})
	if err != nil {
		return
	}
	l.offer = offer
	l.wg.Go(func() {
		for {
			c, err := offer.AcceptUnix()
			if err != nil {
				return
			}
			l.wg.Go(func() { l.answer(c, s.key()) })
		}
	})
}

// answer gives the socket to one that names it.
func (l *Listener) answer(c *net.UnixConn, key string) {
	defer c.Close() //nolint:errcheck // it has said what it had to say
	if c.SetDeadline(time.Now().Add(answerWithin)) != nil {
		return
	}
	line, err := bufio.NewReaderSize(c, len(key)+1).ReadString('\n')
	if err != nil || line != key {
		return
	}
	raw, err := l.Listener.(syscall.Conn).SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { // one that did not get it says so itself
		_, _, _ = c.WriteMsgUnix([]byte{1}, unix.UnixRights(int(fd)), nil)
	})
}

// Close gives the socket up; the others keep theirs.
func (l *Listener) Close() error {
	if l.offer != nil {
		_ = l.offer.Close() // it removes its file, too
	}
	err := l.Listener.Close()
	l.wg.Wait()
	return err
}
