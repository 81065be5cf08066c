package diag_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/diag"
)

func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range diag.Codes() {
		if seen[c.Name] {
			t.Errorf("%s is there twice", c.Name)
		}
		seen[c.Name] = true
		if c.Title == "" || c.Why == "" || c.Wrong == "" || c.Right == "" || c.Wrong == c.Right || strings.Contains(c.Title, "\n") {
			t.Errorf("%s says too little", c.Name)
		}
	}
}

// TestNoCodeIsReportedThatIsNotInTheList reads the packages that report problems. It also finds codes that nobody
// reports any more.
func TestNoCodeIsReportedThatIsNotInTheList(t *testing.T) {
	t.Parallel()
	looks := regexp.MustCompile("^[EW]_[A-Z_]+$")
	used := map[string]string{}
	for _, dir := range []string{"../../parser", "../project", "../kinds", "../cli"} {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if text, err := strconv.Unquote(lit.Value); err == nil && looks.MatchString(text) {
						used[text] = path
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for code, path := range used {
		if _, ok := diag.FindCode(code); !ok {
			t.Errorf("%s is reported by %s and is not in Codes", code, path)
		}
	}
	for _, c := range diag.Codes() {
		if used[c.Name] == "" {
			t.Errorf("nobody reports %s", c.Name)
		}
	}
}

func TestCodesAreFoundAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"E_CYCLE": "E_CYCLE", "e_cycle": "E_CYCLE", " cycle ": "E_CYCLE", "bare_word": "W_BARE_WORD", "E_BARE_WORD": "", "": "",
	} {
		if c, ok := diag.FindCode(name); c.Name != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", name, c.Name, want)
		}
	}
}
