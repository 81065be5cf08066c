package session

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// DirName is the directory of the sessions below an app's state directory.
const DirName = "sessions"

// Dir reads the sessions of one app. It changes nothing but for End, and needs no running app.
type Dir struct {
	Path string
	Now  func() time.Time // nil: time.Now
}

// In is the sessions of the app with this state directory.
func In(state string) Dir { return Dir{Path: filepath.Join(state, DirName)} }

func (d Dir) now() time.Time {
	if d.Now != nil {
		return d.Now()
	}
	return time.Now()
}

// List is every session, the one that was used last first. A file into which nothing could be written, as on a full disk,
// is none.
func (d Dir) List() ([]Info, error) {
	names, err := d.names()
	if err != nil {
		return nil, err
	}
	out := make([]Info, 0, len(names))
	for _, name := range names {
		s, err := d.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was the oldest one, just now
		}
		if err != nil {
			return nil, err
		}
		if s.Updated.IsZero() && s.Damaged == 0 {
			continue
		}
		out = append(out, s.Info)
	}
	slices.SortStableFunc(out, func(a, b Info) int {
		if c := b.Updated.Compare(a.Updated); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, nil
}

func (d Dir) names() ([]string, error) {
	entries, err := os.ReadDir(d.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasSuffix(e.Name(), ext) {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// Show is one session with its turns.
func (d Dir) Show(id string) (Session, error) {
	s, err := d.read(fileName(id))
	if errors.Is(err, fs.ErrNotExist) {
		return s, noSession(id)
	}
	return s, err
}

func (d Dir) read(name string) (Session, error) {
	b, err := readFile(filepath.Join(d.Path, name))
	if err != nil {
		return Session{}, err
	}
	id, _ := nameID(name)
	f := newFold(id)
	f.bytes(b)
	if f.v > Version {
		return Session{}, newer(filepath.Join(d.Path, name), f.v)
	}
	return f.session(d.now()), nil
}

// readFile does not follow a link: the state directory is ours, and everything in it is.
func readFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var b bytes.Buffer
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		b.Grow(int(info.Size()) + bytes.MinRead) // or a long session would be copied a dozen times
	}
	_, err = b.ReadFrom(f)
	return b.Bytes(), err
}

// Find is the turn with this id, in whichever session it is.
func (d Dir) Find(turn string) (Turn, error) {
	names, err := d.names()
	if err != nil {
		return Turn{}, err
	}
	needle := appendString(nil, turn)
	for _, name := range names {
		b, err := readFile(filepath.Join(d.Path, name))
		if err != nil || !bytes.Contains(b, needle) {
			continue
		}
		id, _ := nameID(name)
		f := newFold(id)
		f.bytes(b)
		s := f.session(d.now())
		if i, ok := f.at[turn]; ok {
			return s.List[i], nil
		}
	}
	return Turn{}, noTurn(turn)
}

// History is the last n turns of a session that were answered, oldest first, as far as the session was not ended in
// between. A session that nobody knows has none.
func (d Dir) History(id string, n int) ([]Turn, error) {
	b, err := readFile(filepath.Join(d.Path, fileName(id)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f := newFold(id)
	f.bytes(b)
	var out []Turn
	for _, t := range f.session(d.now()).List[f.after:] {
		if t.Status == event.StatusOK {
			out = append(out, t)
		}
	}
	return out[max(0, len(out)-max(0, n)):], nil
}

// Create makes a session whose turns go through these components, beginning with the input that takes them. The session
// must not exist. A zero ttl is DefaultTTL.
func (d Dir) Create(id string, route []string, ttl time.Duration) (Info, error) {
	if ttl <= 0 {
		ttl = DefaultTTL
	}
	if err := os.MkdirAll(d.Path, 0o700); err != nil {
		return Info{}, err
	}
	f, err := os.OpenFile(filepath.Join(d.Path, fileName(id)), os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return Info{}, exists(id)
	}
	if err != nil {
		return Info{}, err
	}
	_, err = f.Write(appendHeader(nil, id, ttl, route, d.now(), nil))
	if err = errors.Join(err, f.Close()); err != nil {
		return Info{}, err
	}
	s, err := d.Show(id)
	return s.Info, err
}

// Route is the components that a session's turns go through; nil when it was not created with any, or nobody knows it.
func (d Dir) Route(id string) []string {
	f, err := os.OpenFile(filepath.Join(d.Path, fileName(id)), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	head := make([]byte, 8<<10)
	n, err := f.Read(head)
	if err != nil {
		return nil
	}
	first, _, whole := bytes.Cut(head[:n], []byte{'\n'})
	if l, ok := parseLine(first); whole && ok && l.Kind == kindSession {
		return l.Route
	}
	return nil
}

// End ends a session: its next turn begins without its history.
func (d Dir) End(id string) (Info, error) {
	path := filepath.Join(d.Path, fileName(id))
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return Info{}, noSession(id)
	}
	if err != nil {
		return Info{}, err
	}
	defer f.Close()
	w := &file{path: path, f: f}
	if err := w.append(appendEnded(nil, d.now())); err != nil {
		return Info{}, err
	}
	s, err := d.Show(id)
	return s.Info, err
}
