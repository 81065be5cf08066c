package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/app"
)

func noEnv(string) (string, bool) { return "", false }

func env(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}
}

// identify writes a file and says which app it is.
func identify(t *testing.T, instance string) app.App {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.ww")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := app.Identify(file, instance, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func open(t *testing.T) app.App {
	t.Helper()
	a, err := identify(t, "").Open(noEnv)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnAppIsItsFileAndItsInstance(t *testing.T) {
	t.Parallel()
	a := identify(t, "")
	link := filepath.Join(t.TempDir(), "link.ww")
	if err := os.Symlink(a.File, link); err != nil {
		t.Fatal(err)
	}
	same, err := app.Identify(link, app.DefaultInstance, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if a != same {
		t.Errorf("by its link it is %+v, by its file %+v", same, a)
	}
	other, err := app.Identify(a.File, "two", noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.ID) != 8 || a.ID == other.ID {
		t.Errorf("ids %q and %q: two different ones of 8 digits are wanted", a.ID, other.ID)
	}
	if _, err := app.Identify(filepath.Join(t.TempDir(), "nope.ww"), "", noEnv); err == nil || !strings.Contains(err.Error(), "ww init") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestStateIsPrivateAndSaysWhereTheLogsAre(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, dir := range []string{filepath.Dir(a.State), a.State, a.Logs()} {
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v", dir, info.Mode())
		}
	}
	if got, want := a.ShownLogs(), filepath.Join(a.Dir, ".ww", "logs"); got != want {
		t.Errorf("logs are shown at %s, want %s", got, want)
	}
	if again, err := a.Open(noEnv); err != nil || again.State != a.State {
		t.Errorf("opened again: %+v, %v", again, err)
	}
}

func TestAStateDirectoryThatIsALinkIsRefused(t *testing.T) {
	t.Parallel()
	a := identify(t, "")
	if err := os.Symlink(t.TempDir(), filepath.Join(a.Dir, ".ww")); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Open(noEnv); err == nil || !strings.Contains(err.Error(), "symbolic link") {
		t.Errorf("error %v, want one that says that it is a link", err)
	}
}

func TestStateHome(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		vars map[string]string
		want string
	}{
		{"xdg", map[string]string{"XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/ww"},
		{"home", map[string]string{"HOME": "/h"}, "/h/.local/state/ww"},
		{"a relative xdg counts for nothing", map[string]string{"XDG_STATE_HOME": "x", "HOME": "/h"}, "/h/.local/state/ww"},
		{"neither", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := app.StateHome(env(tt.vars)); got != tt.want || ok != (tt.want != "") {
				t.Errorf("got %q, %v, want %q", got, ok, tt.want)
			}
		})
	}
}

func TestOneHolderAtATime(t *testing.T) {
	t.Parallel()
	a := open(t)
	if _, held, err := a.Owner(); held || err != nil {
		t.Errorf("before: held %v, %v", held, err)
	}
	l, err := a.Lock()
	if err != nil {
		t.Fatal(err)
	}
	me := app.Owner{PID: 4711, Start: time.Now().Round(0), Nonce: "n"}
	if err := l.Write(me); err != nil {
		t.Fatal(err)
	}
	got, held, err := a.Owner()
	if err != nil || !held || !got.Start.Equal(me.Start) || got.PID != me.PID || got.Nonce != me.Nonce {
		t.Errorf("owner %+v, held %v, %v; want %+v", got, held, err, me)
	}
	_, err = a.Lock()
	var taken *app.HeldError
	if !errors.As(err, &taken) || taken.Owner.PID != 4711 {
		t.Fatalf("a second holder: %v", err)
	}
	for _, want := range []string{"4711", "ww chat", "ww down"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %s", err, want)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got, held, err := a.Owner(); held || err != nil || got.PID != 4711 {
		t.Errorf("after: %+v, held %v, %v", got, held, err)
	}
	next, err := a.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if next.Last.Nonce != "n" {
		t.Errorf("the next holder learns %+v of the last one", next.Last)
	}
	if err := next.Write(app.Owner{}); err != nil {
		t.Fatal(err)
	}
	if got, _, err := a.Owner(); err != nil || got != (app.Owner{}) {
		t.Errorf("a holder that says nothing: %+v, %v", got, err)
	}
}

func TestAProbeDoesNotKeepAHolderOut(t *testing.T) {
	t.Parallel()
	a := open(t)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				_, _, _ = a.Owner() // only its lock matters here
			}
		}
	}()
	for range 50 {
		l, err := a.Lock()
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	<-done
}

func TestDesiredAndRunDirAreKept(t *testing.T) {
	t.Parallel()
	a := open(t)
	if _, err := a.RunDir(); !errors.Is(err, app.ErrNotRunning) {
		t.Errorf("before the first run: %v", err)
	}
	if err := a.SetRunDir("/run/x y"); err != nil {
		t.Fatal(err)
	}
	if got, err := a.RunDir(); err != nil || got != "/run/x y" {
		t.Errorf("run directory %q, %v", got, err)
	}
	want := app.Desired{Generation: 3, Name: "n", File: a.File, Hash: "h", Components: []app.Wanted{{Name: "in", Kind: "input", Type: "command_line", Replicas: 1, Acceptor: true, To: []string{"out"}}}}
	if err := a.SetDesired(want); err != nil {
		t.Fatal(err)
	}
	got, err := a.Desired()
	want.V = got.V
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("desired (-want +got):\n%s%v", d, err)
	}
	if w, ok := got.Wanted("in"); !ok || w.Kind != "input" {
		t.Errorf("wanted in: %+v, %v", w, ok)
	}
	if err := os.WriteFile(filepath.Join(a.State, "desired.json"), []byte(`{"v":99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Desired(); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("a file of the future: %v", err)
	}
}
