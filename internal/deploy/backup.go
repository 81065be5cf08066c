package deploy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Backups are the files as they were before each migration, in a directory of the app's state.
type Backups struct {
	Dir string
	at  func(step string) // told of every step, so that a test can die there; nil: nobody is
}

// In is the backups of the app with this state directory.
func In(state string) Backups { return Backups{Dir: filepath.Join(state, "migrate")} }

// The steps at which somebody who writes or rolls back may be interrupted.
const (
	stepBackup   = "the backup is written"
	stepNoteNew  = "its note is written under another name"
	stepNote     = "its note is written"
	stepText     = "the new text is written under another name"
	stepCompared = "the file was compared"
	stepSwapped  = "the file is replaced"
	stepForgot   = "the note is gone"
)

func (b Backups) reached(step string) {
	if b.at != nil {
		b.at(step)
	}
}

// note is what is known of a backup besides its bytes.
type note struct {
	V      int       `json:"v"`
	File   string    `json:"file"`
	Mode   string    `json:"mode"`
	At     time.Time `json:"at"`
	Before string    `json:"before_sha256"`
	After  string    `json:"after_sha256"`
	name   string
}

// noteVersion is the version of a note.
const noteVersion = 1

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// Write replaces the file by its migrated text. It fails when the file is another one than the plan was made from. The
// returned path is the backup's.
func (b Backups) Write(m *Migration, now time.Time) (string, error) {
	if err := Writable(m.File); err != nil {
		return "", err
	}
	if err := os.MkdirAll(b.Dir, 0o700); err != nil {
		return "", err
	}
	unlock, err := b.lock()
	if err != nil {
		return "", err
	}
	defer unlock()
	n := note{V: noteVersion, File: m.File, Mode: m.Mode, At: now.UTC(), Before: sum(m.Before), After: sum(m.After)}
	n.name = n.At.Format("20060102T150405.000000000Z")
	path := filepath.Join(b.Dir, n.name+".ww")
	if err := durable(path, m.Before, 0o600); err != nil {
		return "", err
	}
	b.reached(stepBackup)
	if err := b.keep(n); err != nil {
		return "", errors.Join(err, os.Remove(path))
	}
	b.reached(stepNote)
	if err := b.swap(m.File, m.Before, m.After); err != nil {
		return "", errors.Join(err, b.forget(n))
	}
	return path, nil
}

// keep writes a note, whole or not at all.
func (b Backups) keep(n note) error {
	text, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(b.Dir, n.name+".json")
	if err := durable(path+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	b.reached(stepNoteNew)
	return errors.Join(os.Rename(path+".new", path), syncDir(b.Dir))
}

// swap replaces the text of a file at one instant, if it is still what it was. Who owns it and who may read it stays.
func (b Backups) swap(file string, was, now []byte) error {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	info, err := os.Stat(real)
	if err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(real), "."+filepath.Base(real)+".migrating")
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) { // of one that was interrupted
		return locked(real, err)
	}
	if err := durable(tmp, now, info.Mode().Perm()); err != nil {
		return locked(real, err)
	}
	b.reached(stepText)
	err = likewise(tmp, info)
	current, rerr := os.ReadFile(real) // as late as can be
	if err = errors.Join(err, rerr); err == nil && !bytes.Equal(current, was) {
		err = changed(file)
	}
	b.reached(stepCompared)
	if err == nil {
		err = os.Rename(tmp, real)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	b.reached(stepSwapped)
	return syncDir(filepath.Dir(real))
}

// Rollback gives a file the bytes that it had before the last migration that took effect. It returns what mode that
// migration had made.
func (b Backups) Rollback(file string) (mode string, err error) {
	unlock, err := b.lock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nothing(file)
	case errors.Is(err, fs.ErrPermission):
		return "", others(b.Dir, err)
	case err != nil:
		return "", err
	}
	defer unlock()
	n, ok, err := b.last(file)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", nothing(file)
	}
	before, err := os.ReadFile(filepath.Join(b.Dir, n.name+".ww"))
	if err != nil || sum(before) != n.Before {
		return "", lost(filepath.Join(b.Dir, n.name+".ww"), n.Mode, err)
	}
	current, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if sum(current) != n.After {
		return "", edited(file, filepath.Join(b.Dir, n.name+".ww"))
	}
	if err := Writable(file); err != nil {
		return "", err
	}
	if err := b.swap(file, current, before); err != nil {
		return "", err
	}
	return n.Mode, b.forget(n)
}

// last is the newest backup of a migration that took effect. One that was interrupted before the file was replaced is
// none, and goes.
func (b Backups) last(file string) (note, bool, error) {
	entries, err := os.ReadDir(b.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return note{}, false, nil
	}
	if err != nil {
		return note{}, false, err
	}
	current, err := os.ReadFile(file)
	if err != nil {
		return note{}, false, err
	}
	slices.Reverse(entries) // names are times
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok {
			continue
		}
		n, err := b.read(name)
		if err != nil {
			return note{}, false, err
		}
		if n.File != file {
			continue
		}
		if sum(current) == n.Before && n.Before != n.After {
			if err := b.forget(n); err != nil { // interrupted
				return note{}, false, err
			}
			continue
		}
		return n, true, nil
	}
	return note{}, false, nil
}

func (b Backups) read(name string) (note, error) {
	var n note
	text, err := os.ReadFile(filepath.Join(b.Dir, name+".json"))
	if err != nil {
		return n, err
	}
	if err := json.Unmarshal(text, &n); err != nil || n.V != noteVersion {
		return n, fmt.Errorf("%s is no note of a backup that this ww can read", filepath.Join(b.Dir, name+".json"))
	}
	n.name = name
	return n, nil
}

func (b Backups) forget(n note) error {
	if err := os.Remove(filepath.Join(b.Dir, n.name+".json")); err != nil {
		return err
	}
	b.reached(stepForgot)
	return os.Remove(filepath.Join(b.Dir, n.name+".ww"))
}
