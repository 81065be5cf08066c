package cli

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

	"github.com/spf13/cobra"
)

// unsaid are the variables that are no business of whoever uses ww.
var unsaid = map[string]string{
	"WW_TAG":          "set by ww for its children",
	"WW_TIMING":       "durations for tests",
	"WW_BENCH_CHILD":  "set by ww bench for its children",
	"WW_BENCH_REPORT": "for tests of the bench",
	"WW_UPDATE":       "read by tests",
	"WW_REQUIRE":      "read by tests",
	"WW_SEED":         "read by tests",
}

// TestEveryVariableThatIsReadIsSaid looks for the names of variables in the sources.
func TestEveryVariableThatIsReadIsSaid(t *testing.T) {
	t.Parallel()
	looks := regexp.MustCompile(`^(WW_[A-Z_]+|XDG_[A-Z_]+|NO_COLOR|CI|TERM|COLORFGBG|EDITOR|VISUAL|LC_ALL|LC_CTYPE|LANG|USER)$`)
	read := map[string]string{}
	for _, dir := range []string{"..", "../../tui", "../../localbus", "../../supervisor", "../../cmd"} {
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
						read[text] = path
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
	help := environmentCmd().Long
	for name, path := range read {
		if unsaid[name] == "" && !strings.HasPrefix(name, "WW_TEST_") && !regexp.MustCompile(`\b`+name+`\b`).MatchString(help) {
			t.Errorf("%s is read by %s; say in `ww help environment` what it does", name, path)
		}
	}
	for _, name := range regexp.MustCompile(`\bWW_[A-Z_]+\b`).FindAllString(help, -1) {
		if read[name] == "" {
			t.Errorf("nothing reads %s", name)
		}
	}
}

// TestEveryVerbSaysWhatItsArgumentsAre holds that no shell completes the names of all files where something else is meant.
func TestEveryVerbSaysWhatItsArgumentsAre(t *testing.T) {
	t.Parallel()
	world := IO{Env: func(string) (string, bool) { return "", false }}
	root := rootCmd(world)
	addCompletions(world, root)
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			visit(sub)
		}
		if c.Hidden || c.Name() == "help" || c.HasParent() && c.Parent().Name() == "completion" {
			return
		}
		if c.GroupID == "" && c.Parent() == root && c.Runnable() {
			t.Errorf("%s is in no group of the help", c.CommandPath())
		}
		if c.ValidArgsFunction == nil {
			t.Errorf("%s: a shell completes the names of all files", c.CommandPath())
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: its line in the help is %q", c.CommandPath(), c.Short)
		}
	}
	visit(root)
}
