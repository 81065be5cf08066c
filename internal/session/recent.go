package session

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// Bounds of one look at what is new.
const (
	recentFiles = 20        // sessions that were used last
	recentBytes = 128 << 10 // of each of them
)

// Recent tells, look by look, what is new in the sessions that were used last. A look costs what was written since the one
// before, and is bounded: what came faster than it is looked at is left out, and is in the files all the same.
type Recent struct {
	Dir  Dir
	seen map[string]place // by file
}

// place is how far a file was read.
type place struct {
	at    int64
	mtime time.Time
}

// Look is the turns that began or ended since the last look, as far as the new lines tell: a turn whose question was seen
// before has only its end. Oldest first.
func (r *Recent) Look() ([]Turn, error) {
	entries, err := os.ReadDir(r.Dir.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if r.seen == nil {
		r.seen = map[string]place{}
	}
	var files []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && filepath.Ext(info.Name()) == ext {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	var turns []Turn
	for _, info := range files[:min(len(files), recentFiles)] {
		more, err := r.file(info)
		if err != nil {
			return nil, err
		}
		turns = append(turns, more...)
	}
	slices.SortStableFunc(turns, func(a, b Turn) int { return a.At.Compare(b.At) })
	return turns, nil
}

func (r *Recent) file(info fs.FileInfo) ([]Turn, error) {
	was, known := r.seen[info.Name()]
	if known && was.at == info.Size() && was.mtime.Equal(info.ModTime()) {
		return nil, nil
	}
	if was.at > info.Size() {
		was.at = 0 // its old lines were dropped
	}
	from := max(was.at, info.Size()-recentBytes)
	b, err := readFrom(filepath.Join(r.Dir.Path, info.Name()), from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // it was the oldest one, just now
	}
	if err != nil {
		return nil, err
	}
	whole := bytes.LastIndexByte(b, '\n') + 1
	r.seen[info.Name()] = place{from + int64(whole), info.ModTime()}
	b = b[:whole]
	if from > was.at { // in the middle of a line
		b = b[bytes.IndexByte(b, '\n')+1:]
	}
	id, _ := nameID(info.Name())
	f := newFold(id)
	f.bytes(b)
	return f.session(r.Dir.now()).List, nil
}

func readFrom(path string, at int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.NewSectionReader(f, at, recentBytes))
}
