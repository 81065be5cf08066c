package project_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
)

// app writes the files of a project and returns the name of its main.ww.
func app(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "main.ww")
}

func lookup(vars map[string]string) project.Lookup {
	return func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}
}

// load loads a project that must be without problems.
func load(t *testing.T, files map[string]string) *project.Project {
	t.Helper()
	p, diags := project.Load(app(t, files), nil)
	if len(diags) > 0 {
		t.Fatalf("unexpected problems:\n%s", codes(diags))
	}
	return p
}

// codes is one line for each problem: CODE line:col summary.
func codes(diags diag.List) string {
	text := ""
	for _, d := range diags {
		text += d.String() + "\n"
	}
	return text
}

func TestHelloIsAChainFromTheCommandLineToTheConsole(t *testing.T) {
	t.Parallel()
	const hello = `
ask = input command_line { to: brain }
brain = llm scripted { script: "brain.script" }
`
	p := load(t, map[string]string{"main.ww": hello, "brain.script": "* -> hi\n"})
	type hop struct {
		Name, Kind, Type string
		To               []string
		Implied          bool
	}
	var got []hop
	for _, c := range p.Components {
		got = append(got, hop{c.Name, c.Kind, c.Type, c.To, c.Implied})
	}
	want := []hop{
		{"brain", "llm", "scripted", []string{"output"}, false},
		{"ask", "input", "command_line", []string{"brain"}, false},
		{"output", "output", "console", nil, true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTheExampleIsWithoutProblems(t *testing.T) {
	t.Parallel()
	p, diags := project.Load("../../examples/hello/main.ww", nil)
	if len(diags) > 0 {
		t.Fatal(codes(diags))
	}
	if got, want := routes(p), "screen> brain>screen you>brain"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
