package project_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/schema"
)

// TestTheExamplesOfTheCodesAreTrue holds that every wrong example has its problem and no error besides, and that the
// right one has not.
func TestTheExamplesOfTheCodesAreTrue(t *testing.T) {
	t.Parallel()
	for _, c := range diag.Codes() {
		var wrong, right diag.List
		switch c.About {
		case diag.Source:
			_, wrong = project.Check(app(t, map[string]string{"main.ww": c.Wrong}), nil)
			_, right = project.Check(app(t, map[string]string{"main.ww": c.Right}), nil)
		case diag.Dotenv:
			_, wrong = project.Check(app(t, map[string]string{"main.ww": "a = llm echo {}\n", ".env": c.Wrong}), nil)
			_, right = project.Check(app(t, map[string]string{"main.ww": "a = llm echo {}\n", ".env": c.Right}), nil)
		default:
			continue
		}
		if !slices.ContainsFunc(wrong, func(d diag.Diagnostic) bool { return d.Code == c.Name && d.Severity == c.Severity() }) {
			t.Errorf("%s: the wrong example gives %s", c.Name, found(wrong))
		}
		for _, d := range wrong {
			if d.Severity == diag.Error && d.Code != c.Name {
				t.Errorf("%s: the wrong example has another error: %s", c.Name, d)
			}
		}
		if slices.ContainsFunc(right, func(d diag.Diagnostic) bool { return d.Code == c.Name }) || len(settled(right)) > 0 {
			t.Errorf("%s: the right example gives %s", c.Name, found(right))
		}
	}
}

// TestWhatHasNoEffectYetIsSaid takes any property that nothing acts on yet.
func TestWhatHasNoEffectYetIsSaid(t *testing.T) {
	t.Parallel()
	for _, p := range schema.New().Common() {
		if !p.Later || p.Type != schema.Duration {
			continue
		}
		file := app(t, map[string]string{"main.ww": "a = llm echo { " + p.Name + ": 7 }\n"})
		if _, diags := project.Check(file, nil); found(diags) != "W_IGNORED@1:16" {
			t.Errorf("%s: %s", p.Name, found(diags))
		}
		return
	}
	t.Skip("this version acts on every duration that components take")
}

func TestAnotherEnvFile(t *testing.T) {
	t.Parallel()
	file := app(t, map[string]string{"main.ww": "a = llm echo { delay: $D }\n", ".env": "D=1\n", "other.env": "D=2\n"})
	dir := filepath.Dir(file)
	for name, want := range map[string]any{"": 1.0, "other.env": 2.0} {
		s := project.Source{File: file}
		if name != "" {
			s.EnvFile = filepath.Join(dir, name)
		}
		p, diags := s.Load()
		if len(diags) > 0 {
			t.Errorf("%q: %s", name, codes(diags))
		}
		if a, _ := p.Component("a"); a.Config["delay"] != want {
			t.Errorf("%q: delay is %v, want %v", name, a.Config["delay"], want)
		}
	}
	for name, want := range map[string]string{"none.env": "E_NO_FILE", ".": "E_UNREADABLE"} {
		_, diags := project.Source{File: file, EnvFile: filepath.Join(dir, name)}.Load()
		if !slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return d.Code == want }) || len(diags) != 2 {
			t.Errorf("%s: %s", name, found(diags))
		}
	}
}
