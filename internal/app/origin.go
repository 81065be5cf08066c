package app

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// stateIDName is the file of a state directory that says who made it.
const stateIDName = "state-id"

// marksDir is where the state home keeps which state directories were made here: a file an app, with the id and the
// .ww file.
const marksDir = "apps"

// vouch sees to it that the state directory was made here. One that came with the project, by a clone or an archive,
// could hold messages that nobody here has sent, and links to anywhere: it is set aside, and a new one is begun.
// The note says so. Without a state home nobody can tell, and the directory is taken as it is.
func (a App) vouch(env func(string) (string, bool)) (note string, err error) {
	home, ok := StateHome(env)
	if !ok || filepath.Base(filepath.Dir(a.State)) != ".ww" {
		return "", nil
	}
	marks := filepath.Join(home, marksDir)
	id, err := a.mark(marks)
	if err != nil {
		return "", nil
	}
	if known, err := a.stateID(); err != nil || known == id {
		return "", err
	}
	unlock, err := lock(filepath.Join(marks, a.ID))
	if err != nil {
		return "", err
	}
	defer unlock()
	return a.beginAs(id)
}

// beginAs makes the state directory with this id, after what stands in its place is set aside. It is called under the
// lock of the mark: of two that start at once, the second finds what the first has begun.
func (a App) beginAs(id string) (note string, err error) {
	if known, err := a.stateID(); err != nil || known == id {
		return "", err
	}
	if !empty(a.State) {
		if note, err = a.setAside(); err != nil || note == "" {
			return "", err
		}
	}
	return note, a.begin(id)
}

// mark is the id of this app's state; it is made when there is none.
func (a App) mark(dir string) (string, error) {
	path := filepath.Join(dir, a.ID)
	if id, err := readMark(path); err == nil {
		return id, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	forget(dir)
	tmp, err := os.CreateTemp(dir, ".new-")
	if err != nil {
		return "", err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // it has its name, or is rubbish
	_, err = fmt.Fprintf(tmp, "%s\n%s\n", rand.Text(), a.File)
	if err = errors.Join(err, tmp.Close()); err != nil {
		return "", err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) { // who is first says what it is
		return "", err
	}
	return readMark(path)
}

// lock waits until nobody else of this machine has the file locked. The kernel gives the lock back when its holder dies.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

func readMark(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	id, _, _ := strings.Cut(string(b), "\n")
	if id == "" {
		return "", fs.ErrNotExist
	}
	return id, nil
}

// forget removes the marks of apps whose file is gone.
func forget(dir string) {
	marks, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, m := range marks {
		path := filepath.Join(dir, m.Name())
		b, err := os.ReadFile(path)
		_, file, ok := strings.Cut(strings.TrimSuffix(string(b), "\n"), "\n")
		if err != nil || !ok || !filepath.IsAbs(file) {
			continue
		}
		if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(path)
		}
	}
}

// stateID is what the state directory says of its origin; "" when it says nothing. No link is followed.
func (a App) stateID() (string, error) {
	root, err := os.OpenRoot(filepath.Dir(a.State))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer root.Close() //nolint:errcheck // it was only looked into
	f, err := root.OpenFile(filepath.Join(filepath.Base(a.State), stateIDName), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", nil // whatever is there, it is not ours
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 256))
	if err != nil {
		return "", nil // as above
	}
	return string(bytes.TrimSpace(b)), nil
}

func empty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err != nil || len(entries) == 0
}

// setAside renames a state directory that was not made here. One that somebody uses stays, and nothing is said: its
// owner is told of next.
func (a App) setAside() (note string, err error) {
	if _, held, err := a.Owner(); err == nil && held {
		return "", nil
	}
	if name := a.inUse(); name != "" {
		return "", inUseElsewhere(a.State, name)
	}
	to := fmt.Sprintf("%s.set-aside-%s", a.State, time.Now().UTC().Format("20060102T150405.000"))
	if err := os.Rename(a.State, to); err != nil {
		return "", err
	}
	return setAsideNote(a.State, to), nil
}

// inUse is the component whose journals somebody holds, "" when nobody does.
func (a App) inUse() string {
	locks, _ := filepath.Glob(filepath.Join(a.State, "j", "*", "*", lockName)) // the pattern is well formed but for odd directories
	for _, path := range locks {
		f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
		if err != nil {
			continue
		}
		err = unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB)
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return filepath.Base(filepath.Dir(filepath.Dir(path)))
		}
	}
	return ""
}

// begin makes a state directory that says that it was made here. It gets its name when it is complete, so that another
// ww that looks at the same time finds all of it or nothing.
func (a App) begin(id string) error {
	parent := filepath.Dir(a.State)
	if err := ownDir(parent); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(parent, ".new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // it has its name, or is rubbish
	if err := os.WriteFile(filepath.Join(tmp, stateIDName), []byte(id+"\n"), 0o600); err != nil {
		return err
	}
	err = os.Rename(tmp, a.State)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.ENOTEMPTY) {
		return nil // another ww was faster
	}
	return err
}
