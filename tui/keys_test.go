package tui

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/keymap"
)

const keysPage = "../docs/reference/keys.md"

// TestTheReferenceOfKeysIsTrue: the page is made of the bindings; WW_UPDATE=1 writes it.
func TestTheReferenceOfKeysIsTrue(t *testing.T) {
	t.Parallel()
	old, err := os.ReadFile(keysPage)
	if err != nil {
		t.Fatal(err)
	}
	head, _, found := strings.Cut(string(old), "\n## ")
	if !found {
		t.Fatal("the page has no part for a pane")
	}
	page := head
	scope := ""
	for _, a := range actions() {
		if a.Scope != scope {
			scope = a.Scope
			page += "\n## " + scope + "\n\n| action | keys | what it does |\n|---|---|---|\n"
		}
		var keys []string
		for _, k := range a.Keys {
			keys = append(keys, "`"+keymap.Shown(k)+"`")
		}
		page += fmt.Sprintf("| `%s` | %s | %s |\n", a.Name, strings.Join(keys, " "), cmp.Or(a.What, strings.ReplaceAll(a.Name, "-", " ")))
	}
	if os.Getenv("WW_UPDATE") == "1" {
		if err := os.WriteFile(keysPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if page != string(old) {
		t.Error("docs/reference/keys.md is not what the screen does: WW_UPDATE=1 go test ./tui")
	}
}

// TestEveryActionHasItsOwnName: what one name in the file means must be clear.
func TestEveryActionHasItsOwnName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, a := range actions() {
		if name := a.Scope + "." + a.Name; seen[name] || len(a.Keys) == 0 {
			t.Errorf("%s: seen %v, keys %q", name, seen[name], a.Keys)
		} else {
			seen[name] = true
		}
	}
}

func env(of map[string]string) func(string) string {
	return func(name string) string { return of[name] }
}

func TestAPersonsKeysCount(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	path := filepath.Join(home, ".config", "ww", "keys.toml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("[fleet]\nrestart = \"R\"\n\n[everywhere]\nquit = \"Q\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Getenv: env(map[string]string{"HOME": home})}
	keys, err := o.keys()
	if err != nil {
		t.Fatal(err)
	}
	do := commands{ctx: t.Context(), backend: newFake(), record: newRecord(nil), keys: keys, follow: &follower{}, ears: &ears{}}
	m := newModel(do, o.look(), pictures()["normal"], noon).resized(tea.WindowSizeMsg{Width: 80, Height: 24})
	m, _ = press(m, "esc")
	if _, cmd := press(m, "r"); cmd != nil {
		t.Error("the old key still restarts")
	}
	_, cmd := press(m, "R")
	if got, ok := cmd().(doneMsg); !ok || got.well != "brain was restarted" {
		t.Errorf("R asked for %+v", got)
	}
	if _, cmd = press(m, "Q"); !quits(cmd) {
		t.Error("Q does not quit")
	}
	m, _ = press(m, "?")
	if !strings.Contains(m.View(), "R           restart") || !slices.Contains(strings.Fields(m.View()), "Q") {
		t.Errorf("the help has other keys than work:\n%s", m.View())
	}
}

func TestAWrongFileOfKeysIsToldAndChangesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.toml")
	if err := os.WriteFile(path, []byte("[fleet]\nrestrat = \"R\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Getenv: env(map[string]string{"WW_KEYS": path})}
	keys, err := o.keys()
	if err == nil {
		t.Fatal("no error")
	}
	do := commands{ctx: t.Context(), backend: newFake(), record: newRecord(nil), keys: keys, follow: &follower{}, ears: &ears{}}
	m := newModel(do, o.look(), pictures()["normal"], noon).complain(keysAsTheyAre(err)).resized(tea.WindowSizeMsg{Width: 200, Height: 40})
	if !strings.Contains(m.View(), `keys.toml:2:1: fleet has no action "restrat", did you mean "restart"?`) {
		t.Errorf("not told:\n%s", m.View())
	}
	if m = m.happened(eventsMsg{[]state.Event{state.Notice{Text: "a notice"}}, noon}); !strings.Contains(m.View(), "keys.toml:2:1") {
		t.Errorf("a notice hides it:\n%s", m.View())
	}
	m, _ = press(m, "esc")
	if _, cmd := press(m, "r"); cmd == nil {
		t.Error("r does not restart")
	}
	if _, err := (Options{Getenv: env(map[string]string{"WW_KEYS": path + "x"})}).keys(); err == nil {
		t.Error("a file that was asked for and is not there is no error")
	}
}
