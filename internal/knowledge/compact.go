package knowledge

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// Compact writes the store anew without what does not count any more, when that is more than half of it.
func (s *FileStore) Compact() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(); err != nil || s.file == nil || s.end < 1<<20 {
		return err
	}
	live := int64(0)
	for _, d := range s.docs {
		for _, p := range d.passages {
			live += p.textLen + 4*p.numbers
		}
	}
	if live > s.end/2 {
		return nil
	}
	if err := syscall.Flock(int(s.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errBusy(filepath.Dir(s.path))
	}
	if err := s.rewrite(); err != nil {
		return err
	}
	return s.reopen()
}

// rewrite makes another file of what counts and puts it in the place of this one.
func (s *FileStore) rewrite() error {
	tmp, err := os.CreateTemp(filepath.Dir(s.path), ".passages-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // it has another name when all is well
	defer tmp.Close()
	line, err := json.Marshal(head{"knowledge", formatVersion, s.model})
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(tmp, 1<<20)
	if _, err := w.Write(append(line, '\n')); err != nil {
		return err
	}
	for _, d := range s.docs {
		for _, p := range d.passages {
			from := p.text - fixedSize
			size := fixedSize + p.textLen + 4*p.numbers + sumSize
			if _, err := io.Copy(w, io.NewSectionReader(s.file, from, size)); err != nil {
				return err
			}
		}
		b, err := appendRecord(nil, fileRecord, d.File, nil)
		if err != nil {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), s.path)
}
