package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// These pages are tables of promises: each names the test that holds it.
func TestPagesOfPromisesNameTestsThatExist(t *testing.T) {
	have := map[string]bool{}
	for _, f := range sources(t) {
		if !f.test {
			continue
		}
		for name := range f.ast.Scope.Objects {
			have[name] = true
		}
	}
	for name, atLeast := range map[string]int{"edge.md": 30, "requirements.md": 60} {
		page, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", name))
		if err != nil {
			t.Fatal(err)
		}
		named := regexp.MustCompile("`(Test[A-Za-z0-9_]+)`").FindAllSubmatch(page, -1)
		if len(named) < atLeast {
			t.Errorf("%s names %d tests; something is wrong with it or with this test", name, len(named))
		}
		for _, m := range named {
			if !have[string(m[1])] {
				t.Errorf("%s: there is no test %s: it was renamed, or it is not true any more", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile("`((?:internal/[a-z0-9/]+)|localbus|breaker|supervisor|parser)`").FindAllSubmatch(page, -1) {
			if _, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(string(m[1])))); err != nil {
				t.Errorf("%s: there is no package %s", name, m[1])
			}
		}
	}
}
