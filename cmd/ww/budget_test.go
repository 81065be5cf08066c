package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// The same binary is started once per component, so what it weighs and what its imports do at start is paid per
// component.
const (
	maxBinary = 60 << 20 // bytes, stripped
	maxInits  = 130      // packages that do something before main; net/http, which models need, brings some
)

// heavy are packages whose package-level work costs milliseconds, and what to use instead.
var heavy = map[string]string{
	"github.com/charmbracelet/glamour": "tui/markdown renders Markdown",
	"github.com/yuin/goldmark":         "tui/markdown reads Markdown; goldmark proves it, in tests only",
	"github.com/alecthomas/chroma":     "the project's own lexer",
	"github.com/atotto/clipboard":      "it looks through PATH at init; write OSC 52",
	"github.com/bytedance/sonic":       "encoding/json",
	"github.com/santhosh-tekuri":       "check what is generated in tests only",
	"html/template":                    "it switches off dead code elimination",
	"testing":                          "test code does not ship",
}

// build makes the binary as a release has it.
func build(t testing.TB) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "ww")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", exe, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return exe
}

func TestTheBinaryKeepsItsBudgets(t *testing.T) {
	exe := build(t)
	t.Run("size", func(t *testing.T) {
		info, err := os.Stat(exe)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > maxBinary {
			t.Errorf("%d bytes, at most %d", info.Size(), maxBinary)
		}
		t.Logf("%.1f MB", float64(info.Size())/1e6)
	})
	t.Run("inits", func(t *testing.T) {
		cmd := exec.Command(exe, "version")
		cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
		var trace bytes.Buffer
		cmd.Stderr = &trace
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		n := len(regexp.MustCompile(`(?m)^init `).FindAll(trace.Bytes(), -1))
		if n == 0 || n > maxInits {
			t.Errorf("%d packages work before main, at most %d", n, maxInits)
		}
		t.Logf("%d packages", n)
	})
	t.Run("mute terminal", func(t *testing.T) { mute(t, exe) })
}

// mute runs a command on a terminal that never answers. A question to the terminal would be seen on it, and without
// internal/termguard the program would wait five seconds for the answer.
func mute(t *testing.T, exe string) {
	cmd := exec.Command(exe, "version")
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "CI=", "NO_COLOR=")
	tty, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	var said bytes.Buffer
	_, _ = io.Copy(&said, tty) // ends with EIO when the program is gone
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(said.String(), "\x1b") || !strings.Contains(said.String(), "ww ") {
		t.Errorf("the terminal got %q", said.String())
	}
}

func TestNoHeavyPackageIsLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dep := range strings.Lines(string(out)) {
		dep = strings.TrimSpace(dep)
		for bad, instead := range heavy {
			if dep == bad || strings.HasPrefix(dep, bad+"/") {
				t.Errorf("%s is linked: %s", dep, instead)
			}
		}
	}
}
