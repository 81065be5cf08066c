// Package nobody lets a test be another user: what root may not be refused is refused to it.
//
// Root reads every file and owns every socket, so a test of permissions proves nothing when root runs it. Such a test
// begins with
//
//	if !nobody.Is(t) {
//		return
//	}
//
// and runs its rest as an ordinary user: the one who started the tests, or, when that is root, user 65534 in a process of
// its own, with a directory of its own for temporary files.
package nobody

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ID is the user and group that root's tests become.
const ID = 65534

// childEnv is set in the process that is nobody.
const childEnv = "WW_TEST_NOBODY"

// Is reports whether the test goes on here. When it does not, another process ran it to its end, and its failure is this
// test's. On a system where even root cannot become another user, the test is skipped and says so.
func Is(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	if os.Getenv(childEnv) != "" {
		t.Fatalf("this process was to be user %d and is still root", ID)
	}
	out, err := Command(t, "-test.run=^"+exact(t.Name())+"$", "-test.v", "-test.count=1").CombinedOutput()
	switch {
	case errors.Is(err, syscall.EPERM):
		t.Skipf("needs a root that may become user %d: %v", ID, err)
	case err != nil:
		t.Errorf("as user %d: %v\n%s", ID, err, out)
	case bytes.Contains(out, []byte("--- SKIP: ")):
		t.Skipf("as user %d:\n%s", ID, out)
	case !bytes.Contains(out, []byte("--- PASS: "+t.Name())):
		t.Errorf("as user %d the test did not run:\n%s", ID, out)
	}
	return false
}

// Command is this test binary, as nobody when root runs it.
func Command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", args...) // by this name it needs no way to the file
	cmd.WaitDelay = 5 * time.Second
	if os.Geteuid() != 0 {
		return cmd
	}
	dir, err := os.MkdirTemp("/tmp", "n")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chown(dir, ID, ID); err != nil {
		t.Skipf("needs a root that may give a directory away: %v", err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: ID, Gid: ID}}
	cmd.Env = append(os.Environ(), childEnv+"=1", "TMPDIR="+dir, "HOME="+filepath.Join(dir, "home"), "XDG_RUNTIME_DIR=", "GOCOVERDIR=")
	return cmd
}

// exact is a pattern for -test.run that matches this test or subtest only.
func exact(name string) string {
	parts := strings.Split(name, "/")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return strings.Join(parts, "$/^")
}
