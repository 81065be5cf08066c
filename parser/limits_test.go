package parser

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/woodwork-lang/ww/internal/diag"
)

func TestLimits(t *testing.T) {
	deep := func(n int) string {
		return "a = x y { k: " + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + " }"
	}
	for _, c := range []struct{ name, src, want string }{
		{"deep enough", deep(MaxDepth), ""},
		{"too deep", deep(MaxDepth + 1), "E_TOO_DEEP@1:269"},
		{"far too deep", strings.Repeat("[", 200_000), "E_TOO_DEEP@1:257"},
		{"brackets in text and comments do not nest", "a = x y {\n k: \"" + strings.Repeat("[", 1000) + "\" # " + strings.Repeat("{", 1000) + "\n}", ""},
		{"NUL", "a = x y {\n k: \"é\x00\"\n}", "E_ENCODING@2:7"},
		{"not UTF-8", "# caf\xe9\na = x y {}", "E_ENCODING@1:6"},
		{"not UTF-8 behind a byte order mark", "\uFEFFé\xff", "E_ENCODING@1:2"},
		{"UTF-16", "\xff\xfea\x00", "E_ENCODING@1:1"},
		{"the replacement character is a character", "# \uFFFD", ""},
		{"largest", "#" + strings.Repeat(" ", MaxSize-1), ""},
		{"too large", strings.Repeat(" ", MaxSize+1), "E_TOO_LARGE@0:0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, l := Parse("main.ww", []byte(c.src))
			if got := codes(l); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if f == nil || f.Name != "main.ww" || len(f.Src) != len(c.src) {
				t.Error("the file is not complete")
			}
			for _, d := range l {
				if d.Span.File != "main.ww" || d.Detail == "" {
					t.Errorf("%+v says too little", d)
				}
			}
		})
	}
}

// TestGarbageGivesAThousandProblems also holds that the first ones are kept and that the rest is mentioned.
func TestGarbageGivesAThousandProblems(t *testing.T) {
	_, l := Parse("main.ww", bytes.Repeat([]byte("hello world\n"), 5000))
	if len(l) != maxProblems || l[0].Span.Start.Line != 1 || l[maxProblems-1].Span.Start.Line != maxProblems {
		t.Fatalf("%d problems", len(l))
	}
	if !strings.Contains(l[maxProblems-1].Detail, "more problems") {
		t.Errorf("the last one says %q", l[maxProblems-1].Detail)
	}
}

// TestStrayBraceExplainsPairs holds that pairs behind a component that was closed too early are no second mistake,
// but are one where nothing was closed too early.
func TestStrayBraceExplainsPairs(t *testing.T) {
	for src, want := range map[string]string{
		"a = x y {\n}\nk: 1\nl: 2\n}\n":          "E_SYNTAX@5:1",
		"a = x y {\n}\nk: 1\nl: 2\n":             "E_SYNTAX@3:2 E_SYNTAX@4:2",
		"k: 1\na = x y {\n}\nl: 2\n}\nm: 3":      "E_SYNTAX@1:2 E_SYNTAX@5:1 E_SYNTAX@6:2",
		"a = x y {\n}\nk: \"v\nl: 2\n}\n":        "E_UNTERMINATED_STRING@3:4 E_SYNTAX@5:1",
		"a = x y {\n}}\nb = x y {\n}\nk: 1\n}\n": "E_SYNTAX@2:2 E_SYNTAX@6:1",
	} {
		if _, l := Parse("main.ww", []byte(src)); codes(l) != want {
			t.Errorf("%s got %s, want %s", src, codes(l), want)
		}
	}
}

func TestPartialMarksTheDeclarationsWithErrors(t *testing.T) {
	src := "a = x y { k: 1 l: 2 }\nb = x y { k }\nc = x y {}\nd = \"open\ne = x y {\nf = x y {}"
	f, _ := Parse("main.ww", []byte(src))
	var got []string
	for _, d := range f.Decls {
		if d.Partial {
			got = append(got, d.Name.Name)
		}
	}
	if strings.Join(got, " ") != "b d e" {
		t.Errorf("partial: %v", got)
	}
}

// TestParseIsSafeForManyAtOnce is for the race detector: the grammar is shared.
func TestParseIsSafeForManyAtOnce(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, l := Parse("main.ww", []byte("a = x y { k: [1, { l: 2 }] }\nb = 1")); len(l) != 0 {
				t.Error(codes(l))
			}
		})
	}
	group.Wait()
}

// TestEverySeverityIsWarningOrError holds that the W_ codes, and only they, are warnings.
func TestEverySeverityIsWarningOrError(t *testing.T) {
	for _, m := range mistakes {
		_, l := Parse("main.ww", []byte(strings.ReplaceAll(m.src, "⏎", "\n")))
		for _, d := range l {
			if strings.HasPrefix(d.Code, "W_") != (d.Severity == diag.Warning) {
				t.Errorf("%s is a %v", d.Code, d.Severity)
			}
		}
	}
}
