package keymap

import (
	"slices"
	"strings"
	"testing"
)

func table() []Action {
	return []Action{
		{Global, "quit", "quit", []string{"q"}},
		{Global, Leave, "quit", []string{"ctrl+c"}},
		{"fleet", "restart", "restart", []string{"r"}},
		{"fleet", "open", "details", []string{"enter"}},
		{"fleet", "close", "close", []string{"esc"}},
		{"fleet", "leave", "leave", []string{"esc"}},
		{"chat", "send", "send", []string{"enter"}},
	}
}

func TestAFileChangesWhatItNamesAndNothingElse(t *testing.T) {
	t.Parallel()
	m, err := Parse("keys.toml", []byte("fleet.open = [\"o\", \"space\"]\n[chat]\nsend = \"ctrl+s\"\n[everywhere]\nquit = [] # by ctrl+c only\n"), table())
	if err != nil {
		t.Fatal(err)
	}
	open := m.In("fleet").Bind("open", "enter", "details", "enter")
	if !slices.Equal(open.Keys(), []string{"o", " "}) || open.Help().Key != "o" {
		t.Errorf("open is %q, shown as %q", open.Keys(), open.Help().Key)
	}
	if b := m.In("fleet").Bind("restart", "r", "restart", "r"); !slices.Equal(b.Keys(), []string{"r"}) {
		t.Errorf("restart is %q", b.Keys())
	}
	if b := m.In(Global).Bind("quit", "q", "quit", "q"); b.Enabled() {
		t.Errorf("quit has keys: %q", b.Keys())
	}
}

func TestAWrongFileSaysWhereAndWhat(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, want string }{
		{"form", "[fleet]\nrestart = r\n", "keys.toml:2:11: "},
		{"an open string", "[fleet]\nrestart = \"r\n", "keys.toml:2:"},
		{"a pane", "\n[fleat]\n", `keys.toml:2:2: no pane is called "fleat", did you mean "fleet"?`},
		{"an action", "[fleet]\n restrat = \"R\"\n", `keys.toml:2:2: fleet has no action "restrat", did you mean "restart"?`},
		{"a key", "[fleet]\nrestart = \"contrl+r\"\n", `keys.toml:2:11: no key is called "contrl+r"`},
		{"no key", "[fleet]\nrestart = 5\n", `keys.toml:2:1: fleet.restart is a key`},
		{"a list in a list", "[fleet]\nrestart = [[\"r\"]]\n", `keys.toml:2:`},
		{"a letter in the chat", "[chat]\nsend = \"x\"\n", `keys.toml:2:8: "x" is typed into the text field`},
		{"a key of another action", "[fleet]\nrestart = \"enter\"\n", `keys.toml:2:1: "enter" is already the key of fleet.open (details): give that another one, too`},
		{"a key of the whole screen", "[fleet]\nrestart = \"q\"\n", `keys.toml:2:1: "q" is already the key of everywhere.quit`},
		{"no way out", "[everywhere]\nend = []\n", `keys.toml:2:1: everywhere.end is a key`},
		{"twice", "fleet.restart = \"R\"\n[fleet]\nrestart = \"T\"\n", `keys.toml:3:1: fleet.restart is here for the second time`},
		{"tables in a list", "[[fleet]]\n", `keys.toml:1:`},
	}
	for _, tt := range tests {
		m, err := Parse("keys.toml", []byte(tt.file), table())
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s…", tt.name, err, tt.want)
		}
		if m.chosen != nil {
			t.Errorf("%s: something of the file counts: %v", tt.name, m.chosen)
		}
	}
}

func TestKeysMayChangePlaces(t *testing.T) {
	t.Parallel()
	if _, err := Parse("keys.toml", []byte("[fleet]\nrestart = \"enter\"\nopen = \"r\"\n"), table()); err != nil {
		t.Error(err)
	}
	if _, err := Parse("keys.toml", []byte("[fleet]\nclose = [\"esc\", \"x\"]\n"), table()); err != nil {
		t.Error("what clashes without a file is meant so:", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("[fleet]\nrestart = [\"R\", 'x']\n"))
	f.Add([]byte("a.b = {c = [1, 2], d = \"\"\"x\"\"\"}\n[[x]]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Parse("k", text, table())
		if err != nil && m.chosen != nil {
			t.Errorf("%v, and %v", err, m.chosen)
		}
	})
}
