package trust_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/trust"
)

func commands(argv ...string) []trust.Command {
	return []trust.Command{{Component: "bot", Argv: argv}}
}

func asks(t *testing.T, s trust.Store, project string, c []trust.Command) int {
	t.Helper()
	list, err := s.Asks(project, c)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestOnlyCommandsNeedTrust(t *testing.T) {
	t.Parallel()
	p := &project.Project{Components: []project.Component{
		{Name: "in", Kind: "input", Type: "command_line", Config: map[string]any{"command": []any{"ls"}}},
		{Name: "bot", Kind: "custom", Type: "process", Config: map[string]any{"command": []any{"python3", "my bot.py", project.Secret("hunter2")}}},
	}}
	got := trust.Commands(p)
	if len(got) != 1 || got[0].Component != "bot" {
		t.Fatalf("commands %v, want that of bot alone", got)
	}
	if want := "python3 'my bot.py' ••••"; got[0].String() != want {
		t.Errorf("shown as %s, want %s", got[0], want)
	}
}

func TestTrustIsForAProjectAndItsCommands(t *testing.T) {
	t.Parallel()
	s := trust.NewStore(filepath.Join(t.TempDir(), "ww"))
	if n := asks(t, s, "/a", commands("python3", "bot.py")); n != 1 {
		t.Errorf("before the answer %d commands are asked for, want 1", n)
	}
	if err := s.Grant("/a", "/a/main.ww", commands("python3", "bot.py")); err != nil {
		t.Fatal(err)
	}
	if n := asks(t, s, "/a", commands("python3", "bot.py")); n != 0 {
		t.Errorf("after the answer %d commands are asked for, want 0", n)
	}
	if n := asks(t, s, "/a", commands("python3", "bot.py", "-x")); n != 1 {
		t.Error("a changed command is not asked for")
	}
	if n := asks(t, s, "/b", commands("python3", "bot.py")); n != 1 {
		t.Error("the same command of another project is not asked for")
	}
}

func TestNothingIsTrustedOfAFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "trust.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := trust.NewStore(dir).Asks("/a", commands("x")); err == nil {
		t.Error("no error for a torn file")
	}
}

func TestWithoutAPlaceNothingIsKept(t *testing.T) {
	t.Parallel()
	var s trust.Store
	if err := s.Grant("/a", "/a/main.ww", commands("x")); err != nil {
		t.Fatal(err)
	}
	if n := asks(t, s, "/a", commands("x")); n != 1 {
		t.Error("the zero store trusts")
	}
}
