package doctor

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/localbus"
)

// leastFree is how much room a disk must have: with less, inputs refuse new turns.
const leastFree = 64 << 20

// files checks the places where ww keeps things: the state of the app, and the sockets.
func files(a app.App) []Check {
	var all []Check
	if a.ID != "" {
		dir := existing(a.State)
		all = append(all, locks(dir), space(dir))
	}
	return append(all, sockets(a))
}

// existing is the nearest directory above path that is there.
func existing(path string) string {
	for path != filepath.Dir(path) {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return path
		}
		path = filepath.Dir(path)
	}
	return path
}

// locks tries whether a lock excludes there, as every promise of ww needs it to. It locks the directory itself, for an
// instant: nothing is written.
func locks(dir string) Check {
	c := Check{Area: "files", Name: "locks", Verdict: OK, Text: "a lock excludes others in " + dir + kindOf(dir)}
	if unix.Access(dir, unix.W_OK) != nil {
		c.Verdict, c.Text = Warn, dir+" cannot be written, so the state of the app is kept elsewhere"
		c.Fix = "see XDG_STATE_HOME in ww help environment"
		return c
	}
	first, err := os.Open(dir)
	if err != nil {
		c.Verdict, c.Text = Bad, err.Error()
		return c
	}
	defer first.Close()
	second, err := os.Open(dir)
	if err != nil {
		c.Verdict, c.Text = Bad, err.Error()
		return c
	}
	defer second.Close()
	const exclusive = unix.LOCK_EX | unix.LOCK_NB
	one, other := unix.Flock(int(first.Fd()), exclusive), unix.Flock(int(second.Fd()), exclusive)
	switch {
	case errors.Is(one, unix.EWOULDBLOCK): // somebody else looks at it right now: it excludes
	case one != nil:
		c.Verdict, c.Text = Bad, "nothing can be locked in "+dir+kindOf(dir)+": "+one.Error()
	case !errors.Is(other, unix.EWOULDBLOCK):
		c.Verdict, c.Text = Bad, "a lock does not exclude others in "+dir+kindOf(dir)
	}
	if c.Verdict == Bad {
		c.Fix = "keep the project on a local disk"
	}
	return c
}

func space(dir string) Check {
	c := Check{Area: "files", Name: "space", Verdict: OK}
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		c.Verdict, c.Text = Info, "how much room is left is not known: "+err.Error()
		return c
	}
	free := int64(st.Bavail) * int64(st.Bsize) //nolint:unconvert // its type depends on the system
	c.Text = bytesText(free) + " free in " + dir
	if free < leastFree {
		c.Verdict, c.Fix = Bad, "make room: below "+bytesText(leastFree)+" inputs refuse new turns"
	}
	return c
}

func sockets(a app.App) Check {
	c := Check{Area: "files", Name: "run directory", Verdict: OK, Text: localbus.RunBase()}
	if a.ID == "" {
		return c
	}
	dir, err := localbus.InspectRunDir(a.ID)
	var wrong *localbus.DirError
	switch {
	case err == nil:
		c.Text = dir
	case errors.Is(err, fs.ErrNotExist):
		c.Text = dir + " (it will be made)"
	case errors.As(err, &wrong):
		c.Verdict, c.Text, c.Fix = Bad, wrong.Error(), wrong.Fix
	default:
		c.Verdict, c.Text = Bad, err.Error()
	}
	return c
}
