package knowledge

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// FileStore is a store in a file of our own, one for each model that made vectors. Several processes may read it while one
// writes.
type FileStore struct {
	path, model string

	mu    sync.Mutex
	file  *os.File             // nil: there is none yet; guarded by mu
	end   int64                // of what was read of it; guarded by mu
	docs  map[string]*indexed  // by path; guarded by mu
	fresh map[string][]passage // of documents whose record has not come yet; guarded by mu
}

// indexed is a document and where its passages are.
type indexed struct {
	File
	passages []passage
}

// passage is where one is in the file.
type passage struct {
	text, textLen   int64
	vector, numbers int64
}

// OpenFile opens the store of a directory, which need not be there yet, for the vectors of a model.
func OpenFile(dir, model string) (*FileStore, error) {
	name := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, model)
	s := &FileStore{path: filepath.Join(dir, name+".passages"), model: model}
	s.reset()
	return s, s.refresh()
}

func (s *FileStore) reset() {
	s.end, s.docs, s.fresh = 0, map[string]*indexed{}, map[string][]passage{}
}

// refresh reads what others have written meanwhile. The caller holds mu, or is the only one.
func (s *FileStore) refresh() error {
	info, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s.reopen()
	}
	if err != nil {
		return err
	}
	if s.file != nil {
		was, err := s.file.Stat()
		if err != nil || !os.SameFile(was, info) || info.Size() < s.end {
			if err := s.reopen(); err != nil {
				return err
			}
		}
	}
	if s.file == nil {
		if err := s.reopen(); err != nil || s.file == nil {
			return err
		}
	}
	if info.Size() == s.end {
		return nil
	}
	return s.read()
}

// reopen begins anew with the file that is there now.
func (s *FileStore) reopen() error {
	if s.file != nil {
		_ = s.file.Close() // it was only read
		s.file = nil
	}
	s.reset()
	f, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s.file = f
	return err
}

// read goes on behind what was read.
func (s *FileStore) read() error {
	if _, err := s.file.Seek(s.end, io.SeekStart); err != nil {
		return err
	}
	r := bufio.NewReaderSize(s.file, 1<<20)
	if s.end == 0 {
		line, err := r.ReadBytes('\n')
		var h head
		if err != nil || json.Unmarshal(line, &h) != nil || h.WW != "knowledge" || h.Version != formatVersion || h.Model != s.model {
			return errFormat(s.path)
		}
		s.end = int64(len(line))
	}
	recs := records{r: r, at: s.end}
	for {
		rec, err := recs.next()
		if err != nil {
			return nil //nolint:nilerr // what is not whole has never been
		}
		s.end = rec.end
		s.take(rec)
	}
}

func (s *FileStore) take(rec record) {
	var f File
	switch rec.kind {
	case passageRecord:
		var p passageHead
		if json.Unmarshal(rec.json, &p) != nil {
			return
		}
		at := rec.at + fixedSize
		s.fresh[p.File] = append(s.fresh[p.File], passage{at, int64(len(rec.json)), at + int64(len(rec.json)), int64(len(rec.vector) / 4)})
	case fileRecord:
		if json.Unmarshal(rec.json, &f) != nil {
			return
		}
		all := s.fresh[f.Path] // those of a try that was broken off come first
		s.docs[f.Path] = &indexed{File: f, passages: all[max(0, len(all)-f.Passages):]}
		delete(s.fresh, f.Path)
	case dropRecord:
		if json.Unmarshal(rec.json, &f) == nil {
			delete(s.docs, f.Path)
			delete(s.fresh, f.Path)
		}
	}
}

// Files implements Store.
func (s *FileStore) Files(context.Context) (map[string]File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(); err != nil {
		return nil, err
	}
	out := make(map[string]File, len(s.docs))
	for path, d := range s.docs {
		out[path] = d.File
	}
	return out, nil
}

// Replace implements Store.
func (s *FileStore) Replace(_ context.Context, f File, passages []Passage, vectors [][]float32) error {
	var b []byte
	var err error
	for i, p := range passages {
		v := slices.Clone(vectors[i])
		normalize(v)
		if b, err = appendRecord(b, passageRecord, passageHead(p), v); err != nil {
			return err
		}
	}
	f.Passages = len(passages)
	if b, err = appendRecord(b, fileRecord, f, nil); err != nil {
		return err
	}
	return s.append(b)
}

// Remove implements Store.
func (s *FileStore) Remove(_ context.Context, path string) error {
	b, err := appendRecord(nil, dropRecord, File{Path: path}, nil)
	if err != nil {
		return err
	}
	return s.append(b)
}

// append writes behind the last whole record, alone.
func (s *FileStore) append(b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return err
	}
	w, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := syscall.Flock(int(w.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errBusy(filepath.Dir(s.path))
	}
	info, err := w.Stat()
	if err != nil {
		return err
	}
	if now, err := os.Stat(s.path); err != nil || !os.SameFile(info, now) { // it was compacted meanwhile
		return errBusy(filepath.Dir(s.path))
	}
	if info.Size() == 0 {
		line, err := json.Marshal(head{"knowledge", formatVersion, s.model})
		if err != nil {
			return err
		}
		b = append(append(line, '\n'), b...)
	}
	if err := s.refresh(); err != nil {
		return err
	}
	if err := w.Truncate(s.end); err != nil { // what is torn
		return err
	}
	if _, err := w.WriteAt(b, s.end); err != nil {
		return err
	}
	if err := w.Sync(); err != nil {
		return err
	}
	return s.refresh()
}

// Nearest implements Store. It looks at every vector.
func (s *FileStore) Nearest(ctx context.Context, vector []float32, n int) ([]Hit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(); err != nil {
		return nil, err
	}
	v := slices.Clone(vector)
	normalize(v)
	type scored struct {
		p     passage
		score float64
	}
	var best []scored
	buf := make([]byte, 4*len(v))
	for _, d := range s.docs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, p := range d.passages {
			if int(p.numbers) != len(v) {
				return nil, errDims(int(p.numbers), len(v))
			}
			if _, err := s.file.ReadAt(buf, p.vector); err != nil {
				return nil, err
			}
			best = append(best, scored{p, dot(v, buf)})
			if len(best) >= 2*max(n, 32) {
				slices.SortFunc(best, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
				best = best[:n]
			}
		}
	}
	slices.SortFunc(best, func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.p.text, b.p.text)) })
	var out []Hit
	for _, b := range best[:min(n, len(best))] {
		raw := make([]byte, b.p.textLen)
		if _, err := s.file.ReadAt(raw, b.p.text); err != nil {
			return nil, err
		}
		var p passageHead
		if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&p); err != nil {
			return nil, errFormat(s.path)
		}
		out = append(out, Hit{Passage(p), b.score})
	}
	return out, nil
}

// Clear removes the store.
func (s *FileStore) Clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := os.Remove(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, s.reopen())
}

// Close implements Store.
func (s *FileStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}
