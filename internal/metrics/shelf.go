package metrics

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// ShelfDir is the name of an app's Shelf in its state directory.
const ShelfDir = "metrics"

// Shelf keeps what processes have counted for when they are gone: a file for each of them, which it replaces itself, and
// one for all that are gone. What was shown to anybody is on it, so that no total ever gets smaller.
type Shelf struct{ Dir string }

const (
	pastName = "past"
	lockName = "LOCK"
	shelfExt = ".json"
	// maxShelved bounds what is read of a file: twenty families of 128 series with their buckets are a tenth of it.
	maxShelved = 16 << 20
)

// past is what processes counted that are gone. Their own files may still be there when whoever added them up died.
type past struct {
	Of   []string `json:"of"` // whose files are still to be removed
	Snap Snapshot `json:"counted"`
}

// Lasting is what of a snapshot outlives its process: what says how it is now does not.
func (s Snapshot) Lasting() Snapshot {
	s.Processes = 0
	s.Families = slices.DeleteFunc(slices.Clone(s.Families), func(f Family) bool { return f.Kind == KindGauge || len(f.Series) == 0 })
	return s
}

// Put keeps what an instance has counted so far, in place of what it kept before.
func (s Shelf) Put(instance string, snap Snapshot) error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	return s.replace(instance, snap.Lasting())
}

func (s Shelf) path(name string) string { return filepath.Join(s.Dir, name+shelfExt) }

func (s Shelf) replace(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(s.Dir, "."+name+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), s.path(name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// Retire adds up what the instances have counted that do not live any more. It waits for nobody: somebody else does it then.
func (s Shelf) Retire(alive func() (func(instance string) bool, error)) error {
	unlock, err := s.lock(syscall.LOCK_EX | syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unlock()
	lives, err := alive() // asked with the lock held: who reads meanwhile would count somebody twice
	if err != nil {
		return err
	}
	p, bad := s.past() // what cannot be read is begun anew
	names, err := s.instances()
	if err != nil {
		return err
	}
	var gone []string
	for _, name := range names {
		if !lives(name) {
			gone = append(gone, name)
		}
	}
	if len(gone) == 0 {
		return bad
	}
	for _, name := range gone {
		if !slices.Contains(p.Of, name) {
			bad = errors.Join(bad, s.addUp(&p, name))
		}
	}
	p.Of = gone
	if err := s.replace(pastName, p); err != nil {
		return err
	}
	for _, name := range gone {
		bad = errors.Join(bad, os.Remove(s.path(name)))
	}
	return bad
}

func (s Shelf) addUp(p *past, name string) error {
	snap, err := s.read(name)
	if err != nil {
		return err
	}
	sum, err := Merge(p.Snap, snap)
	if err != nil {
		return err
	}
	p.Snap = sum
	return nil
}

// Rest is what those have counted who are not among the ones that answer now. ask is called with the shelf at rest; it
// names the ones that have answered. What cannot be read is left out, and said.
func (s Shelf) Rest(ask func() []string) ([]Snapshot, error) {
	unlock, err := s.lock(syscall.LOCK_SH)
	if errors.Is(err, fs.ErrNotExist) { // nobody has kept anything
		ask()
		return nil, nil
	}
	if err != nil {
		ask()
		return nil, err
	}
	defer unlock()
	answered := ask()
	p, bad := s.past()
	out := []Snapshot{p.Snap}
	names, err := s.instances()
	bad = errors.Join(bad, err)
	for _, name := range names {
		if slices.Contains(answered, name) || slices.Contains(p.Of, name) {
			continue
		}
		snap, err := s.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			bad = errors.Join(bad, err)
			continue
		}
		out = append(out, snap)
	}
	return out, bad
}

// Clear forgets everything: an app that starts afresh counts from nothing.
func (s Shelf) Clear() error {
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if e.Name() != lockName {
			err = errors.Join(err, os.Remove(filepath.Join(s.Dir, e.Name())))
		}
	}
	return err
}

// past is what was added up; one that cannot be read is begun anew.
func (s Shelf) past() (past, error) {
	p := past{Snap: Snapshot{V: Version, Families: []Family{}}}
	b, err := s.bytes(pastName)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	q := p
	if err := json.Unmarshal(b, &q); err != nil {
		return p, &ShelfError{s.path(pastName), err}
	}
	if _, err := Merge(q.Snap); err != nil {
		return p, &ShelfError{s.path(pastName), err}
	}
	return q, nil
}

func (s Shelf) read(name string) (Snapshot, error) {
	var snap Snapshot
	b, err := s.bytes(name)
	if err != nil {
		return snap, err
	}
	if err := json.Unmarshal(b, &snap); err != nil {
		return snap, &ShelfError{s.path(name), err}
	}
	if _, err := Merge(snap); err != nil {
		return snap, &ShelfError{s.path(name), err}
	}
	return snap, nil
}

func (s Shelf) bytes(name string) ([]byte, error) {
	f, err := os.OpenFile(s.path(name), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxShelved))
}

func (s Shelf) instances() ([]string, error) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), shelfExt)
		if ok && name != pastName && !strings.HasPrefix(name, ".") {
			out = append(out, name)
		}
	}
	return out, nil
}

func (s Shelf) lock(how int) (unlock func(), err error) {
	if _, err := os.Lstat(s.Dir); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(s.Dir, lockName), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil // the lock goes with it
}
