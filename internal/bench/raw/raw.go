// Package raw is the baseline of the benches: the smallest programs that do the same job with blocking reads and writes
// on Unix sockets, each in a process of its own. Nothing here is slower than it has to be.
package raw

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Serve is the program of one process: it listens on the socket path, says so by closing ready, takes one connection
// and sends every block of size bytes on: back to where it came from, or, when next is not empty, to the socket path
// next. It returns when the connection ends.
func Serve(path, next string, size int, ready io.Closer) error {
	l, err := listen(path)
	if err != nil {
		return err
	}
	defer unix.Close(l)
	if err := ready.Close(); err != nil {
		return err
	}
	in, err := accept(l)
	if err != nil {
		return err
	}
	defer unix.Close(in)
	out := in
	if next != "" {
		if out, err = dial(next); err != nil {
			return err
		}
		defer unix.Close(out)
	}
	b := make([]byte, size)
	for {
		if err := readFull(in, b); err != nil {
			return endOf(err)
		}
		if err := writeFull(out, b); err != nil {
			return endOf(err)
		}
	}
}

// endOf is nil for the errors that are the end of a run.
func endOf(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET) {
		return nil
	}
	return err
}

// Client sends a block and waits for it to come back: on the same connection, or on the one that the last process of a
// ring has made to us.
type Client struct {
	out, in int
	b       []byte
}

// Dial connects to the socket of a Serve that answers on the same connection.
func Dial(path string, size int) (*Client, error) {
	fd, err := dial(path)
	if err != nil {
		return nil, err
	}
	return &Client{out: fd, in: fd, b: make([]byte, size)}, nil
}

// Ring is the client of a ring of Serves: it listens on home, where the last of them sends to, and sends to first.
type Ring struct {
	listener int
	home     string
}

// NewRing opens the client's end of a ring, before the others are started.
func NewRing(home string) (*Ring, error) {
	l, err := listen(home)
	if err != nil {
		return nil, err
	}
	return &Ring{listener: l, home: home}, nil
}

// Connect closes the ring: first is the socket of the first Serve, and the last one was given our home as next. Each of
// them dials on when it has been dialed.
func (r *Ring) Connect(first string, size int) (*Client, error) {
	defer unix.Close(r.listener)
	out, err := dial(first)
	if err != nil {
		return nil, err
	}
	in, err := accept(r.listener)
	if err != nil {
		return nil, errors.Join(err, unix.Close(out))
	}
	return &Client{out: out, in: in, b: make([]byte, size)}, nil
}

// Once sends one block and waits until it is back.
func (c *Client) Once() error {
	if err := writeFull(c.out, c.b); err != nil {
		return err
	}
	return readFull(c.in, c.b)
}

// Wait reads until there is an error: io.EOF when the other process has ended.
func (c *Client) Wait() error { return readFull(c.in, c.b) }

// Close ends the connections, and with them the other processes.
func (c *Client) Close() error {
	err := unix.Close(c.out)
	if c.in != c.out {
		err = errors.Join(err, unix.Close(c.in))
	}
	return err
}

func socket() (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	unix.CloseOnExec(fd)
	return fd, nil
}

func listen(path string) (int, error) {
	fd, err := socket()
	if err != nil {
		return -1, err
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return -1, errors.Join(fmt.Errorf("bind %s: %w", path, err), unix.Close(fd))
	}
	if err := unix.Listen(fd, 8); err != nil {
		return -1, errors.Join(fmt.Errorf("listen %s: %w", path, err), unix.Close(fd))
	}
	return fd, nil
}

func dial(path string) (int, error) {
	fd, err := socket()
	if err != nil {
		return -1, err
	}
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return -1, errors.Join(fmt.Errorf("connect %s: %w", path, err), unix.Close(fd))
	}
	return fd, nil
}

func accept(l int) (int, error) {
	for {
		fd, _, err := unix.Accept(l)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return -1, os.NewSyscallError("accept", err)
		}
		unix.CloseOnExec(fd)
		return fd, nil
	}
}

func readFull(fd int, b []byte) error {
	for done := 0; done < len(b); {
		n, err := unix.Read(fd, b[done:])
		switch {
		case err == unix.EINTR:
		case err != nil:
			return err
		case n == 0:
			return io.EOF
		default:
			done += n
		}
	}
	return nil
}

func writeFull(fd int, b []byte) error {
	for done := 0; done < len(b); {
		n, err := unix.Write(fd, b[done:])
		switch {
		case err == unix.EINTR:
		case err != nil:
			return err
		default:
			done += n
		}
	}
	return nil
}
