package golden

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Main is the body of a TestMain: it runs the tests and then fails the run if golden/<dir>/ holds a file that
// no test asked for, because nobody would notice when that file stops being true.
func Main(m *testing.M, dirs ...string) {
	os.Exit(Check(m.Run(), dirs...))
}

// Check is [Main] for packages whose TestMain does more. It takes the result of m.Run and returns the exit
// status. A run that was filtered, only listed or has failed proves nothing about files and is left as it is.
func Check(code int, dirs ...string) int {
	if code != 0 || filtered() {
		return code
	}
	orphans, err := orphans(dirs)
	if err != nil {
		fmt.Fprintln(os.Stderr, "golden:", err)
		return 1
	}
	for _, name := range orphans {
		fmt.Fprintf(os.Stderr, "golden/%s: no test asked for this file; delete it or compare something with it\n", name)
		code = 1
	}
	return code
}

// filtered says whether this run leaves tests out.
func filtered() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return true
		}
	}
	f := flag.Lookup("test.short")
	return f != nil && f.Value.String() == "true"
}

// orphans are the files below golden/<dirs> that no test asked for.
func orphans(dirs []string) ([]string, error) {
	root, err := directory()
	if err != nil {
		return nil, err
	}
	var found []string
	for _, dir := range dirs {
		err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(dir)), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			name = filepath.ToSlash(name)
			if _, ok := asked.Load(name); !ok && !strings.HasPrefix(e.Name(), ".") {
				found = append(found, name)
			}
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return found, nil
}
