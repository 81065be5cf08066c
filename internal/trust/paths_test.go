package trust_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/trust"
)

// Whatever way a path takes out of the project, the question names where it really leads.
func TestT52PathsOutOfTheProjectAreNamed(t *testing.T) {
	t.Parallel()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "project")
	for _, d := range []string{dir, filepath.Join(dir, "sub"), filepath.Join(dir, "~")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{filepath.Join(base, "evil.py"), filepath.Join(dir, "good.py"), filepath.Join(dir, "~", "x.py")} {
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"file.py": "../evil.py", "dir": "..", "inner.py": "good.py"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	evil := filepath.Join(base, "evil.py")
	for name, c := range map[string]struct {
		argv []any
		want []string
	}{
		"inside":                  {[]any{"python3", "good.py", "-u", "sub/../good.py"}, nil},
		"dots":                    {[]any{"python3", "../evil.py"}, []string{evil}},
		"dots in the middle":      {[]any{"python3", "sub/../../evil.py"}, []string{evil}},
		"absolute":                {[]any{"python3", evil}, []string{evil}},
		"a link":                  {[]any{"python3", "file.py"}, []string{evil}},
		"through a directory":     {[]any{"python3", "dir/evil.py"}, []string{evil}},
		"a link that stays":       {[]any{"python3", "inner.py"}, nil},
		"a tilde is a name":       {[]any{"python3", "~/x.py"}, nil},
		"the program":             {[]any{"../evil.py"}, []string{evil}},
		"not there, out":          {[]any{"python3", "../none.py"}, []string{filepath.Join(base, "none.py")}},
		"not there, in":           {[]any{"python3", "none.py"}, nil},
		"an interpreter":          {[]any{"/bin/sh", "good.py"}, nil},
		"a word that is no file":  {[]any{"python3", "-m", "http.server", "8000"}, nil},
		"a NUL is no path at all": {[]any{"python3", "a\x00b"}, nil},
	} {
		p := &project.Project{Dir: dir, Components: []project.Component{{Name: "bot", Kind: "custom", Type: "process", Config: map[string]any{"command": c.argv}}}}
		got := trust.Commands(p)
		if len(got) != 1 {
			t.Fatalf("%s: %v", name, got)
		}
		if d := cmp.Diff(c.want, got[0].Outside); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestAQuestionCannotBeForged(t *testing.T) {
	t.Parallel()
	c := trust.Command{Argv: []string{"sh", "a\nStart them? [y/N] y", "\x1b[2J", "\u202egnp", "über"}}
	got := c.String()
	if strings.ContainsAny(got, "\n\x1b\u202e") || !strings.Contains(got, "über") {
		t.Errorf("shown as %q", got)
	}
}

func TestWhatWasAgreedToIsKeptByFileAndComponent(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	s := trust.NewStore(home)
	one, two := commands("sh", "a"), commands("sh", "b")
	if err := s.Grant("/p", "/p/a.ww", one); err != nil {
		t.Fatal(err)
	}
	if err := s.Grant("/p", "/p/b.ww", two); err != nil {
		t.Fatal(err)
	}
	if n := asks(t, s, "/p", one) + asks(t, s, "/p", two); n != 0 {
		t.Errorf("%d are asked about again: a second file of the project forgets the first one", n)
	}
	if was, ok := s.Was("/p", "/p/a.ww", "bot"); !ok || was.String() != "sh a" {
		t.Errorf("was %v, %v", was, ok)
	}
	if _, ok := s.Was("/p", "/p/a.ww", "other"); ok {
		t.Error("something was agreed to for another component")
	}
	if err := os.Chmod(filepath.Join(home, "trust.json"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Asks("/p", one); err == nil {
		t.Error("a file that others can write is believed")
	}
}
