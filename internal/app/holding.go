package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Holding is a part of what an app keeps on disk.
type Holding struct {
	What  string // journals, sessions, logs, aside, rest
	Paths []string
	Files int
	Bytes int64
}

// The parts of what an app keeps.
const (
	Journals = "journals" // messages on their way, and what became of them
	Sessions = "sessions" // what was said
	LogFiles = "logs"
	Aside    = "aside" // states that were not made here
	Rest     = "rest"  // what the next run makes again
)

// Holdings is what the app keeps in its state directory and beside it, without what says whose it is.
func (a App) Holdings() ([]Holding, error) {
	parts := []Holding{{What: Journals}, {What: Sessions}, {What: LogFiles}, {What: Aside}, {What: Rest}}
	entries, err := os.ReadDir(a.State)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		at := 4
		switch e.Name() {
		case "j":
			at = 0
		case "sessions", "recording":
			at = 1
		case LogsDir:
			at = 2
		case lockName, stateIDName: // they go with nothing: who waits for the lock holds this file
			continue
		}
		parts[at].Paths = append(parts[at].Paths, filepath.Join(a.State, e.Name()))
	}
	beside, err := os.ReadDir(filepath.Dir(a.State))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range beside {
		if strings.HasPrefix(e.Name(), a.ID+".set-aside-") {
			parts[3].Paths = append(parts[3].Paths, filepath.Join(filepath.Dir(a.State), e.Name()))
		}
	}
	for i := range parts {
		parts[i].measure()
	}
	return parts, nil
}

// measure counts files and bytes. What disappears meanwhile does not count; links are not followed.
func (h *Holding) measure() {
	for _, path := range h.Paths {
		_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				if info, err := d.Info(); err == nil {
					h.Files++
					h.Bytes += info.Size()
				}
			}
			return nil // what cannot be read is not counted
		})
	}
}

// Discard removes it. The app's lock must be held. No link leads out of the directory.
func (a App) Discard(h Holding) error {
	root, err := os.OpenRoot(filepath.Dir(a.State))
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // it was only looked into
	for _, path := range h.Paths {
		name, err := filepath.Rel(filepath.Dir(a.State), path)
		if err != nil {
			return err
		}
		if err := root.RemoveAll(name); err != nil {
			return err
		}
	}
	return nil
}
