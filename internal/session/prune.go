package session

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// pruneEvery is how much is written between two looks at the bounds.
const pruneEvery = 1 << 20

// floorName is the file that says which sessions were removed, so that a replay does not bring them back.
const floorName = "removed.json"

type floor struct {
	V      int       `json:"v"`
	Before time.Time `json:"before"` // sessions that were not used after this may be gone
}

func readFloor(dir string) time.Time {
	var f floor
	b, err := readFile(filepath.Join(dir, floorName))
	if err != nil || json.Unmarshal(b, &f) != nil || f.V != Version {
		return time.Time{} // the worst of it: a session comes back until the next look
	}
	return f.Before
}

// stored is a session's file as the directory has it.
type stored struct {
	path string
	size int64
	used time.Time
}

// prune removes the oldest sessions until the bounds hold. The newest one is never removed, but cut at its beginning.
func (w *writer) prune() {
	w.written = 0
	all, total := w.stored()
	old := time.Now().Add(-w.o.MaxAge)
	floor := w.floor
	for i, s := range all {
		if i == len(all)-1 || total <= w.o.MaxBytes && !s.used.Before(old) {
			break
		}
		if s.used.After(floor) {
			floor = s.used
		}
		total -= s.size
	}
	w.setFloor(floor) // before the files go: a crash in between keeps them, and nothing comes back
	for i, s := range all {
		if i < len(all)-1 && !s.used.After(w.floor) {
			_ = os.Remove(s.path) // another input may have been faster
		}
	}
	if n := len(all); n > 0 && total > w.o.MaxBytes {
		w.shorten(all[n-1].path)
	}
}

// stored is every session's file, the oldest first.
func (w *writer) stored() (all []stored, total int64) {
	names, err := Dir{Path: w.o.Dir}.names()
	if err != nil {
		w.failed(err)
	}
	for _, name := range names {
		path := filepath.Join(w.o.Dir, name)
		info, err := os.Lstat(path)
		if err != nil {
			continue
		}
		all = append(all, stored{path, info.Size(), info.ModTime()})
		total += info.Size()
	}
	slices.SortFunc(all, func(a, b stored) int { return a.used.Compare(b.used) })
	return all, total
}

func (w *writer) setFloor(at time.Time) {
	if !at.After(w.floor) {
		return
	}
	b, err := json.Marshal(floor{Version, at})
	if err == nil {
		err = replace(filepath.Join(w.o.Dir, floorName), append(b, '\n'))
	}
	if err != nil {
		w.failed(err)
		return
	}
	w.floor = at
}

func replace(path string, b []byte) error {
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
