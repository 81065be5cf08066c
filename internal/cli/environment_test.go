package cli

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/archtest"
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
	"WW_SEED_FROM":    "read by tests",
	"WW_MCP_SERVERS":  "read by tests",
}

// TestEveryVariableThatIsReadIsSaid looks for the names of variables in the sources.
func TestEveryVariableThatIsReadIsSaid(t *testing.T) {
	t.Parallel()
	looks := regexp.MustCompile(`^(WW_[A-Z_]+|XDG_[A-Z_]+|NO_COLOR|CI|TERM|COLORFGBG|EDITOR|VISUAL|LC_ALL|LC_CTYPE|LANG|USER)$`)
	read, err := archtest.Literals(looks, "..", "../../tui", "../../localbus", "../../supervisor", "../../cmd")
	if err != nil || len(read) == 0 {
		t.Fatal("nothing was read: ", err)
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
