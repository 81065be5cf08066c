package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhereALockKeepsNobodyOutNoStateIsKept: on what another machine serves two supervisors could run one app. Every command
// finds the other place, also when the project has a state from before.
func TestWhereALockKeepsNobodyOutNoStateIsKept(t *testing.T) {
	t.Parallel()
	dir, home := t.TempDir(), t.TempDir()
	file := filepath.Join(dir, DefaultFile)
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(name string) (string, bool) { return home, name == "XDG_STATE_HOME" }
	tight := func(d string) bool { return strings.HasPrefix(d, home) }
	a, err := Identify(file, "", env)
	if err != nil {
		t.Fatal(err)
	}
	before, err := a.Open(env)
	if err != nil || !strings.HasPrefix(before.State, a.Dir) {
		t.Fatalf("where locks exclude, the state is in %s, %v", before.State, err)
	}
	after, err := before.open(env, tight)
	if err != nil || !strings.HasPrefix(after.State, home) || !strings.Contains(after.Note, "keeps nobody out, so the state of this app is in "+home) {
		t.Errorf("where they do not, it is in %s, %v; said was %q", after.State, err, after.Note)
	}
	if found, err := identify(file, "", env, tight); err != nil || found.State != after.State {
		t.Errorf("another command looks in %s, %v", found.State, err)
	}
	if _, err := before.open(func(string) (string, bool) { return "", false }, tight); err == nil || !strings.Contains(err.Error(), "keeps nobody out") {
		t.Errorf("without another place: %v", err)
	}
}

func TestALockOfThisMachineExcludes(t *testing.T) {
	t.Parallel()
	if !excludes(t.TempDir()) {
		t.Error("a lock in a directory for tests keeps nobody out")
	}
}
