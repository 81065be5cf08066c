package localbus

import "sync"

// firstRead is the size of a read buffer; a frame that is larger gets one of its own.
const firstRead = 16 << 10

// conn is one connection after both have said HELLO. The two ends have different parts: see dialed and served.
type conn struct {
	peer   *Peer
	wire   wire
	remote hello
	out    outbox
	handle func(frame) error // one frame; its bytes are valid until it returns
	batch  func()            // after all frames of one read
	ended  func(error)       // once, when the connection is over

	once sync.Once
	done chan struct{} // closed when the connection is over
	err  error         // why; set before done is closed

	in       []byte // read buffer, in[from:to] is not parsed yet; owned by whoever reads
	from, to int
}

func newConn(p *Peer, w wire, remote hello) *conn {
	c := &conn{peer: p, wire: w, remote: remote, done: make(chan struct{})}
	c.out = outbox{w: w, spawn: p.spawn, fail: c.closeSoon, empty: func() {}}
	return c
}

// closeSoon is close for a writer: whoever sends may hold a lock that is needed by those who hear of the end.
func (c *conn) closeSoon(err error) {
	c.peer.later(func() { c.close(err) })
}

// close ends the connection for the reason err. Everything that waits for it fails.
func (c *conn) close(err error) {
	c.once.Do(func() {
		c.err = err
		close(c.done)
		_ = c.wire.Close() // the reason is err; there is nothing else to do about it
		c.out.mu.Lock()
		if c.out.err == nil {
			c.out.err = err
		}
		c.out.mu.Unlock()
		c.ended(err)
	})
}

func (c *conn) isClosed() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// How long a read waits for the first byte.
type patience int

const (
	patient   patience = iota // until something comes
	soon                      // a few milliseconds, in the kernel
	impatient                 // not at all
)

// read takes one read's worth of bytes from the wire and handles every frame it completes. got is false when nothing
// came in time.
func (c *conn) read(how patience) (got bool, err error) {
	if c.in == nil {
		c.in = make([]byte, firstRead)
	}
	var n int
	if how == patient {
		n, err = c.wire.Read(c.in[c.to:])
	} else {
		n, err = c.wire.readSoon(c.in[c.to:], how == soon)
	}
	if err != nil {
		c.close(err)
		return false, err
	}
	if n == 0 {
		return false, nil
	}
	c.to += n
	if err := c.frames(); err != nil {
		c.close(err)
		return true, err
	}
	return true, nil
}

// frames handles all complete frames in the buffer and makes room for what is missing.
func (c *conn) frames() error {
	for {
		f, n, need, err := parseFrame(c.in[c.from:c.to], c.peer.opts.MaxFrame)
		if err != nil {
			return err
		}
		if n == 0 {
			c.batch()
			c.room(need)
			return nil
		}
		c.from += n
		if err := c.handle(f); err != nil {
			return err
		}
	}
}

// room moves the unfinished frame to the front and makes the buffer large enough for it.
func (c *conn) room(need int) {
	left := c.in[c.from:c.to]
	switch {
	case need > len(c.in):
		c.in = append(make([]byte, 0, need), left...)[:need]
	case len(left) == 0 && len(c.in) > firstRead:
		c.in = make([]byte, firstRead)
	case c.from > 0:
		copy(c.in, left)
	}
	c.from, c.to = 0, len(left)
}
