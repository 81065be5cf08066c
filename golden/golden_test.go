package golden

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// house is a module of its own whose golden directory the test may change.
func house(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example\n"
	for name, text := range files {
		write(t, filepath.Join(dir, name), []byte(text))
	}
	t.Chdir(dir)
	return dir
}

// witness is a testing.TB that notes failures instead of failing.
type witness struct {
	testing.TB
	failed string
}

func (w *witness) Helper()                      {}
func (w *witness) Errorf(f string, args ...any) { w.failed = "error: " + f }
func (w *witness) Fatal(args ...any)            { w.stop("fatal") }
func (w *witness) Fatalf(f string, args ...any) { w.stop("fatal: " + f) }
func (w *witness) stop(how string)              { w.failed = how; panic(w) }

// verdict runs f as a test and returns how it failed, "" when it did not.
func verdict(t *testing.T, f func(testing.TB)) (how string) {
	w := &witness{TB: t}
	defer func() {
		if r := recover(); r != nil && r != any(w) {
			panic(r)
		}
		how = w.failed
	}()
	f(w)
	return w.failed
}

func TestEqualSeesADifference(t *testing.T) {
	t.Setenv("WW_UPDATE", "")
	house(t, map[string]string{"golden/p/a.txt": "one\ntwo\n"})
	for _, c := range []struct {
		name, got string
		fails     bool
	}{
		{"p/a", "one\ntwo\n", false},
		{"p/a", "one\n2\n", true},
		{"p/a", "one\ntwo", true},
		{"p/missing", "", true},
	} {
		how := verdict(t, func(tb testing.TB) { Equal(tb, c.name, c.got) })
		if (how != "") != c.fails {
			t.Errorf("Equal(%q, %q) says %q", c.name, c.got, how)
		}
	}
}

func TestUpdateWritesButNeverOnCI(t *testing.T) {
	dir := house(t, map[string]string{})
	t.Setenv("WW_UPDATE", "1")
	t.Setenv("CI", "true")
	if how := verdict(t, func(tb testing.TB) { Equal(tb, "p/new", "text\n") }); !strings.HasPrefix(how, "fatal") {
		t.Errorf("on CI an update says %q", how)
	}
	if _, err := os.Stat(filepath.Join(dir, "golden/p/new.txt")); err == nil {
		t.Error("the file was written on CI")
	}
	t.Setenv("CI", "")
	Equal(t, "p/new", "text\n")
	t.Setenv("WW_UPDATE", "")
	Equal(t, "p/new", "text\n")
}

func TestCorpusComparesAndUpdatesSections(t *testing.T) {
	t.Setenv("CI", "")
	t.Setenv("WW_UPDATE", "")
	house(t, map[string]string{"golden/p/c.txtar": "About c.\n-- in --\nx\n-- out --\nold\n"})
	check := func(got string) func(t *testing.T, c *Case) {
		return func(t *testing.T, c *Case) {
			how := verdict(t, func(tb testing.TB) { c.Equal(tb, "out", got) })
			if same := got == "old"; same != (how == "") && os.Getenv("WW_UPDATE") == "" {
				t.Errorf("comparing %q says %q", got, how)
			}
			if in := c.Input(t, "in"); in != "x\n" {
				t.Errorf("input is %q", in)
			}
		}
	}
	Corpus(t, "p", check("old"))
	Corpus(t, "p", check("new"))
	t.Setenv("WW_UPDATE", "1")
	Corpus(t, "p", check("new"))
	data, err := os.ReadFile("golden/p/c.txtar")
	if want := "About c.\n-- in --\nx\n-- out --\nnew\n"; err != nil || string(data) != want {
		t.Errorf("after the update: %q, %v", data, err)
	}
}

func TestOrphans(t *testing.T) {
	t.Setenv("WW_UPDATE", "")
	house(t, map[string]string{"golden/q/asked.txt": "x", "golden/q/sub/orphan.txt": "x", "golden/r/other.txt": "x"})
	Equal(t, "q/asked", "x")
	got, err := orphans([]string{"q", "absent"})
	if err != nil || len(got) != 1 || got[0] != "q/sub/orphan.txt" {
		t.Errorf("orphans = %v, %v", got, err)
	}
}

// TestWholeRunFailsOnOrphans runs this test binary again as the tests of a package with an orphan.
func TestWholeRunFailsOnOrphans(t *testing.T) {
	dir := house(t, map[string]string{"golden/q/orphan.txt": "x"})
	for _, c := range []struct {
		args []string
		fail bool
	}{{nil, true}, {[]string{"-test.run=Equal"}, false}} {
		cmd := exec.Command(os.Args[0], c.args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOLDEN_ORPHAN_RUN=1")
		out, err := cmd.CombinedOutput()
		if (err != nil) != c.fail || strings.Contains(string(out), "golden/q/orphan.txt") != c.fail {
			t.Errorf("%v: %v\n%s", c.args, err, out)
		}
	}
}

// TestMain lets TestWholeRunFailsOnOrphans see the real flags: in the second process nothing runs, the flags are
// parsed and the check follows.
func TestMain(m *testing.M) {
	if os.Getenv("GOLDEN_ORPHAN_RUN") == "" {
		os.Exit(m.Run())
	}
	flag.Parse()
	os.Exit(Check(0, "q"))
}
