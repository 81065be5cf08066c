package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/woodwork-lang/ww/internal/app"
)

// atHome is an environment with a home of its own.
func atHome(t *testing.T) func(string) (string, bool) {
	t.Helper()
	return env(map[string]string{"HOME": t.TempDir()})
}

// plant puts a state directory into a project, as a clone would.
func plant(t *testing.T, a app.App) {
	t.Helper()
	dir := filepath.Join(a.State, "j", "in", "00")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{filepath.Join(a.State, "state-id"), filepath.Join(dir, "00000001.jrn"), filepath.Join(dir, "LOCK")} {
		if err := os.WriteFile(f, []byte("planted\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func aside(a app.App) []string {
	all, _ := filepath.Glob(a.State + ".set-aside-*")
	return all
}

func TestAStateThatCameWithTheProjectIsSetAside(t *testing.T) {
	t.Parallel()
	a := identify(t, "")
	plant(t, a)
	home := atHome(t)
	opened, err := a.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(opened.Note, "set-aside") || len(aside(a)) != 1 {
		t.Errorf("note %q, set aside %v", opened.Note, aside(a))
	}
	if _, err := os.Stat(filepath.Join(a.State, "j")); err == nil {
		t.Error("the journals that came with the project are used")
	}
	again, err := a.Open(home)
	if err != nil || again.Note != "" || len(aside(a)) != 1 {
		t.Errorf("opened again: %q, %v, set aside %v", again.Note, err, aside(a))
	}
}

// Many that start at once in a project that came with a state: it is set aside once, and what the first begins stays.
func TestAForeignStateIsSetAsideOnceByManyAtOnce(t *testing.T) {
	t.Parallel()
	for range 50 {
		a, home := identify(t, ""), atHome(t)
		plant(t, a)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := a.Open(home); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := aside(a); len(got) != 1 {
			t.Fatalf("set aside %v", got)
		}
	}
}

func TestAStateOfOursStays(t *testing.T) {
	t.Parallel()
	a, home := identify(t, ""), atHome(t)
	var wg sync.WaitGroup
	for range 8 { // all at once
		wg.Go(func() {
			if opened, err := a.Open(home); err != nil || opened.Note != "" {
				t.Errorf("%q, %v", opened.Note, err)
			}
		})
	}
	wg.Wait()
	if got := aside(a); len(got) != 0 {
		t.Errorf("set aside %v", got)
	}
	mine := filepath.Join(a.State, "mine")
	if err := os.WriteFile(mine, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Open(home); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}
	// The same id in another project's state says nothing about this one.
	other := identify(t, "")
	if err := os.CopyFS(other.State, os.DirFS(a.State)); err != nil {
		t.Fatal(err)
	}
	if opened, err := other.Open(home); err != nil || opened.Note == "" {
		t.Errorf("a copied state is used: %q, %v", opened.Note, err)
	}
}

func TestAStateInUseIsNotMovedAway(t *testing.T) {
	t.Parallel()
	a := identify(t, "")
	if _, err := a.Open(atHome(t)); err != nil {
		t.Fatal(err)
	}
	l, err := a.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := a.Open(atHome(t)); err != nil || opened.Note != "" || len(aside(a)) != 0 {
		t.Errorf("under another home, while it runs: %q, %v", opened.Note, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	plant(t, a)
	f, err := os.Open(filepath.Join(a.State, "j", "in", "00", "LOCK"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Open(atHome(t)); err == nil || !strings.Contains(err.Error(), "in of that run still uses it") {
		t.Errorf("while a component uses it: %v", err)
	}
}

// A link in place of a file of the state leads nowhere.
func TestT52NoLinkInAStateIsFollowed(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("keep out\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"state-id", "LOCK", "logs", "run", "desired.json"} {
		a, home := identify(t, ""), atHome(t)
		if _, err := a.Open(home); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(a.State, name)
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(secret, path); err != nil {
			t.Fatal(err)
		}
		opened, err := a.Open(home)
		if err == nil {
			if l, err := opened.Lock(); err == nil {
				_ = l.Write(app.Owner{PID: 1})
				_ = l.Close()
			}
			_ = opened.SetRunDir("/x")
			_ = opened.SetDesired(app.Desired{})
		}
		if b, err := os.ReadFile(secret); err != nil || string(b) != "keep out\n" {
			t.Errorf("%s: the file behind the link now has %q, %v", name, b, err)
		}
	}
}

func TestMarksOfAppsThatAreGoneAreForgotten(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	at := env(map[string]string{"HOME": home})
	gone, stays := identify(t, ""), identify(t, "")
	for _, a := range []app.App{gone, stays} {
		if _, err := a.Open(at); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(gone.File); err != nil {
		t.Fatal(err)
	}
	if _, err := identify(t, "").Open(at); err != nil {
		t.Fatal(err)
	}
	marks := filepath.Join(home, ".local", "state", "ww", "apps")
	if _, err := os.Stat(filepath.Join(marks, gone.ID)); err == nil {
		t.Error("the mark of an app whose file is gone stays")
	}
	if _, err := os.Stat(filepath.Join(marks, stays.ID)); err != nil {
		t.Error(err)
	}
}
