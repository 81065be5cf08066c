package localbus

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// A run directory lies where others clean up: at a logout, by age, by hand. Nothing that an instance does needs its files,
// but nobody new finds it without them. So each instance looks after its own lease, socket and record, and makes what is
// gone again; connections that are open stay.

// lookAfter is how often an instance looks at its files by itself: each such look wakes a process that otherwise sleeps. Who is
// asked how it is looks then, see [Peer.Look].
const lookAfter = 5 * time.Second

// Look makes this instance look at its files now, unless it has just done so. It does not wait for what comes of it.
func (p *Peer) Look() { p.looks.Soon() }

// stay keeps the files of this instance in place until the peer leaves.
func (p *Peer) stay(t *unixTransport) {
	said := ""
	p.looks.Run(p.ctx.Done(), func() {
		if p.atHome(t) {
			said = ""
			return
		}
		err := p.comeBack(t)
		switch {
		case err == nil:
			p.opts.Log.Warn("files in the run directory were gone and have been made again", "dir", p.opts.Dir)
		case err.Error() != said:
			said = err.Error()
			p.opts.Log.Error("files in the run directory are gone and cannot be made again", "error", err)
		}
	})
}

// atHome says whether everything that others need to find this instance is there.
func (p *Peer) atHome(t *unixTransport) bool {
	p.mu.Lock()
	l := p.lease
	p.mu.Unlock()
	return sameFile(l.file, leasePath(p.opts.Dir, p.opts.Instance)) && t.bound(p.opts.Instance) && p.life.there(p.opts.Dir, p.opts.Instance)
}

// comeBack makes what is missing: the directories, the lease, the socket, the record.
func (p *Peer) comeBack(t *unixTransport) error {
	if err := errors.Join(makePrivate(p.opts.Dir), prepare(p.opts.Dir)); err != nil {
		return err
	}
	if err := t.reopen(); err != nil {
		return err
	}
	if err := p.takeLeaseAgain(); err != nil {
		return err
	}
	if !t.bound(p.opts.Instance) {
		if err := p.listenAgain(t); err != nil {
			return err
		}
	}
	return p.life.again(p.opts.Dir)
}

// takeLeaseAgain takes the lock that the lease's name means now, and lets the nameless one go.
func (p *Peer) takeLeaseAgain() error {
	p.mu.Lock()
	old := p.lease
	p.mu.Unlock()
	if sameFile(old.file, leasePath(p.opts.Dir, p.opts.Instance)) {
		return nil
	}
	l, err := takeLease(p.opts.Dir, p.opts.Instance)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.lease = l
	p.mu.Unlock()
	return old.release()
}

// listenAgain opens a socket where the old one was. Nobody finds that one any more, so it is closed.
func (p *Peer) listenAgain(t *unixTransport) error {
	l, err := t.listen(p.opts.Instance)
	if err != nil {
		return err
	}
	p.mu.Lock()
	old := p.listener
	p.listener = l
	closed := p.closed
	p.mu.Unlock()
	if closed || !p.spawn(func() { p.accept(l) }) {
		return closing(l, ErrClosed)
	}
	return old.Close()
}

// there says whether the record that was written last is where it was written, and can be read. What looks as it did the
// last time is not read again.
func (l *life) there(dir, instance string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.said == nil {
		return true
	}
	st, err := os.Lstat(recordPath(dir, instance))
	if err != nil || !st.Mode().IsRegular() {
		return false
	}
	if l.seen != nil && os.SameFile(st, l.seen) && st.Size() == l.seen.Size() && st.ModTime().Equal(l.seen.ModTime()) {
		return true
	}
	if r, err := readRecord(dir, instance); err != nil || r.Instance != instance {
		return false
	}
	l.seen = st
	return true
}

// again writes the last record once more.
func (l *life) again(dir string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.said == nil {
		return nil
	}
	return writeRecord(dir, l.said, l.faults)
}

// bound says whether the instance's socket is the one that was opened here.
func (t *unixTransport) bound(instance string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	st, err := os.Lstat(filepath.Join(t.dir, instance+".s"))
	return err == nil && t.socket != nil && os.SameFile(st, t.socket)
}

// reopen opens the directory of the instances again when another one has its name.
func (t *unixTransport) reopen() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if sameFile(t.i, t.dir) {
		return nil
	}
	f, err := os.OpenFile(t.dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	t.old = append(t.old, t.i) // somebody may be about to use its number
	t.i = f
	return nil
}

// at names a file of the directory for the system calls of sockets.
func (t *unixTransport) at(name string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return socketPath(t.i, t.dir, name)
}

// dialed dials, once more when the directory was another one.
func (t *unixTransport) dialed(name string, dial func(path string) (net.Conn, error)) (net.Conn, error) {
	c, err := dial(t.at(name))
	if errors.Is(err, fs.ErrNotExist) && !t.current() && t.reopen() == nil {
		return dial(t.at(name))
	}
	return c, err
}

func (t *unixTransport) current() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return sameFile(t.i, t.dir)
}
