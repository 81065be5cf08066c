package localbus

import (
	"errors"
	"net"
	"time"
)

// progressWait is how long a peer may take no byte of what is written to it.
const progressWait = 5 * time.Second

// wire is one connection below the frames.
type wire interface {
	// Read waits for bytes.
	Read(p []byte) (int, error)
	// readSoon waits a few milliseconds in the kernel, which is the fastest way to wait for an answer that comes at
	// once; without wait it takes what is there. 0 and nil mean that nothing was, or that this wire cannot.
	readSoon(p []byte, wait bool) (int, error)
	// tryWrite writes what fits without waiting.
	tryWrite(p []byte) (int, error)
	// Write writes everything, and fails when the peer takes nothing for progressWait.
	Write(p []byte) (int, error)
	Close() error
}

// plainWire is a wire over any net.Conn.
type plainWire struct{ net.Conn }

func (plainWire) readSoon([]byte, bool) (int, error) { return 0, nil }
func (plainWire) tryWrite([]byte) (int, error)       { return 0, nil }

// Write implements wire. It writes in pieces, so that a slow peer which does read is not taken for a stalled one.
func (w plainWire) Write(p []byte) (int, error) {
	const piece = 64 << 10
	done := 0
	for done < len(p) {
		if err := w.SetWriteDeadline(time.Now().Add(progressWait)); err != nil {
			return done, err
		}
		n, err := w.Conn.Write(p[done:min(len(p), done+piece)])
		done += n
		if n == 0 && err != nil {
			return done, stalled(err)
		}
	}
	return done, nil
}

func stalled(err error) error {
	if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
		return errStalled
	}
	return err
}
