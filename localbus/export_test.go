package localbus

import (
	"os"

	"golang.org/x/sys/unix"
)

// LoseLease does to a peer of this process what the kernel does to those who were killed: it gives the lease back, and
// tells those who watch.
func (p *Peer) LoseLease() error {
	if err := flock(p.lease.file, unix.LOCK_UN); err != nil {
		return err
	}
	f, err := os.OpenFile(p.lease.file.Name(), os.O_WRONLY, 0) // its closing is the sign
	if err != nil {
		return err
	}
	return f.Close()
}

// ForgetRecord removes the record, as a cleaner of old files does.
func (p *Peer) ForgetRecord() error { return os.Remove(recordPath(p.opts.Dir, p.opts.Instance)) }
