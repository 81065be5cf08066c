package doctor

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/journal"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

func find(all []Check, name string) (Check, bool) {
	i := slices.IndexFunc(all, func(c Check) bool { return c.Name == name })
	if i < 0 {
		return Check{}, false
	}
	return all[i], true
}

// anApp is an app in a directory of its own that never ran.
func anApp(t *testing.T) app.App {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "main.ww")
	if err := os.WriteFile(file, []byte("in = input command_line {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	none := func(string) (string, bool) { return "", false }
	a, err := app.Identify(file, "", none)
	if err != nil {
		t.Fatal(err)
	}
	if a, err = a.Open(none); err != nil {
		t.Fatal(err)
	}
	return a
}

// private is a directory that only we can enter.
func private(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAHealthyAppIsWell(t *testing.T) {
	t.Setenv("WW_RUN_DIR", private(t))
	a := anApp(t)
	all := Run(t.Context(), Options{App: a, Version: "1", Path: func(string) (string, error) { return "", errors.New("none") }})
	for _, name := range []string{"version", "python", "locks", "space", "run directory", "source", "supervisor", "journals"} {
		c, ok := find(all, name)
		if !ok || c.Verdict == Bad || c.Text == "" {
			t.Errorf("%s: %+v, %v", name, c, ok)
		}
	}
	if c, _ := find(all, "python"); c.Verdict != Info || c.Fix == "" {
		t.Errorf("without Python: %+v", c)
	}
	all = Run(t.Context(), Options{App: a, Problems: diag.List{{Severity: diag.Error}}})
	if c, _ := find(all, "source"); c.Verdict != Bad || Well(all) {
		t.Errorf("a file with an error: %+v", c)
	}
}

// What a run of which nobody is left has left is found, told, and ended when that is the order. Others are left alone.
func TestLeftProcessesAreFoundAndEnded(t *testing.T) {
	t.Parallel()
	const run = "doctortestrun0"
	start := func(tag, argv0 string) *exec.Cmd {
		cmd := exec.Command("sleep", "1000")
		cmd.Args[0] = argv0
		cmd.Env = append(os.Environ(), supervisor.TagEnv+"="+tag)
		if err := cmd.Start(); err != nil {
			t.Skip("needs sleep")
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
		return cmd
	}
	left := start(run+"1.aaaa", "sleep")
	start(run+"2.bbbb", "sleep")
	start(run+"2.cccc", "ww component bot") // somebody looks after the other one
	only := func(m supervisor.Marked) bool { return strings.HasPrefix(m.Run, run) }

	found := strays(t.Context(), false, only)
	if len(found) != 1 || found[0].Verdict != Bad || !strings.Contains(found[0].Text, "sleep 1000") {
		t.Fatalf("found %+v, want the one that nobody looks after", found)
	}
	if Well(found) {
		t.Error("that is well")
	}
	young := func(m supervisor.Marked) bool { return only(m) && m.Age() >= time.Hour }
	if got := strays(t.Context(), true, young); len(got) != 0 {
		t.Errorf("a young process is taken for a left one: %+v", got)
	}
	go func() { _ = left.Wait() }() // as its adopter would
	found = strays(t.Context(), true, only)
	if len(found) != 1 || !found[0].Fixed || !Well(found) {
		t.Errorf("after the order: %+v", found)
	}
	if again := strays(t.Context(), false, only); len(again) != 0 {
		t.Errorf("still there: %+v", again)
	}
}

func TestRecordsOfTheDeadAreSwept(t *testing.T) {
	t.Setenv("WW_RUN_DIR", private(t))
	dir, err := localbus.OpenRunDir("0123abcd")
	if err != nil {
		t.Fatal(err)
	}
	rec, err := json.Marshal(map[string]any{"v": localbus.RecordVersion, "instance": "bot-ab12", "component": "bot", "role": "component"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "i", "bot-ab12.json"), rec, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "i", "bot-ab12.lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := sweepDirs(false); len(got) != 1 || got[0].Verdict != Warn || !strings.Contains(got[0].Text, dir) {
		t.Fatalf("found %+v", got)
	}
	if got := sweepDirs(true); len(got) != 1 || !got[0].Fixed {
		t.Errorf("swept %+v", got)
	}
	if got := sweepDirs(false); len(got) != 0 {
		t.Errorf("still there %+v", got)
	}
}

// The journals are judged: a turn that has two ends is a broken promise, and so is a damaged record told.
func TestBrokenJournalsAreBad(t *testing.T) {
	t.Parallel()
	a := anApp(t)
	dir := filepath.Join(a.State, "j", "in", "00")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	j, _, err := journal.Open(dir, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	turn := delivery.Record{Kind: delivery.Turn, Head: event.Message{Header: event.Header{Type: event.TypeText, Turn: "t-1", Session: "s-1"}}}
	for range 2 { // accepted twice
		if _, err := j.Append(journal.Record{Kind: byte(turn.Kind), Payload: turn.AppendPayload(nil)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	all := journals(a, false)
	if Well(all) || !strings.Contains(all[len(all)-1].Text, "two TURN records") {
		t.Errorf("%+v", all)
	}
	if all := journals(a, true); !Well(all) {
		t.Errorf("a running app is judged: %+v", all)
	}
}
