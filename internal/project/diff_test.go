package project_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/project"
)

func TestMain(m *testing.M) { golden.Main(m, "project") }

// version loads one side of a plan; a side without a file is no project.
func version(t *testing.T, c *golden.Case, section string) *project.Project {
	t.Helper()
	if !c.Has(section) {
		return nil
	}
	p, diags := project.Load(app(t, map[string]string{"main.ww": c.Input(t, section)}), nil)
	if diags.HasErrors() {
		t.Fatalf("%s: %s", section, codes(diags))
	}
	return p
}

func TestPlans(t *testing.T) {
	t.Parallel()
	golden.Corpus(t, "project/plan", func(t *testing.T, c *golden.Case) {
		old, wanted := version(t, c, "old.ww"), version(t, c, "new.ww")
		var touched []string
		if c.Has("touched") {
			touched = strings.Fields(c.Input(t, "touched"))
		}
		plan := project.Diff(old, wanted, touched)
		c.Equal(t, "plan", plan.String())
		wellFormed(t, plan)
	})
}

// wellFormed checks what holds for every plan: steps are numbered in order, each waits only for steps that exist, and
// never for itself by way of others.
func wellFormed(t *testing.T, plan project.Plan) {
	t.Helper()
	seen := map[string]bool{}
	for i, s := range plan.Steps {
		if s.ID != i+1 {
			t.Errorf("step %d has the number %d", i+1, s.ID)
		}
		if seen[s.Component] {
			t.Errorf("%s has two steps", s.Component)
		}
		seen[s.Component] = true
		for _, id := range s.After {
			if id < 1 || id > len(plan.Steps) || reaches(plan, id, s.ID) {
				t.Errorf("step %d waits for %d, which waits for it or does not exist", s.ID, id)
			}
		}
	}
}

func reaches(plan project.Plan, from, to int) bool {
	return from == to || slices.ContainsFunc(plan.Steps[from-1].After, func(id int) bool { return reaches(plan, id, to) })
}

func TestPlanOfNothing(t *testing.T) {
	t.Parallel()
	if plan := project.Diff(nil, nil, nil); !plan.Empty() || plan.String() != "" {
		t.Errorf("got %v", plan)
	}
	p := load(t, map[string]string{"main.ww": "a = llm echo {}\n"})
	if plan := project.Diff(p, p, []string{"other.py"}); !plan.Empty() {
		t.Errorf("the same project has a plan:\n%s", plan)
	}
}

func TestFilesAreWhatHasToBeWatched(t *testing.T) {
	t.Parallel()
	p := load(t, map[string]string{
		"main.ww":    "a = llm scripted { script: \"s/b.script\", to: c }\nc = custom process { command: [\"python3\", \"-u\", \"bot.py\", \"x\"] }\n",
		"s/b.script": "",
	})
	var got []string
	for _, f := range p.Files() {
		got = append(got, strings.TrimPrefix(f, p.Dir+"/"))
	}
	if want := []string{"bot.py", "s/b.script"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
