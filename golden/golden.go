// Package golden compares what the program says with what it said last time.
//
// What it said is kept in golden/<package>/, where it can be read like a book of screens. WW_UPDATE=1 rewrites
// the files; the difference is then reviewed like code. Only tests import this package.
package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// asked remembers the files that the tests of this process asked for, by path below golden/. It is the one
// thing that Equal and Main share, and it lives in test binaries only.
var asked sync.Map

// Equal compares got with golden/<name>.txt, as in golden.Equal(t, "parser/nested", got). With WW_UPDATE=1 it
// writes the file instead.
func Equal(t testing.TB, name, got string) {
	t.Helper()
	path := claim(t, name+".txt")
	if updating(t) {
		write(t, path, []byte(got))
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("golden/%s.txt cannot be read (%v); write it with WW_UPDATE=1 go test", name, err)
	}
	compare(t, "golden/"+name+".txt", string(want), got)
}

// Case is one archive of a corpus: inputs beside what the program said about them.
type Case struct {
	Name    string // of the file, without .txtar
	Comment string // the text before the first section
	path    string
	archive *txtar.Archive
}

// Corpus runs check once for every golden/<dir>/*.txtar, each as a subtest. Sections are read with
// [Case.Input] and compared with [Case.Equal].
func Corpus(t *testing.T, dir string, check func(*testing.T, *Case)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root(t), filepath.FromSlash(dir), "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("golden/%s holds no .txtar files (%v)", dir, err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		claim(t, dir+"/"+name+".txtar")
		t.Run(name, func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c := &Case{Name: name, Comment: string(a.Comment), path: path, archive: a}
			check(t, c)
		})
	}
}

// Has says whether there is a section of this name.
func (c *Case) Has(section string) bool { return c.find(section) >= 0 }

// Sections are the names of all sections, in their order.
func (c *Case) Sections() []string {
	names := make([]string, 0, len(c.archive.Files))
	for _, f := range c.archive.Files {
		names = append(names, f.Name)
	}
	return names
}

// Input is the text of a section. A section that is missing fails the test.
func (c *Case) Input(t testing.TB, section string) string {
	t.Helper()
	if i := c.find(section); i >= 0 {
		return string(c.archive.Files[i].Data)
	}
	t.Fatalf("%s has no section %q", c.path, section)
	return ""
}

// Equal compares got with a section; an empty text and a missing section are the same. With WW_UPDATE=1 it
// writes the section instead.
func (c *Case) Equal(t testing.TB, section, got string) {
	t.Helper()
	if got != "" && !strings.HasSuffix(got, "\n") {
		got += "\n"
	}
	i := c.find(section)
	if !updating(t) {
		want := ""
		if i >= 0 {
			want = string(c.archive.Files[i].Data)
		}
		compare(t, "golden/…/"+c.Name+".txtar: "+section, want, got)
		return
	}
	switch {
	case got == "" && i >= 0:
		c.archive.Files = slices.Delete(c.archive.Files, i, i+1)
	case got != "" && i >= 0:
		c.archive.Files[i].Data = []byte(got)
	case got != "":
		at := len(c.archive.Files)
		if source := c.find(section + ".ww"); source >= 0 { // an answer stands below its question
			at = source + 1
		}
		c.archive.Files = slices.Insert(c.archive.Files, at, txtar.File{Name: section, Data: []byte(got)})
	}
	write(t, c.path, txtar.Format(c.archive))
}

func (c *Case) find(section string) int {
	return slices.IndexFunc(c.archive.Files, func(f txtar.File) bool { return f.Name == section })
}

func compare(t testing.TB, name, want, got string) {
	t.Helper()
	want = strings.ReplaceAll(want, "\r\n", "\n") // a checkout may have changed the line ends
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s differs (- before, + now); accept it with WW_UPDATE=1 go test\n%s", name, diff)
	}
}

// updating says whether the files are to be rewritten. A build machine must never do that: it would accept
// whatever it is given.
func updating(t testing.TB) bool {
	t.Helper()
	if os.Getenv("WW_UPDATE") != "1" {
		return false
	}
	if os.Getenv("CI") != "" {
		t.Fatal("WW_UPDATE=1 is refused where CI is set: golden files are accepted by people")
	}
	return true
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// claim notes that a test asked for a file below golden/, and returns its path.
func claim(t testing.TB, name string) string {
	t.Helper()
	asked.Store(name, true)
	return filepath.Join(root(t), filepath.FromSlash(name))
}

func root(t testing.TB) string {
	t.Helper()
	dir, err := directory()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// directory is golden/ beside the go.mod above the working directory, which for a test is its package.
func directory() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "golden"), nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod above %s", start)
		}
	}
}

// Sources are the texts of all sections of a corpus whose names end so, as in ".ww": seeds for a fuzz target.
func Sources(t testing.TB, dir, end string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root(t), filepath.FromSlash(dir), "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("golden/%s holds no .txtar files (%v)", dir, err)
	}
	var texts []string
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if strings.HasSuffix(f.Name, end) {
				texts = append(texts, string(f.Data))
			}
		}
	}
	return texts
}

// Generated compares got with a file of the repository that is written by a test, as a page of docs/. The name is
// relative to the root. With WW_UPDATE=1 it writes the file instead.
func Generated(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join(filepath.Dir(root(t)), filepath.FromSlash(name))
	if updating(t) {
		write(t, path, []byte(got))
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%s cannot be read (%v); write it with WW_UPDATE=1 go test", name, err)
	}
	compare(t, name, string(want), got)
}
