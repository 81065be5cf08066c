package parser

import (
	"strings"
	"testing"
)

// mistakes is every kind of mistake with all the diagnostics it must give, no more. ⏎ stands for a line end.
var mistakes = []struct{ name, src, want string }{
	{"missing name", `lm openai {⏎ model: "x"⏎}`, "E_SYNTAX@1:4"},
	{"missing name, errors inside", `llm openai {⏎ model "x"⏎}`, "E_SYNTAX@1:5 E_SYNTAX@2:8"},
	{"stray word", `hello⏎`, "E_SYNTAX@1:6"},
	{"stray words", `hello big world⏎a = api web {}`, "E_SYNTAX@1:7"},
	{"two word name", `my agent = llm openai {}`, "E_SYNTAX@1:4"},
	{"three header words", `a = api web extra {⏎}`, "E_SYNTAX@1:13"},
	{"four header words", `a = api web extra more {}`, "E_SYNTAX@1:13"},
	{"dotted and typed", `a = input.cli web {}`, "E_SYNTAX@1:15"},
	{"too many dots", `a = input.cli.x {}`, "E_SYNTAX@1:5"},
	{"dot in the type", `a = input a.b {}`, "E_SYNTAX@1:11"},
	{"header without body", `a = llm openai⏎b = llm ollama {}`, "E_SYNTAX@1:15"},
	{"header without body at the end", `a = llm openai`, "E_SYNTAX@1:15"},
	{"no kind", `a = {⏎ x: 1⏎}`, "E_SYNTAX@1:5"},
	{"no value", `a =⏎`, "E_MISSING_VALUE@1:1"},
	{"no value before the next", `a =⏎b = llm ollama {}`, "E_MISSING_VALUE@1:1"},
	{"no value, comma", `a = ,`, "E_MISSING_VALUE@1:1"},
	{"colon at the top", `a: llm ollama {}`, "E_SYNTAX@1:2"},
	{"quoted name", `"a" = llm ollama {}`, "E_SYNTAX@1:1"},
	{"name begins with a digit", `1a = llm ollama {}`, "E_SYNTAX@1:1"},
	{"name with a dot", `a.b = llm ollama {}`, "E_SYNTAX@1:1"},
	{"name from the environment", `$A = llm ollama {}`, "E_SYNTAX@1:1"},
	{"two equals", `a = = llm ollama {}`, "E_SYNTAX@1:5"},
	{"begins with equals", `= llm ollama {}`, "E_SYNTAX@1:1"},
	{"text behind a setting", `a = "x" "y"`, "E_SYNTAX@1:9"},
	{"stray brace", `a = api web {}⏎}`, "E_SYNTAX@2:1"},
	{"two stray braces", `}⏎a = api web {}⏎}`, "E_SYNTAX@1:1 E_SYNTAX@3:1"},
	{"block closed too early", `a = api web {⏎ b: {⏎ }}⏎ c: 1⏎ d: 2⏎}⏎`, "E_SYNTAX@6:1"},
	{"stray bracket", `a = api web { x: 1 ]⏎}`, "E_SYNTAX@1:20"},
	{"brace for bracket, closed after", `a = api web { x: [1, 2 }]⏎}`, "E_SYNTAX@1:24"},
	{"stray bracket as value", `a = api web {⏎ x: ]⏎}`, "E_SYNTAX@2:5"},

	{"unclosed block", `a = api web {⏎  x: "1"⏎`, "E_UNCLOSED_BLOCK@1:13"},
	{"unclosed block before the next", `a = api web {⏎  x: "1"⏎⏎b = llm ollama {⏎  y 1⏎}⏎`, "E_UNCLOSED_BLOCK@1:13 E_SYNTAX@5:5"},
	{"each block unclosed", `a = x y {⏎ k: 1⏎b = x y {⏎ k: 1⏎c = x y {⏎ k: 1`, "E_UNCLOSED_BLOCK@1:9 E_UNCLOSED_BLOCK@3:9 E_UNCLOSED_BLOCK@5:9"},
	{"unclosed inner block", `a = x y {⏎ k: {⏎⏎b = x y {⏎}`, "E_UNCLOSED_BLOCK@2:5"},
	{"brace on the next line after an unclosed one", `a = x y {⏎b = x y⏎{⏎}`, "E_UNCLOSED_BLOCK@1:9"},
	{"unclosed list", `a = x y {⏎ t: [p, q⏎}`, "E_UNCLOSED_ARRAY@2:5"},
	{"unclosed list before a pair", `a = x y {⏎ t: [p,⏎  q⏎ m: r⏎ n "s"⏎}`, "E_UNCLOSED_ARRAY@2:5 E_SYNTAX@5:4"},
	{"unclosed list at the end", `a = x y {⏎ t: [p,⏎  q⏎ m: r`, "E_UNCLOSED_BLOCK@1:9 E_UNCLOSED_ARRAY@2:5"},
	{"unclosed list of blocks", `a = x y {⏎ h: [⏎ { e: 1 }⏎ { e: 2 }⏎ m = r⏎}`, "E_UNCLOSED_ARRAY@2:5"},
	{"unclosed list in a setting", `a = [1, 2⏎`, "E_UNCLOSED_ARRAY@1:5"},
	{"unclosed inner list", `a = x y { t: [[1, 2] }`, "E_UNCLOSED_ARRAY@1:14"},
	{"unclosed dict in a list", `a = x y { h: [ { e: 1 ] }`, "E_UNCLOSED_BLOCK@1:16"},
	{"nothing but an opener", `a = x y { b: [`, "E_UNCLOSED_ARRAY@1:14"},

	{"string over two lines", `a = x y {⏎  k: "one⏎  two"⏎}`, "E_UNTERMINATED_STRING@2:6"},
	{"string over many lines", `p = x y {⏎ k: "You are⏎⏎a helper.⏎Be kind."⏎ m: 1⏎}`, "E_UNTERMINATED_STRING@2:5"},
	{"closing quote missing", `a = x y {⏎ k: "one⏎ m: "two"⏎ n "x"⏎}`, "E_UNTERMINATED_STRING@2:5 E_SYNTAX@4:4"},
	{"two closing quotes missing", `a = x y {⏎ k: "one⏎ m: "two⏎}`, "E_UNTERMINATED_STRING@2:5 E_UNTERMINATED_STRING@3:5"},
	{"closing quote missing on one line", `a = x y { k: "one }⏎b = x y {}`, "E_UNTERMINATED_STRING@1:14"},
	{"closing quote missing in a list", `a = x y {⏎ k: ["p", "q]⏎ m: 1⏎}`, "E_UNTERMINATED_STRING@2:11"},
	{"opening quote missing", `a = x y {⏎ k: one"⏎ m: 1⏎}`, "E_UNTERMINATED_STRING@2:8"},
	{"opening quote missing, two words", `a = x y {⏎ k: one two"⏎ m: 1⏎}`, "E_UNTERMINATED_STRING@2:12"},
	{"escaped closing quote", `a = x y {⏎ k: "C:\dir\"⏎ m: 1⏎}`, "E_UNTERMINATED_STRING@2:5"},
	{"triple quotes", `a = x y {⏎ k: """one⏎two⏎"""⏎ m: 1⏎}`, "E_UNTERMINATED_STRING@2:5"},
	{"triple quotes on one line", `a = x y { k: '''one''' }`, "E_SYNTAX@1:14"},
	{"triple quotes never closed", `a = x y {⏎ k: """one⏎}`, "E_SYNTAX@2:5"},
	{"unterminated key", `a = x y {⏎ "k: 1⏎ m: 2⏎}`, "E_UNTERMINATED_STRING@2:2"},
	{"unterminated comment", `a = x y {⏎ /* k: 1⏎}⏎`, "E_UNTERMINATED_COMMENT@2:2"},

	{"missing value", `a = x y {⏎ k:⏎ m: 1⏎}`, "E_MISSING_VALUE@2:2"},
	{"missing value before comma", `a = x y { k:, m: 1 }`, "E_MISSING_VALUE@1:11"},
	{"missing value before brace", `a = x y { k: }`, "E_MISSING_VALUE@1:11"},
	{"missing value at the end", `a = x y {⏎ k:`, "E_UNCLOSED_BLOCK@1:9 E_MISSING_VALUE@2:2"},
	{"missing value before a comment", `a = x y {⏎ k: # later⏎}`, "E_MISSING_VALUE@2:2"},
	{"value on the next line", `a = x y {⏎ k:⏎  "v"⏎}`, "E_MISSING_VALUE@2:2 E_SYNTAX@3:6"},
	{"no separator", `a = x y {⏎ url "x"⏎}`, "E_SYNTAX@2:6"},
	{"no separator before a block", `a = x y {⏎ env {⏎  K: 1⏎  L 2⏎ }⏎}`, "E_SYNTAX@2:6 E_SYNTAX@4:5"},
	{"lonely key", `a = x y {⏎ url⏎}`, "E_SYNTAX@2:5"},
	{"two separators", `a = x y {⏎ k: = 1⏎ m: 2⏎}`, "E_SYNTAX@2:5"},
	{"blank in bare text", `a = x y {⏎ k: hello big world⏎ m: 2⏎}`, "E_SYNTAX@2:11"},
	{"blank in bare text, comma", `a = x y { k: hello world, m: 2 }`, "E_SYNTAX@1:20"},
	{"bracket glued to a word", `a = x y {⏎ k: foo[0]⏎}`, "E_SYNTAX@2:8"},
	{"text glued to text", `a = x y {⏎ k: foo"bar"⏎}`, "E_SYNTAX@2:8"},
	{"word glued to text", `a = x y {⏎ k: "foo"bar⏎}`, "E_SYNTAX@2:10"},
	{"call", `a = x y {⏎ k: getenv("A")⏎}`, "E_SYNTAX@2:5"},
	{"query in a bare URL", `a = x y {⏎ k: http://h?a=b⏎}`, "E_SYNTAX@2:15"},
	{"key is a variable", `a = x y {⏎ $K: 1⏎}`, "E_SYNTAX@2:2"},
	{"key is a list", `a = x y {⏎ [1]: 1⏎ m: 2⏎}`, "E_SYNTAX@2:2"},
	{"block without key", `a = x y {⏎ { p: 1, q 1 }⏎}`, "E_SYNTAX@2:2 E_SYNTAX@2:12"},
	{"typed block of three words", `a = x y {⏎ k: p q r { s: 1 }⏎}`, "E_SYNTAX@2:9"},
	{"variable with a port", `a = x y {⏎ k: $HOST:80⏎}`, "E_SYNTAX@2:10"},
	{"variable with a path", `a = x y { k: ${HOME}/x, m: 1 }`, "E_SYNTAX@1:21"},
	{"two variables", `a = x y { k: [$A$B] }`, "E_SYNTAX@1:17"},
	{"variable with text", `a = x y { k: $A"x" }`, "E_SYNTAX@1:16"},
	{"lonely dollar", `a = x y {⏎ k: $⏎ m: 1⏎}`, "E_SYNTAX@2:5"},
	{"variable that is a number", `a = x y { k: $1 }`, "E_SYNTAX@1:14"},
	{"unclosed variable", `a = x y { k: ${A }`, "E_SYNTAX@1:14"},
	{"variable with a default", `a = x y { k: ${A:-b}, m: 1 }`, "E_SYNTAX@1:14"},

	{"arrow", `p = workflow {⏎  steps = [ a -> b ]⏎}`, "E_SYNTAX@2:15"},
	{"arrows", `p = workflow {⏎  steps = [ a -> b -> c ]⏎}`, "E_SYNTAX@2:15"},
	{"tight arrow", `p = workflow { steps = [a->b] }`, "E_SYNTAX@1:26"},
	{"arrow as value", `p = x y {⏎ k: -> b c⏎ m 1⏎}`, "E_SYNTAX@2:5 E_SYNTAX@3:4"},
	{"typographic quotes", `p = x y {⏎ k: “big red”⏎ m: 1⏎}`, "E_SYNTAX@2:5"},
	{"back quotes", "p = x y {⏎ k: `a b`⏎ m: 1⏎}", "E_SYNTAX@2:5"},
	{"invisible character", "p = x y {⏎ \u200bk: 1⏎ m: 1⏎}", "E_SYNTAX@2:2"},
	{"parentheses", `p = x y {⏎ k: (a, b)⏎ m: 1⏎}`, "E_SYNTAX@2:5"},
	{"template", `p = x y {⏎ k: {{name}}⏎ m: 1⏎}`, "E_SYNTAX@2:6"},

	{"pair in a list", `a = x y {⏎ h: [⏎ event: "x"⏎ ]⏎}`, "E_SYNTAX@3:7"},
	{"pair with equals in a list", `a = x y { h: [ event = "x" ] }`, "E_SYNTAX@1:22"},
	{"quoted pair in a list", `a = x y { h: ["e": 1] }`, "E_SYNTAX@1:18"},
	{
		"six mistakes", `a = x {⏎ k: "o⏎ l:⏎}⏎lm x {}⏎b = x y z {⏎ t: [1⏎}⏎c = x { $A }`,
		"E_UNTERMINATED_STRING@2:5 E_MISSING_VALUE@3:2 E_SYNTAX@5:4 E_SYNTAX@6:9 E_UNCLOSED_ARRAY@7:5 E_SYNTAX@9:9",
	},

	{"pairs without commas", `a = x y { k: 1 l: 2 m: 3 }`, "W_MISSING_SEPARATOR@1:16 W_MISSING_SEPARATOR@1:21"},
	{"pair behind a block", `a = x y { k: {} l: 2 }`, "W_MISSING_SEPARATOR@1:17"},
	{"items without commas", `a = x y { k: [p q] }`, "W_MISSING_SEPARATOR@1:17"},
	{"unknown escapes", `a = x y { k: "é\d\é" }`, "W_UNKNOWN_ESCAPE@1:16 W_UNKNOWN_ESCAPE@1:18"},
	{"unknown escape in a key", `a = x y { "\d": 1 }`, "W_UNKNOWN_ESCAPE@1:12"},
	{"duplicate keys", `a = x y {⏎ k: 1⏎ "k" = 2⏎ d: { k: 1, k: 2 }⏎ k: 3⏎}`, "W_DUPLICATE_KEY@3:2 W_DUPLICATE_KEY@4:13 W_DUPLICATE_KEY@5:2"},
}

func TestMistakes(t *testing.T) {
	for _, c := range mistakes {
		t.Run(c.name, func(t *testing.T) {
			src := strings.ReplaceAll(c.src, "⏎", "\n")
			f, l := Parse("main.ww", []byte(src))
			if got := codes(l); got != c.want {
				t.Errorf("%s\n got  %s\n want %s\n%s", src, got, c.want, dump(f))
			}
			for _, d := range l {
				if d.Detail == "" || d.Label == "" || d.Summary == "" {
					t.Errorf("%s says too little: %+v", d.Code, d)
				}
			}
		})
	}
}
