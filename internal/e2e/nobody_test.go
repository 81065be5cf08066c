package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/nobody"
)

// An app works as an ordinary user as it does as root, and says what it may not read or write.
func TestAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	if !nobody.Is(t) {
		return
	}
	p := newProject(t, hello)
	p.exe = "/proc/self/exe" // there may be no way to the file for this user
	p.must("dev", "-d")
	if got := p.must("chat", "hi"); got.out != "you said hi\n" {
		t.Errorf("answer %q", got.out)
	}
	p.must("down")
	p.nothing()
	p.verified()

	forbidden := func(name, want string, status int, args ...string) {
		t.Helper()
		path := filepath.Join(p.dir, name)
		was, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(path, was.Mode())
		if got := p.ww(args...); got.status != status || !strings.Contains(got.err, want) || !strings.Contains(got.err, "permission denied") {
			t.Errorf("%s may not be read: status %d, want %d and %q\n%s", name, got.status, status, want, got.err)
		}
	}
	forbidden("main.ww", "main.ww", 2, "check")
	forbidden("main.ww", "main.ww", 2, "dev", "-d")
	forbidden("brain.script", "brain.script", 1, "dev", "-d")
	p.nothing()

	if err := os.Chmod(filepath.Join(p.dir, ".ww"), 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(filepath.Join(p.dir, ".ww"), 0o700)
	if got := p.must("dev", "-d"); !strings.Contains(got.err, "cannot be written, so the state of this app is in") {
		t.Errorf("it does not say where its state is:\n%s", got.err)
	}
	p.must("down")
	p.nothing()
}
