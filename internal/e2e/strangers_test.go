package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// stranger is a project of somebody else: its files, and those of a mutant, which behaves otherwise when it is started for
// the third time, with what is to be said of it.
type stranger struct {
	files, mutant map[string]string
	turns, want   string
}

func strangers(t *testing.T) map[string]stranger {
	t.Helper()
	names, err := filepath.Glob("testdata/strangers/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	all := map[string]stranger{}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s := stranger{files: map[string]string{}, mutant: map[string]string{}}
		for _, f := range a.Files {
			of, isMutant := strings.CutPrefix(f.Name, "mutant/")
			switch {
			case f.Name == "mutant.want":
				s.want = strings.TrimSpace(string(f.Data))
			case isMutant:
				s.mutant[of] = string(f.Data)
			default:
				s.files[f.Name] = string(f.Data)
			}
		}
		for line := range strings.Lines(s.files["turns.txt"]) {
			if !strings.HasPrefix(line, "{") { // that is another session
				s.turns += line
			}
		}
		all[strings.TrimSuffix(filepath.Base(name), ".txtar")] = s
	}
	return all
}

// place writes files into the project.
func (p *project) place(files map[string]string) {
	p.t.Helper()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Join(p.dir, filepath.Dir(name)), 0o700); err != nil {
			p.t.Fatal(err)
		}
		p.write(name, text)
	}
}

// migrated is what these tests need of ww migrate --json.
type migrated struct {
	Changes, Written bool
	Verified         struct {
		Turns, Random int
		Same          bool
		Differences   []struct {
			Turn      int
			Hop, What string
		}
	}
}

func (p *project) migrate(args ...string) (out migrated, status int) {
	p.t.Helper()
	r := p.ww(append([]string{"migrate", "--mode", "distributed", "--measure=false", "--json", "--trust", "--offline"}, args...)...)
	if err := json.Unmarshal([]byte(r.out), &out); err != nil {
		p.t.Fatalf("%v: status %d\n%s%s", err, r.status, r.out, r.err)
	}
	return out, r.status
}

// Projects of others are verified in both modes, written, replayed in the mode that they were not recorded in, and given
// back; a component that behaves otherwise in one of the two is named, be it on the way, a tool, the tool of a tool or a pipe.
func TestProjectsOfStrangersMoveAndTheirMutantsAreNamed(t *testing.T) {
	needs(t, "python3")
	for name, s := range strangers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, "")
			p.place(s.files)
			ends := p.asked(strings.Split(strings.TrimSpace(s.turns), "\n")...)

			got, status := p.migrate("--verify", "--turns", "turns.txt", "--write")
			if v := got.Verified; status != 0 || !v.Same || v.Random > 0 || v.Turns < 3 || !got.Written {
				t.Fatalf("status %d, %+v", status, got)
			}
			if again := p.replay(); !again.Same || len(again.Turns) != len(ends) {
				t.Errorf("distributed, what was recorded centralized: %+v %s", again.Turns, again.Mismatches)
			}
			p.must("migrate", "--rollback")
			if b, err := os.ReadFile(filepath.Join(p.dir, "main.ww")); err != nil || string(b) != s.files["main.ww"] {
				t.Errorf("it was given back as\n%s%v", b, err)
			}

			p.place(s.mutant)
			got, status = p.migrate("--verify", "--turns", "turns.txt", "--write")
			if len(got.Verified.Differences) == 0 || status != 1 || got.Written {
				t.Fatalf("the mutant: status %d, %+v", status, got)
			}
			d := got.Verified.Differences[0]
			if said := fmt.Sprintf("turn %d: another %s at %s", d.Turn, d.What, d.Hop); said != s.want {
				t.Errorf("%s, want %s", said, s.want)
			}
			p.nothing()
		})
	}
}
