package parser

import (
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
)

// FuzzFormat prints whatever parses and checks what a formatter promises: the same tree, the same comments, and
// nothing to change the second time.
func FuzzFormat(f *testing.F) {
	for _, r := range rules(f) {
		f.Add([]byte(r.Source), uint8(Keep))
	}
	for _, dir := range []string{"parser", "project/language", "project/corpus", "project/problems"} {
		for _, src := range golden.Sources(f, dir, ".ww") {
			f.Add([]byte(src), uint8(Keep))
			f.Add([]byte(src), uint8(Colon))
		}
	}
	for _, c := range layouts {
		f.Add([]byte(c.src), uint8(Equals))
	}
	f.Fuzz(func(t *testing.T, src []byte, d uint8) {
		file, l := Parse("fuzz.ww", src)
		if l.HasErrors() {
			return
		}
		formatted(t, file, Dialect(d%3))
	})
}

// formatted is Format, with its promises checked.
func formatted(t *testing.T, f *File, d Dialect) string {
	t.Helper()
	out, l := Format(f, d)
	if len(l) > 0 {
		t.Fatal(l)
	}
	again, l := Parse(f.Name, out)
	if l.HasErrors() {
		t.Fatalf("the result does not parse: %s\n%s", codes(l), out)
	}
	if !Same(f, again) {
		t.Fatalf("the tree has changed\n%s\n%s\n%s", dump(f), out, dump(again))
	}
	if second, _ := Format(again, d); string(second) != string(out) {
		t.Fatalf("formatting again changes\n%s\ninto\n%s", out, second)
	}
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSuffix(line, "\n"); strings.TrimRight(line, " \t") != line && !strings.Contains(string(out), "/*") {
			t.Errorf("blanks at the end of %q", line)
		}
	}
	return string(out)
}

// layouts are sources and how they are printed.
var layouts = []struct{ name, src, want string }{
	{"nothing", "", ""},
	{"a byte order mark and odd line ends", "\uFEFFa = x y {\r\n\tk : 1\r}\r\n", "a = x y {\n    k: 1\n}\n"},
	{"one line stays one line", `m=llm   ollama{model:"q",n:1}`, "m = llm ollama { model: \"q\", n: 1 }\n"},
	{
		"unless it is too long",
		`m = llm ollama { model: "a name of some length", prompt: "a text that makes the line longer than one can see" }`,
		"m = llm ollama {\n    model: \"a name of some length\"\n    prompt: \"a text that makes the line longer than one can see\"\n}\n",
	},
	{"both signs are kept", "a = x y {\nk=1\nl:2\n}", "a = x y {\n    k = 1\n    l: 2\n}\n"},
	{"blank lines", "\n\na = 1\n\n\n\nb = 2\nc = 3\n\n", "a = 1\n\nb = 2\nc = 3\n"},
	{"blank lines in blocks", "a = x y {\n\n k: 1\n\n\n l: 2\n\n}", "a = x y {\n    k: 1\n\n    l: 2\n}\n"},
	{"a blank line under a comment", "# all\n\n\na = x y {\n k: 1\n}\n\n# b\n\nb = 1", "# all\n\na = x y {\n    k: 1\n}\n\n# b\n\nb = 1\n"},
	{"components stand apart", "a = x y {\n k: 1\n}\nb = x y {}\nc = x y {}", "a = x y {\n    k: 1\n}\n\nb = x y {}\nc = x y {}\n"},
	{"separators that were missing", "a = x y { k: 1 l: [1 2] }", "a = x y { k: 1, l: [1, 2] }\n"},
	{"brace on its own line", "a = x y\n{\n}\nb = x y\n{ k: 1 }", "a = x y {}\nb = x y { k: 1 }\n"},
	{"spelling of values", "a = x y { k: TRUE, l: None, 'm': 'n' }", "a = x y { k: true, l: null, 'm': 'n' }\n"},
	{"dotted kinds", "a = input.cli{}", "a = input.cli {}\n"},
	{"a list over lines", "a = x y {\nl: [1,\n2 3]\n}", "a = x y {\n    l: [\n        1,\n        2,\n        3\n    ]\n}\n"},
	{
		"blocks in a list",
		"a = x y {\nhooks: [{\nevent: 'e'\n}\n,{\nevent: 'f'\n}]\npipes: [{\nevent: 'e'\n}, {\nevent: 'f'\n}]\n}",
		"a = x y {\n    hooks: [\n        {\n            event: 'e'\n        },\n        {\n            event: 'f'\n        }\n    ]\n    pipes: [{\n        event: 'e'\n    }, {\n        event: 'f'\n    }]\n}\n",
	},
	{
		"comments stay where they are",
		"#!/usr/bin/env ww\n\n# about a\na = x y { # here\n#own\n k: 1   # one\n\n # last\n}# end\n#tail",
		"#!/usr/bin/env ww\n\n# about a\na = x y { # here\n    #own\n    k: 1 # one\n\n    # last\n} # end\n\n#tail\n",
	},
	{"comments between words", "a = /* 1 */ x /* 2 */ y /* 3 */ { /* 4 */ k /* 5 */ : /* 6 */ [ /* 7 */ 1 /* 8 */, /* 9 */ 2 /* 10 */ ] }", "a = /* 1 */ x /* 2 */ y /* 3 */ {\n    /* 4 */ k: /* 5 */ /* 6 */ [ /* 7 */ 1, /* 8 */ /* 9 */ 2 /* 10 */]\n}\n"},
	{"comments that cannot stay go above", "a = # why\n x y {\n k: # because\n {\n l: 1 }}", "# why\na = x y {\n    # because\n    k: {\n        l: 1\n    }\n}\n"},
	{"words that look like comments", "a = x y {\nk:#1\nl: [#2,#3\n,4]\nm:/*5\n}", "a = x y {\n    k:#1\n    l: [#2,#3,\n        4\n    ]\n    m:/*5\n}\n"},
	{"settings", "mode=distributed\nbus = \"redis://h\"", "mode = distributed\nbus = \"redis://h\"\n"},
}

func TestFormatHasOneStyle(t *testing.T) {
	for _, c := range layouts {
		t.Run(c.name, func(t *testing.T) {
			f, l := Parse("in.ww", []byte(c.src))
			if l.HasErrors() {
				t.Fatal(l)
			}
			if got := formatted(t, f, Keep); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestFormatChangesTheDialectWhenAsked(t *testing.T) {
	src := "a = x y { k = { l: 1 }, m:#z }\n"
	f, _ := Parse("in.ww", []byte(src))
	for d, want := range map[Dialect]string{
		Keep:   "a = x y { k = { l: 1 }, m:#z }\n",
		Colon:  "a = x y { k: { l: 1 }, m:#z }\n",
		Equals: "a = x y { k = { l = 1 }, m=#z }\n",
	} {
		if got := formatted(t, f, d); got != want {
			t.Errorf("dialect %d: %q, want %q", d, got, want)
		}
	}
}

// TestFormatDoesNotFillTheMemory prints what would be gigabytes of indentation.
func TestFormatDoesNotFillTheMemory(t *testing.T) {
	src := "a = x y { k: " + strings.Repeat("[", MaxDepth-1) + strings.Repeat("1,", 100_000) + strings.Repeat("]", MaxDepth-1) + " }"
	f, l := Parse("in.ww", []byte(src))
	if l.HasErrors() {
		t.Fatal(l)
	}
	if out, l := Format(f, Keep); len(l) != 1 || l[0].Code != codeTooLarge || out != nil {
		t.Errorf("%d bytes, %v", len(out), l)
	}
}

// TestSameSeesWhatDiffers keeps the check that the formatter is measured by from passing everything.
func TestSameSeesWhatDiffers(t *testing.T) {
	base := "a = x y { k: [1, \"t\", w, $E, {}, true, null], b: redis {} } # c\ns = 1"
	f, _ := Parse("in.ww", []byte(base))
	for _, other := range []string{
		"", "a = x y {}\ns = 1 # c",
		strings.Replace(base, "a =", "b =", 1), strings.Replace(base, "x y", "x z", 1), strings.Replace(base, "x y", "x", 1),
		strings.Replace(base, "k:", "l:", 1), strings.Replace(base, "1,", "2,", 1), strings.Replace(base, `"t"`, `'t'`, 1),
		strings.Replace(base, `"t"`, `"u"`, 1), strings.Replace(base, " w,", " v,", 1), strings.Replace(base, "$E", "$F", 1),
		strings.Replace(base, " {},", " {m: 1},", 1), strings.Replace(base, "true", "false", 1), strings.Replace(base, "null", "none2", 1),
		strings.Replace(base, "redis {}", "{}", 1), strings.Replace(base, "# c", "# d", 1), strings.Replace(base, "# c", "", 1),
		strings.Replace(base, "s = 1", "s = x {}", 1), strings.Replace(base, "w, ", "", 1),
	} {
		g, _ := Parse("in.ww", []byte(other))
		if Same(f, g) {
			t.Errorf("the same as %q", other)
		}
	}
	if g, _ := Parse("in.ww", []byte(strings.Replace(base, "true", "TRUE", 1))); !Same(f, g) {
		t.Error("another spelling of true is something else")
	}
}
