package project_test

import (
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/project"
)

// TestFilesOfEveryTimeStillMeanWhatTheyMeant holds what becomes of files in the style of every version of the language:
// the tree, what the components get, and all problems of ww check, as somebody sees them who has set every variable.
func TestFilesOfEveryTimeStillMeanWhatTheyMeant(t *testing.T) {
	t.Parallel()
	set := func(name string) (string, bool) { return "value-of-" + name, true }
	golden.Corpus(t, "project/corpus", func(t *testing.T, c *golden.Case) {
		file := app(t, map[string]string{"main.ww": c.Input(t, "main.ww")})
		tree, _, _ := project.Parse(file)
		c.Equal(t, "tree", treeLines(t, tree))
		p, diags := project.Check(file, set)
		var gets strings.Builder
		for _, m := range p.Components {
			if len(m.To) > 0 && !m.Implied {
				gets.WriteString(m.Name + " is " + strings.TrimSpace(m.Kind+" "+m.Type) + " and sends to " + strings.Join(m.To, ", ") + "\n")
				continue
			}
			if !m.Implied {
				gets.WriteString(m.Name + " is " + strings.TrimSpace(m.Kind+" "+m.Type) + "\n")
			}
		}
		c.Equal(t, "runs", gets.String())
		var problems strings.Builder
		for _, d := range settled(diags) {
			d.Span.File = "main.ww"
			problems.WriteString(d.String() + "\n")
		}
		c.Equal(t, "problems", problems.String())
		if strings.Contains(problems.String(), "value-of-") {
			t.Error("the value of a variable is shown")
		}
	})
}
