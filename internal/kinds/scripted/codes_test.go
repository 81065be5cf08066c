package scripted_test

import (
	"slices"
	"testing"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/kinds/scripted"
)

// TestTheExamplesOfTheScriptCodesAreTrue holds what is told about the codes of scripts.
func TestTheExamplesOfTheScriptCodesAreTrue(t *testing.T) {
	t.Parallel()
	for _, c := range diag.Codes() {
		if c.About != diag.Script {
			continue
		}
		_, wrong := scripted.Parse("a.script", []byte(c.Wrong))
		if !slices.ContainsFunc(wrong, func(d diag.Diagnostic) bool { return d.Code == c.Name }) {
			t.Errorf("%s: the wrong example gives %v", c.Name, wrong)
		}
		if _, right := scripted.Parse("a.script", []byte(c.Right)); len(right) > 0 {
			t.Errorf("%s: the right example gives %v", c.Name, right)
		}
	}
}
