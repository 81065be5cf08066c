package project_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
)

// hiddenValue is what every variable of the fuzzed environment has; it must never be seen.
const hiddenValue = "hidden-value-of-a-variable"

// FuzzCheck takes any text from a file to components. Its seeds are all files of the corpora.
func FuzzCheck(f *testing.F) {
	for _, dir := range []string{"language", "corpus", "problems", "plan"} {
		for _, src := range golden.Sources(f, "project/"+dir, ".ww") {
			f.Add([]byte(src))
		}
	}
	file := filepath.Join(f.TempDir(), "main.ww")
	set := func(name string) (string, bool) { return hiddenValue, len(name)%3 != 0 }
	f.Fuzz(func(t *testing.T, src []byte) {
		p, diags := project.CheckText(file, src, set)
		sound(t, src, diags)
		again, more := project.CheckText(file, src, set)
		if found(diags) != found(more) || len(p.Components) != len(again.Components) {
			t.Errorf("two checks of one file differ: %s and %s", found(diags), found(more))
		}
		_, run := project.LoadText(file, src, set)
		if diags.HasErrors() && !run.HasErrors() {
			t.Error("what ww check refuses, ww dev would run")
		}
		var shown strings.Builder
		if err := diag.Write(&shown, p.Sources, diags, 80, false); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(shown.String(), hiddenValue) && !strings.Contains(string(src), hiddenValue) {
			t.Error("the value of a variable is shown")
		}
		if !diags.HasErrors() {
			runs(t, p)
		}
	})
}

// sound holds what is true of every list of problems.
func sound(t *testing.T, src []byte, diags diag.List) {
	t.Helper()
	sorted := slices.Clone(diags)
	sorted.Sort()
	for i, d := range diags {
		c, known := diag.FindCode(d.Code)
		if !known || c.Name != d.Code || c.Severity() != d.Severity || d.Summary == "" {
			t.Errorf("%s is not as its code says", d)
		}
		if at := d.Span; at.Start.Offset < 0 || at.End.Offset > len(src) || at.Start.Offset > at.End.Offset {
			t.Errorf("%s is outside of the file", d)
		}
		if sorted[i].Span != d.Span || sorted[i].Code != d.Code {
			t.Errorf("not sorted: %s", found(diags))
			return
		}
	}
}

// runs holds what is true of every project without errors: all that is named is there, and it can be handed over.
func runs(t *testing.T, p *project.Project) {
	t.Helper()
	for _, c := range p.Components {
		for _, name := range slices.Concat(c.To, c.DependsOn) {
			if _, ok := p.Component(name); !ok {
				t.Errorf("%s names %s, which does not run", c.Name, name)
			}
		}
		if _, err := json.Marshal(c.Config); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

// FuzzDotenv holds that no .env file does harm, and that none is ever shown.
func FuzzDotenv(f *testing.F) {
	for _, text := range dotenvCases {
		f.Add(text)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		env := filepath.Join(dir, "fuzz.env")
		if err := os.WriteFile(env, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s := project.Source{File: filepath.Join(dir, "main.ww"), Text: []byte("a = llm echo {}\n"), EnvFile: env}
		p, diags := s.Check()
		for name := range p.Env {
			if name == "" || strings.ContainsAny(name, "=\n") {
				t.Errorf("%q is no name", name)
			}
		}
		for _, d := range diags {
			if len(text) > 40 && strings.Contains(d.Summary+d.Detail+d.Label, text) {
				t.Errorf("the file is shown: %s", d)
			}
		}
	})
}
