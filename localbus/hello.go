package localbus

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"
)

// The versions of the protocol that this package speaks.
const (
	minVersion = 1
	maxVersion = 1
)

// helloWait is how long a new connection may take to say HELLO.
const helloWait = 2 * time.Second

// maxHello bounds the HELLO frame, which is read before anything is known about the peer.
const maxHello = 4 << 10

// hello is the header of the first frame in each direction.
type hello struct {
	Min        int    `json:"min"`
	Max        int    `json:"max"`
	App        string `json:"app"`
	Instance   string `json:"instance"`
	Component  string `json:"component"`
	Role       Role   `json:"role"`
	Generation int    `json:"generation"`
	MaxFrame   int    `json:"max_frame"`
	Credit     int    `json:"credit,omitempty"` // of a dialer: what may be streamed to each of its calls before it says more; 0: anything
}

// handshake says HELLO and hears it. The dialer speaks first.
func handshake(c net.Conn, ours hello, dialed bool) (hello, error) {
	if err := c.SetDeadline(time.Now().Add(helloWait)); err != nil {
		return hello{}, err
	}
	if dialed {
		if err := writeHello(c, ours); err != nil {
			return hello{}, err
		}
	}
	theirs, err := readHello(c)
	if err != nil {
		return hello{}, err
	}
	if !dialed {
		if err := writeHello(c, ours); err != nil {
			return hello{}, err
		}
	}
	if theirs.Min > maxVersion || theirs.Max < minVersion {
		return hello{}, &versionError{theirs.Min, theirs.Max}
	}
	if theirs.App != ours.App {
		return hello{}, &appError{theirs.App, ours.App}
	}
	theirs.MaxFrame = min(max(theirs.MaxFrame, maxHello), HardMaxFrame)
	return theirs, c.SetDeadline(time.Time{})
}

func writeHello(w io.Writer, h hello) error {
	header, err := json.Marshal(h)
	if err != nil {
		return err
	}
	_, err = w.Write(appendBare(nil, frameHello, flagMust, 0, header, nil))
	return err
}

// readHello reads exactly one frame, so that nothing of what follows is taken from the connection.
func readHello(r io.Reader) (hello, error) {
	b := make([]byte, lengthSize, 512)
	if _, err := io.ReadFull(r, b); err != nil {
		return hello{}, fmt.Errorf("waiting for HELLO: %w", err)
	}
	length := binary.BigEndian.Uint32(b)
	if length < fixedSize-lengthSize || length > maxHello {
		return hello{}, errNoHello
	}
	b = append(b, make([]byte, length)...)
	if _, err := io.ReadFull(r, b[lengthSize:]); err != nil {
		return hello{}, fmt.Errorf("waiting for HELLO: %w", err)
	}
	f, n, _, err := parseFrame(b, maxHello)
	if err != nil {
		return hello{}, err
	}
	if n == 0 || f.typ != frameHello {
		return hello{}, errNoHello
	}
	var h hello
	if err := json.Unmarshal(f.header, &h); err != nil {
		return hello{}, fmt.Errorf("HELLO: %w", err)
	}
	return h, nil
}
