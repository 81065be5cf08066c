package project_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/project"
)

// dotenvCases are small .env files. What becomes of them was compared with python-dotenv 0.21: all are read alike but the
// one with a byte order mark, which it takes for a part of the first name, and two with names that no $NAME can ask for.
var dotenvCases = []string{
	"A=1", "A = 1", "export A=1", "export  A = 1 ", "A='x'", "A=\"x\"", "A=#x", "A= #x", "A=x #y", "A=x#y",
	"A=\"x\" #y", "A=\"x\"#y", "A=\"x\" y", "A='x' y", "A", "A=", "A= ", "=1", "A B=1", "A=\"a\\nb\"", "A='a\\nb'",
	"A=a\\nb", "A=\"a\\\\nb\"", "A=\"\\\"\"", "A='\\''", "A=\"x\ny\"\nB=2", "A='x\ny'\nB=2", "A=\"x\nB=2",
	"A=1\r\nB=2\r\n", "A=1\rB=2", "A=${B}", "B=1\nA=${B}", "A=${B:-d}", "B=\nA=${B:-d}", "A=${E}", "A=$E", "A=${}",
	"A=${B", "E=2\nA=${E}", "A=1\nA=2\nC=${A}", "B=1\nA='${B}'", "  A=1", "\tA=1", "A=\t1\t", "\"A\"=1", "'A'=1",
	"'A B'=1", "A-B=1", "A.B=1", "1A=1", "A:1", "A: 1", "A==1", "A=a=b", "A=\"a\" ", "A=é", "É=1", "A=\u000b1",
	"A=\u00a01", "A=\"\\u00e9\"", "A=\"\\x41\"", "A=\"\\q\"", "A='\\q'", "exportA=1", "export=1", "export", "export A",
	"# A=1", "A=1 # b # c", "A=1\t# b", "A=\"a#b\"", "A=\"\"", "A=''", "A=\"", "A='", "A=\"a\"b\"", "A=\"a\"\"b\"",
	"A=a\"b\"", "A=a b c", "A=  a  b  ", "A=1;B=2", "A=1\n\n\nB=2", "\ufeffA=1", "A=${B-d}", "A=${ B }", "A=${E}${E}",
	"A=x${E}y$E", "A=$${E}", "A=\\${E}", "A=\"\\${E}\"", "A=`x`", "A=(1)", "export\tA=1", "A=1\n bad line\nB=2",
	"A=\"x\" # c\nB=2", "A=\"x\"\t\nB=2", "A=\n\"x\"", "A=\\", "A=\"a\\\"", "A=\"a\\\nb\"", "A=1\u000c",
	"A=1\n#x\n  # y\nB=2", "A=${E:-${Z}}", "A=${Z:-}", "A=${Z:-a b}", "A=${Z:-a}b}", "export 'A'=1", "A =\"x\"",
	"A= \"x\"", "A = 'x' # c", "\nA=1", "A=1\u2028B=2", "A=1\u0085B=2", "Z=${A}\nA=1",
}

func TestSmallDotenvFiles(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, text := range dotenvCases {
		p, _ := project.Load(app(t, map[string]string{"main.ww": "a = llm echo {}\n", ".env": text}), lookup(map[string]string{"E": "env"}))
		fmt.Fprintf(&all, "%-30q", text)
		for _, name := range slices.Sorted(maps.Keys(p.Env)) {
			fmt.Fprintf(&all, " %s=%q", name, string(p.Env[name]))
		}
		all.WriteByte('\n')
	}
	golden.Equal(t, "project/dotenv", all.String())
}
