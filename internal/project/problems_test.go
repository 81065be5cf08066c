package project_test

import (
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
)

func TestProblemsReadAsTheyShould(t *testing.T) {
	t.Parallel()
	golden.Corpus(t, "project/problems", func(t *testing.T, c *golden.Case) {
		p, diags := project.CheckText("main.ww", []byte(c.Input(t, "main.ww")), lookup(map[string]string{"MANY": "lots-of-them"}))
		var text strings.Builder
		if err := diag.Write(&text, p.Sources, settled(diags), 100, false); err != nil {
			t.Fatal(err)
		}
		c.Equal(t, "problems", text.String())
		if strings.Contains(text.String(), "lots-of-them") {
			t.Error("the value of a variable is shown")
		}
	})
}
