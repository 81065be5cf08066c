package parser

import (
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/diag"
)

// TestCorpus compares the tree, the diagnostics and the formatted text of whole files, as people would read them.
func TestCorpus(t *testing.T) {
	golden.Corpus(t, "parser", func(t *testing.T, c *golden.Case) {
		src := c.Input(t, "in.ww")
		f, l := Parse("in.ww", []byte(src))
		var out strings.Builder
		if err := diag.Write(&out, diag.Sources{"in.ww": []byte(src)}, l, 100, false); err != nil {
			t.Fatal(err)
		}
		c.Equal(t, "tree", dump(f))
		c.Equal(t, "diagnostics", out.String())
		if !l.HasErrors() {
			c.Equal(t, "formatted", formatted(t, f, Keep))
		}
	})
}
