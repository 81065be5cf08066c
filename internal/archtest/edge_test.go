package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// docs/reference/edge.md is a table of promises: each names the test that holds it.
func TestThePageOfTheEdgeNamesTestsThatExist(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", "edge.md"))
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, f := range sources(t) {
		if !f.test {
			continue
		}
		for name := range f.ast.Scope.Objects {
			have[name] = true
		}
	}
	named := regexp.MustCompile("`(Test[A-Za-z0-9_]+)`").FindAllSubmatch(page, -1)
	if len(named) < 30 {
		t.Errorf("the page names %d tests; something is wrong with it or with this test", len(named))
	}
	for _, m := range named {
		if !have[string(m[1])] {
			t.Errorf("there is no test %s: it was renamed, or it is not true any more", m[1])
		}
	}
}
