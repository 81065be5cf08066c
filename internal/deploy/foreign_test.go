package deploy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/deploy"
	"github.com/woodwork-lang/ww/internal/project"
)

// foreign are projects of others, in both dialects, with what people write: marks stand for what an editor does not show.
func foreign(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("testdata/foreign/*.ww")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	all := map[string]string{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text, _, _ := strings.Cut(string(b), "⟨end⟩")
		all[strings.TrimSuffix(filepath.Base(name), ".ww")] = strings.NewReplacer("⟨BOM⟩", "\ufeff", "␍", "\r").Replace(text)
	}
	return all
}

// stranger is a foreign project on the disk.
type stranger struct {
	t    *testing.T
	file string
}

// newStranger is a directory with everything that the foreign projects name.
func newStranger(t *testing.T) stranger {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"shelf.script", "mind.script", "helper.script", "books.txt"} {
		b, err := os.ReadFile(filepath.Join("testdata", "foreign", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return stranger{t, filepath.Join(dir, "main.ww")}
}

func (s stranger) read() string {
	s.t.Helper()
	b, err := os.ReadFile(s.file)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

func (s stranger) write(text string) {
	s.t.Helper()
	if err := os.WriteFile(s.file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// load is the project that a text of the file is.
func (s stranger) load(text []byte) *project.Project {
	s.t.Helper()
	env := func(name string) (string, bool) { return "not a key", strings.HasSuffix(name, "_API_KEY") }
	p, problems := project.Source{File: s.file, Text: slices.Clone(text), Env: env}.Load()
	if problems.HasErrors() {
		s.t.Fatalf("%v\n%s", problems.Err(), text)
	}
	return p
}

// meaning is everything of a project but the modes: what its components get, and the settings of the file.
func meaning(t *testing.T, p *project.Project) map[string]string {
	t.Helper()
	all := map[string]string{}
	put := func(name string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	for _, c := range p.Components {
		if c.Kind == "task_master" {
			continue
		}
		config := map[string]any{}
		for k, v := range c.Config {
			if k != "orchestration_mode" {
				config[k] = v
			}
		}
		put(c.Name, []any{c.Kind, c.Type, config, c.DependsOn, c.To})
	}
	for name, v := range p.Settings {
		if name == "orchestration_mode" {
			continue
		}
		if b, ok := v.(map[string]any); ok {
			if props, ok := b["props"].(map[string]any); ok {
				delete(props, "orchestration_mode")
			}
		}
		put("setting "+name, v)
	}
	return all
}

// plan is the migration, held to what every one promises: the report is true, nothing but modes changes, and no line that
// has nothing to do with it is touched.
func (s stranger) plan(o deploy.Options) *deploy.Migration {
	t := s.t
	t.Helper()
	src := s.read()
	p := s.load([]byte(src))
	m := planned(t, p, src, o)
	after := s.load(m.After)
	for _, mv := range m.Moves {
		was, _ := p.Component(mv.Component)
		is, there := after.Component(mv.Component)
		if !there || p.Mode(was) != mv.From || after.Mode(is) != mv.To {
			t.Errorf("%+v: %s is %s and becomes %s", o, mv.Component, p.Mode(was), after.Mode(is))
		}
		if mv.From == mv.To && mv.Why == "" {
			t.Errorf("%+v: %s does not move, and nothing says why", o, mv.Component)
		}
		if o.Component != "" && o.Component != mv.Component && mv.From != mv.To {
			t.Errorf("%+v: %s moves, too", o, mv.Component)
		}
		if (o.Component == "" || o.Component == mv.Component) && mv.To != o.Mode {
			t.Errorf("%+v: %s does not move", o, mv.Component)
		}
	}
	if d := cmp.Diff(meaning(t, p), meaning(t, after)); d != "" {
		t.Errorf("%+v changes what the app is (-was +is)\n%s\n%s", o, d, m.After)
	}
	moves := slices.ContainsFunc(m.Moves, func(mv deploy.Move) bool { return mv.From != mv.To })
	if moves != m.Changes() {
		t.Errorf("%+v: something moves: %v; the file changes: %v", o, moves, m.Changes())
	}
	lines := strings.Split(strings.ReplaceAll(m.Diff("main.ww"), "\ufeff", ""), "\n") // the mark stays the first thing in the file
	for _, line := range lines[min(len(lines), 3):] {
		touched := strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-")
		if touched && !slices.Contains(lines, "+"+line[1:]) && !strings.Contains(line, "orchestration_mode") && strings.TrimSpace(line[1:]) != "" && !rest(lines, line) {
			t.Errorf("%+v touches %q", o, line)
		}
	}
	return m
}

// rest says whether a line of a diff is what is left of another one when its mode is gone.
func rest(lines []string, line string) bool {
	return slices.ContainsFunc(lines, func(other string) bool {
		return other != "" && line[0] == '+' && other[0] == '-' && strings.Contains(other, "orchestration_mode") && inOrder(line[1:], other[1:])
	}) || slices.ContainsFunc(lines, func(other string) bool {
		return other != "" && line[0] == '-' && other[0] == '+' && strings.Contains(other, "orchestration_mode") && inOrder(line[1:], other[1:])
	})
}

// inOrder says whether every sign of a, blanks apart, is in b, in this order.
func inOrder(a, b string) bool {
	for _, r := range strings.ReplaceAll(a, " ", "") {
		i := strings.IndexRune(b, r)
		if i < 0 {
			return false
		}
		b = b[i+len(string(r)):]
	}
	return true
}

// Of projects that were not made for it: whatever is moved, the report is true, the diff is about nothing else, and the way
// back gives every byte and the mode bits.
func TestForeignProjectsMoveAndComeBack(t *testing.T) {
	for name, text := range foreign(t) {
		t.Run(name, func(t *testing.T) {
			s := newStranger(t)
			if name == "legacy" { // it runs nowhere as it is
				text = string(deploy.Modernize(s.file, []byte(text)))
			}
			s.write(text)
			var seen bytes.Buffer
			names := []string{""}
			for _, c := range s.load([]byte(text)).Components {
				if !c.Implied {
					names = append(names, c.Name)
				}
			}
			bits := []os.FileMode{0o600, 0o644, 0o664, 0o755, 0o4755 &^ 0o4000}
			for i, one := range names {
				for j, mode := range []string{"distributed", "centralized"} {
					m := s.plan(deploy.Options{Mode: mode, Component: one})
					if one == "" {
						fmt.Fprintf(&seen, "== to %s\n%s", mode, strings.NewReplacer("\r", "␍", "\ufeff", "⟨BOM⟩").Replace(m.Diff("main.ww")))
					}
					s.thereAndBack(m, bits[(i+j)%len(bits)])
				}
			}
			golden.Equal(t, "deploy/"+name, seen.String())
		})
	}
}

// thereAndBack writes a migration and rolls it back.
func (s stranger) thereAndBack(m *deploy.Migration, bits os.FileMode) {
	s.t.Helper()
	if !m.Changes() {
		return
	}
	if err := os.Chmod(s.file, bits); err != nil {
		s.t.Fatal(err)
	}
	b := deploy.In(s.t.TempDir())
	if _, err := b.Write(m, time.Now()); err != nil {
		s.t.Fatal(err)
	}
	s.is(string(m.After), bits)
	if _, err := b.Rollback(s.file); err != nil {
		s.t.Fatal(err)
	}
	s.is(string(m.Before), bits)
}

func (s stranger) is(text string, bits os.FileMode) {
	s.t.Helper()
	info, err := os.Stat(s.file)
	if err != nil || info.Mode().Perm() != bits {
		s.t.Errorf("%v: mode %v, want %v", err, info.Mode(), bits)
	}
	if got := s.read(); got != text {
		s.t.Errorf("the file is %q, want %q", got, text)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(s.file), ".*")); err != nil || len(left) > 0 {
		s.t.Errorf("%v is left", left)
	}
}

// One after the other, in the order of the file, until all have moved; and back, step by step.
func TestForeignProjectsMoveOneAtATime(t *testing.T) {
	for name, text := range foreign(t) {
		t.Run(name, func(t *testing.T) {
			s := newStranger(t)
			if name == "legacy" {
				text = string(deploy.Modernize(s.file, []byte(text)))
			}
			s.write(text)
			b := deploy.In(t.TempDir())
			steps, at := []string{text}, time.Now()
			for _, mode := range []string{"centralized", "distributed"} {
				for _, c := range s.load([]byte(text)).Components {
					if c.Implied {
						continue
					}
					m := s.plan(deploy.Options{Mode: mode, Component: c.Name})
					if !m.Changes() {
						continue
					}
					at = at.Add(time.Second)
					if _, err := b.Write(m, at); err != nil {
						t.Fatal(err)
					}
					steps = append(steps, string(m.After))
				}
				p := s.load([]byte(s.read()))
				for _, c := range p.Components {
					if !c.Implied && p.Mode(c) != mode {
						t.Errorf("in the end %s is %s, want %s\n%s", c.Name, p.Mode(c), mode, s.read())
					}
				}
			}
			for i := len(steps) - 2; i >= 0; i-- {
				if _, err := b.Rollback(s.file); err != nil || s.read() != steps[i] {
					t.Fatalf("step %d back: %v\n%s\nwant\n%s", i, err, s.read(), steps[i])
				}
			}
		})
	}
}

// What is old in a file is named, and brought up to date in the same diff when that is wanted, though the file had errors.
func TestOldSpellingsAreOfferedAndTaken(t *testing.T) {
	s := newStranger(t)
	text := foreign(t)["legacy"]
	s.write(text)
	p := s.load(deploy.Modernize(s.file, []byte(text)))
	m := planned(t, p, text, deploy.Options{Mode: "centralized", Hints: true})
	s.load(m.After)
	for _, h := range m.Hints {
		if line := strings.Split(text, "\n")[h.Line-1]; !h.Applied || !strings.Contains(line, h.Was) {
			t.Errorf("%+v is not what line %d says: %s", h, h.Line, line)
		}
	}
	golden.Equal(t, "deploy/legacy_fix", m.Diff("main.ww"))
	offered := planned(t, p, text, deploy.Options{Mode: "centralized"})
	if len(offered.Hints) != len(m.Hints) || offered.Hints[0].Applied {
		t.Errorf("offered: %+v", offered.Hints)
	}
	if lines := strings.Count(offered.Diff("main.ww"), "\n+") - 1; lines != 2 {
		t.Errorf("what was only offered is in the diff:\n%s", offered.Diff("main.ww"))
	}
}
