package watch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// maxRead is how large a file may be to be read; of a larger one its size and time are its contents.
const maxRead = 16 << 20

// Content is a short name for the contents of a file, "" when there is none that can be read.
func Content(path string) string {
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() {
		return ""
	}
	b := fmt.Append(nil, st.Size(), st.ModTime())
	if st.Size() <= maxRead {
		if b, err = os.ReadFile(path); err != nil {
			return ""
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// replace takes a new set of paths. What is new in it is no change.
func (l *loop) replace(paths []string) {
	l.paths = slices.Clone(paths)
	files := l.files()
	for path := range l.known {
		if _, still := files[path]; !still {
			delete(l.known, path)
			delete(l.changed, path)
		}
	}
	for path := range files {
		if _, old := l.known[path]; !old {
			l.known[path] = Content(path)
		}
	}
	l.register(files)
}

// files are all files that are followed now, those in directories too.
func (l *loop) files() map[string]bool {
	all := map[string]bool{}
	for _, path := range l.paths {
		st, err := os.Stat(path)
		if err != nil || !st.IsDir() {
			all[path] = true
			continue
		}
		walk(path, func(file string) { all[file] = true })
	}
	return all
}

// look reads everything and notes what has changed. A file that is gone is looked for once more: many editors remove
// the old one before the new one is there.
func (l *loop) look() {
	l.quiet.Stop()
	l.since = time.Time{}
	files := l.files()
	for path := range l.known {
		files[path] = true
	}
	gone := false
	for path := range files {
		now := Content(path)
		if now == l.known[path] {
			continue
		}
		if now == "" && !l.missing {
			gone = true
			continue
		}
		l.known[path] = now
		l.changed[path] = true
	}
	l.missing = gone
	if gone {
		l.quiet.Reset(2 * l.w.o.Settle)
	}
	l.register(files)
}

// concerns reports whether noise about a path may be about something that is followed.
func (l *loop) concerns(path string) bool {
	if _, ok := l.known[path]; ok {
		return true
	}
	for _, p := range l.paths {
		if path == p || strings.HasPrefix(p, path+string(filepath.Separator)) || strings.HasPrefix(path, p+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// register asks the system to tell of the directories of all files; of one that is not there yet, of the nearest that is.
func (l *loop) register(files map[string]bool) {
	if l.notify == nil {
		return
	}
	want := map[string]bool{}
	for path := range files {
		want[nearest(filepath.Dir(path))] = true
	}
	for _, path := range l.paths {
		if st, err := os.Stat(path); err == nil && st.IsDir() {
			walkDirs(path, func(dir string) { want[dir] = true })
		}
	}
	for dir := range l.dirs {
		if !want[dir] {
			_ = l.notify.Remove(dir) // gone with its directory
			delete(l.dirs, dir)
		}
	}
	for dir := range want {
		if name := l.w.o.silent(dir); name != "" && !l.dirs[dir] {
			l.blind(errors.New(dir + " is on " + name + ", where others may write"))
			return
		}
		err := l.notify.Add(dir) // again: the directory may be another one under the old name
		switch {
		case err == nil:
			l.dirs[dir] = true
		case !errors.Is(err, fs.ErrNotExist):
			l.blind(err)
			return
		}
	}
}

func nearest(dir string) string {
	for {
		if st, err := os.Stat(dir); err == nil && st.IsDir() || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}
