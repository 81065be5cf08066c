package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGuidesAreTrue does what the guides say: it writes their files, runs their commands and finds in what they print
// the lines that stand below them, in that order. In those lines … stands for anything.
func TestGuidesAreTrue(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "docs", "guides", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no guides (%v)", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if base := filepath.Base(f); base == "python.md" || base == "client.md" {
				if _, err := exec.LookPath("python3"); err != nil {
					t.Skip("needs python3")
				}
			}
			g := newGuide(t)
			for _, b := range fences(string(text)) {
				g.do(b)
			}
		})
	}
}

// fence is a block between fences: its first line and the rest.
type fence struct{ head, body string }

func fences(text string) []fence {
	var all []fence
	for _, m := range regexp.MustCompile("(?ms)^```(\\w[^\\n]*)\\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		all = append(all, fence{m[1], m[2]})
	}
	return all
}

// guide is a reader who does what a guide says.
type guide struct {
	t   *testing.T
	dir string
	env []string
}

func newGuide(t *testing.T) *guide {
	t.Helper()
	run, err := os.MkdirTemp("/tmp", "w") // short: sockets
	if err != nil {
		t.Fatal(err)
	}
	bin, dir := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "ww")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(run) })
	return &guide{t: t, dir: dir, env: append(os.Environ(),
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "WW_RUN_DIR="+run, "HOME="+dir, "NO_COLOR=1", "TERM=dumb", "OPENAI_API_KEY=")}
}

func (g *guide) do(f fence) {
	g.t.Helper()
	name, isFile := strings.CutPrefix(f.head, "file ")
	switch {
	case isFile:
		if err := os.WriteFile(filepath.Join(g.dir, name), []byte(f.body), 0o600); err != nil {
			g.t.Fatal(err)
		}
	case f.head == "console":
		for _, step := range strings.Split("\n"+f.body, "\n$ ")[1:] {
			command, want, _ := strings.Cut(step, "\n")
			g.run(command, want)
		}
	}
}

func (g *guide) run(command, want string) {
	g.t.Helper()
	cmd := exec.Command("sh", "-c", command+" 2>&1")
	cmd.Dir, cmd.Env = g.dir, g.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		g.t.Fatalf("$ %s: %v\n%s", command, err, out)
	}
	rest := string(out)
	for _, line := range strings.Split(strings.TrimRight(want, "\n"), "\n") {
		if line == "" {
			continue
		}
		pattern := "(?m)^" + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*")
		at := regexp.MustCompile(pattern).FindStringIndex(rest)
		if at == nil {
			g.t.Fatalf("$ %s\nwant the line\n  %s\nin\n%s", command, line, out)
		}
		rest = rest[at[1]:]
	}
}
