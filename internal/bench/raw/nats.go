package raw

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// NATS is a client of a NATS server that knows no more of its protocol than a request needs.
type NATS struct {
	c    net.Conn
	r    *bufio.Reader
	out  []byte
	body []byte
}

// DialNATS connects, and listens for messages on subject.
func DialNATS(addr, subject string) (*NATS, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	n := &NATS{c: c, r: bufio.NewReaderSize(c, 64<<10)}
	if _, err = n.line("INFO"); err == nil {
		_, err = fmt.Fprintf(c, "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"go\",\"version\":\"1\",\"protocol\":1}\r\nSUB %s 1\r\nPING\r\n", subject)
	}
	if err == nil {
		_, err = n.line("PONG")
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return n, nil
}

// line reads a line that begins with a word, and answers the server's questions before it.
func (n *NATS) line(word string) ([]byte, error) {
	for {
		b, err := n.r.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		switch {
		case bytes.HasPrefix(b, []byte(word)):
			return bytes.TrimSpace(b), nil
		case bytes.HasPrefix(b, []byte("PING")):
			if _, err := n.c.Write([]byte("PONG\r\n")); err != nil {
				return nil, err
			}
		case bytes.HasPrefix(b, []byte("-ERR")):
			return nil, fmt.Errorf("nats: %s", bytes.TrimSpace(b))
		}
	}
}

// Publish sends a body to a subject.
func (n *NATS) Publish(subject, reply string, body []byte) error {
	n.out = append(append(n.out[:0], "PUB "...), subject...)
	if reply != "" {
		n.out = append(append(n.out, ' '), reply...)
	}
	n.out = strconv.AppendInt(append(n.out, ' '), int64(len(body)), 10)
	n.out = append(append(append(n.out, "\r\n"...), body...), "\r\n"...)
	_, err := n.c.Write(n.out)
	return err
}

// Next waits for a message and returns its body, valid until the next one, and where the answer goes.
func (n *NATS) Next() (body []byte, reply string, err error) {
	b, err := n.line("MSG")
	if err != nil {
		return nil, "", err
	}
	f := strings.Fields(string(b)) // MSG subject id [reply] length
	size, err := strconv.Atoi(f[len(f)-1])
	if err != nil {
		return nil, "", err
	}
	const ids = 4
	if len(f) > ids {
		reply = f[ids-1]
	}
	if cap(n.body) < size+2 {
		n.body = make([]byte, size+2)
	}
	n.body = n.body[:size+2]
	_, err = io.ReadFull(n.r, n.body)
	return n.body[:size], reply, err
}

// Close ends the connection.
func (n *NATS) Close() error { return n.c.Close() }

// ServeNATS answers every request to a subject with its own body, until the connection ends.
func ServeNATS(addr, subject string, ready io.Closer) error {
	n, err := DialNATS(addr, subject)
	if err != nil {
		return err
	}
	defer n.c.Close() //nolint:errcheck // nothing is left to say
	if err := ready.Close(); err != nil {
		return err
	}
	for {
		body, reply, err := n.Next()
		if err == nil {
			err = n.Publish(reply, "", body)
		}
		if err != nil {
			return endOf(err)
		}
	}
}
