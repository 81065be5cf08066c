package journal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/woodwork-lang/ww/internal/nobody"
)

// A journal that may not be read, or not be written, is an error that names the file. It is never taken for an empty one.
func TestAForbiddenJournalIsNoEmptyJournal(t *testing.T) {
	if !nobody.Is(t) {
		return
	}
	for name, forbid := range map[string]func(dir string) string{
		"directory":     func(dir string) string { return dir },
		"lock":          func(dir string) string { return filepath.Join(dir, lockName) },
		"segment":       func(dir string) string { return segments(t, dir)[0] },
		"above it":      filepath.Dir,
		"only readable": func(dir string) string { return segments(t, dir)[0] },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "above", "j")
			j, _ := open(t, dir, Options{})
			add(t, j, rec(1, "kept"))
			abandon(j)
			path := forbid(dir)
			was, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			mode := fs.FileMode(0)
			if name == "only readable" {
				mode = 0o400
			}
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			defer os.Chmod(path, was.Mode()) // so that it can be removed
			if j, _, err := Open(dir, Options{LockWait: -1}); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("err = %v, want a refusal", err)
				abandon(j)
			}
			if err := os.Chmod(path, was.Mode()); err != nil {
				t.Fatal(err)
			}
			j, _ = open(t, dir, Options{})
			wantRecords(t, replay(t, j), []Record{rec(1, "kept")})
			abandon(j)
		})
	}
}
