package raw

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
)

// Redis is a client of a Redis server that knows no more of its protocol than to put into a stream and wait for the next
// entry of another one.
type Redis struct {
	c    net.Conn
	r    *bufio.Reader
	out  []byte
	last string // id of the last entry read
}

// DialRedis connects to the server's Unix socket.
func DialRedis(path string) (*Redis, error) {
	c, err := net.Dial("unix", path)
	if err != nil {
		return nil, err
	}
	return &Redis{c: c, r: bufio.NewReaderSize(c, 64<<10), last: "0-0"}, nil
}

// command sends a command.
func (r *Redis) command(args ...string) error {
	r.out = append(strconv.AppendInt(append(r.out[:0], '*'), int64(len(args)), 10), "\r\n"...)
	for _, a := range args {
		r.out = append(strconv.AppendInt(append(r.out, '$'), int64(len(a)), 10), "\r\n"...)
		r.out = append(append(r.out, a...), "\r\n"...)
	}
	_, err := r.c.Write(r.out)
	return err
}

// value reads an answer: a string, or all strings of a nested list.
func (r *Redis) value(into []string) ([]string, error) {
	b, err := r.r.ReadSlice('\n')
	if err != nil {
		return into, err
	}
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return into, errors.New("redis: an empty line")
	}
	switch b[0] {
	case '-':
		return into, fmt.Errorf("redis: %s", b[1:])
	case '$':
		return r.text(into, string(b[1:]))
	case '*':
		n, err := strconv.Atoi(string(b[1:]))
		for i := 0; i < n && err == nil; i++ {
			into, err = r.value(into)
		}
		return into, err
	}
	return append(into, string(b[1:])), nil
}

func (r *Redis) text(into []string, length string) ([]string, error) {
	n, err := strconv.Atoi(length)
	if err != nil || n < 0 {
		return into, err
	}
	b := make([]byte, n+2)
	_, err = io.ReadFull(r.r, b)
	return append(into, string(b[:n])), err
}

// Add puts a body at the end of a stream, which keeps the last thousand.
func (r *Redis) Add(stream, body string) error {
	if err := r.command("XADD", stream, "MAXLEN", "~", "1000", "*", "b", body); err != nil {
		return err
	}
	_, err := r.value(nil)
	return err
}

// Next waits for the next entry of a stream.
func (r *Redis) Next(stream string) (body string, err error) {
	if err := r.command("XREAD", "COUNT", "1", "BLOCK", "0", "STREAMS", stream, r.last); err != nil {
		return "", err
	}
	v, err := r.value(nil)
	if err != nil {
		return "", err
	}
	const parts = 4 // stream, id, name, body
	if len(v) != parts {
		return "", fmt.Errorf("redis: XREAD answers %d parts", len(v))
	}
	r.last = v[1]
	return v[parts-1], nil
}

// Close ends the connection.
func (r *Redis) Close() error { return r.c.Close() }

// ServeRedis puts every entry of the stream "to" into the stream "fro", until the connection ends.
func ServeRedis(path string, ready io.Closer) error {
	r, err := DialRedis(path)
	if err != nil {
		return err
	}
	defer r.c.Close() //nolint:errcheck // nothing is left to say
	if err := ready.Close(); err != nil {
		return err
	}
	for {
		body, err := r.Next("to")
		if err == nil {
			err = r.Add("fro", body)
		}
		if err != nil {
			return endOf(err)
		}
	}
}
