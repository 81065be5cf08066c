package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/woodwork-lang/ww/internal/cli"
	"github.com/woodwork-lang/ww/internal/termguard"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ww": func() {
		termguard.Restore()
		os.Exit(cli.Main(context.Background(), cli.System(), os.Args[1:]))
	}})
}

// TestScripts runs every script of testdata/script against the program. A script may leave nothing running: that is
// checked after each, and by the command `alive N` in between.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", Setup: setup, RequireExplicitExec: true, RequireUniqueNames: true,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"alive": alive, "waitfor": waitFor},
		Condition:     condition,
		UpdateScripts: os.Getenv("WW_UPDATE") != "" && os.Getenv("CI") == "",
	})
}

// TestExamples runs the test.txtar of every example in a copy of its directory.
func TestExamples(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(filepath.Join("..", "..", "examples"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "*", "test.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no example has a test.txtar (%v)", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(filepath.Dir(f)), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Files: []string{f}, RequireExplicitExec: true,
				Cmds: map[string]func(*testscript.TestScript, bool, []string){"alive": alive, "waitfor": waitFor},
				Setup: func(e *testscript.Env) error {
					if err := setup(e); err != nil {
						return err
					}
					e.Setenv("EXAMPLE", filepath.Dir(f))
					e.Setenv("GOCACHE_OF_TEST", goCache())
					return os.CopyFS(filepath.Join(e.WorkDir, "app"), visible(filepath.Dir(f)))
				},
			})
		})
	}
}

// goCache is where go keeps what it has built: a script has another HOME, and would build everything anew.
func goCache() string {
	if dir := os.Getenv("GOCACHE"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "go-build")
}

func setup(e *testscript.Env) error {
	dir, err := os.MkdirTemp("/tmp", "w") // short: sockets
	if err != nil {
		return err
	}
	e.Setenv("WW_RUN_DIR", dir)
	e.Setenv("HOME", e.WorkDir)
	e.Setenv("TERM", "dumb")
	e.Setenv("NO_COLOR", "1")
	e.Setenv("MARK", dir)
	e.Setenv("WW_MCP_SERVERS", os.Getenv("WW_MCP_SERVERS"))
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	e.Setenv("TREE", root)
	e.Defer(func() {
		left := marked(dir)
		for _, pid := range left {
			if p, err := os.FindProcess(pid); err == nil && pid > 1 {
				_ = p.Kill()
			}
		}
		_ = os.RemoveAll(dir)
		if len(left) > 0 {
			e.T().Log("left running:", describe(left))
			e.T().Fatal("the script left processes running")
		}
	})
	return nil
}

func condition(name string) (bool, error) {
	switch name {
	case "root":
		return os.Getuid() == 0, nil
	case "proc":
		return runtime.GOOS == "linux", nil
	case "mcp": // a client by others is installed
		_, err := exec.LookPath("node")
		there := err == nil && os.Getenv("WW_MCP_SERVERS") != ""
		if !there && os.Getenv("WW_REQUIRE") == "all" {
			return false, errors.New("node and WW_MCP_SERVERS are required")
		}
		return there, nil
	}
	return false, fmt.Errorf("no condition %q", name)
}

// alive N: exactly N processes of this script are running, now or within ten seconds: one that has done all its work
// takes a moment to be gone.
func alive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: alive N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if runtime.GOOS != "linux" {
		return
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) { //nolint:forbidigo // between two looks at other processes
		got := marked(ts.Getenv("MARK"))
		switch {
		case len(got) == want:
			return
		case time.Now().After(end):
			ts.Fatalf("%d processes are alive, want %d: %s", len(got), want, describe(got))
		}
	}
}

// waitFor COMMAND...: run it again until it succeeds, for ten seconds.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: waitfor COMMAND...")
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) { //nolint:forbidigo // between two looks at another process
		err := ts.Exec(args[0], args[1:]...)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%s never succeeded: %v", strings.Join(args, " "), err)
		}
	}
}

// visible is a directory without what begins with a dot: the state of a run by hand is not part of an example.
func visible(dir string) fs.FS { return visibleFS{os.DirFS(dir)} }

type visibleFS struct{ fs.FS }

// ReadDir implements fs.ReadDirFS.
func (v visibleFS) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(v.FS, name)
	return slices.DeleteFunc(all, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") }), err
}

// marked lists the live processes that have this run directory in their environment: all that a script has started,
// whoever their parent is by now.
func marked(dir string) []int {
	entries, _ := filepath.Glob("/proc/[0-9]*/environ")
	var pids []int
	for _, e := range entries {
		env, err := os.ReadFile(e)
		if err != nil || !bytes.Contains(env, []byte("WW_RUN_DIR="+dir+"\x00")) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(e)))
		if err == nil && !zombie(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func zombie(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	rest := b[bytes.LastIndexByte(b, ')')+1:]
	return len(rest) > 1 && (rest[1] == 'Z' || rest[1] == 'X')
}

func describe(pids []int) string {
	var all []string
	for _, pid := range pids {
		cmd, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		all = append(all, fmt.Sprintf("%d (%s)", pid, bytes.TrimSpace(bytes.ReplaceAll(cmd, []byte{0}, []byte(" ")))))
	}
	return strings.Join(all, ", ")
}
