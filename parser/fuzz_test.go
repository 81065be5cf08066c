package parser

import (
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/diag"
)

// FuzzParse feeds anything to the parser and checks what holds for every file, right or wrong. The rules, the
// mistakes and the corpus are its seeds.
func FuzzParse(f *testing.F) {
	for _, r := range rules(f) {
		f.Add([]byte(r.Source))
	}
	for _, m := range mistakes {
		f.Add([]byte(strings.ReplaceAll(m.src, "⏎", "\n")))
	}
	for _, dir := range []string{"parser", "project/language", "project/problems", "project/corpus"} {
		for _, src := range golden.Sources(f, dir, ".ww") {
			f.Add([]byte(src))
		}
	}
	for _, src := range pathological(2000) {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		start := worked(t)
		endless := time.AfterFunc(time.Minute, func() { panic("the parser does not come to an end") })
		file, l := Parse("fuzz.ww", src)
		endless.Stop()
		// Far above what a linear parser needs, far below what a quadratic one does.
		if took := worked(t) - start; took > 2*time.Second {
			t.Errorf("%d bytes took %v", len(src), took)
		}
		if utf8.Valid(src) {
			usualHeads(t, string(src))
		}
		c := &checker{T: t, src: string(src), places: places(string(src))}
		c.file(file, l)
		again, l2 := Parse("fuzz.ww", src)
		if !reflect.DeepEqual(l, l2) || dump(file) != dump(again) {
			t.Error("parsing twice gives two results")
		}
	})
}

// places are line and column of every offset, counted the slow and plain way.
func places(src string) map[int]diag.Pos {
	out := map[int]diag.Pos{}
	line, col := 1, 1
	for i := 0; i < len(src); {
		if i == 0 && strings.HasPrefix(src, bom) {
			i = len(bom)
			continue
		}
		out[i] = diag.Pos{Offset: i, Line: line, Col: col}
		r, n := utf8.DecodeRuneInString(src[i:])
		i += n
		col++
		if r == '\n' || r == '\r' && !strings.HasPrefix(src[i:], "\n") {
			line, col = line+1, 1
		}
	}
	out[len(src)] = diag.Pos{Offset: len(src), Line: line, Col: col}
	return out
}

// checker checks the spans of a tree.
type checker struct {
	*testing.T
	src    string
	places map[int]diag.Pos
}

func (c *checker) file(f *File, l diag.List) {
	if f.Name != "fuzz.ww" || string(f.Src) != c.src {
		c.Error("the file is not the one that was parsed")
	}
	sorted := append(diag.List(nil), l...)
	sorted.Sort()
	if len(l) > 0 && !reflect.DeepEqual(sorted, l) {
		c.Errorf("diagnostics are not sorted: %v", codes(l))
	}
	for _, d := range l {
		if d.Severity != diag.Error && d.Severity != diag.Warning || d.Code == "" || d.Summary == "" {
			c.Errorf("incomplete diagnostic %+v", d)
		}
		if d.Code != codeEncoding && d.Code != codeTooLarge {
			c.span("diagnostic "+d.Code, d.Span)
		}
	}
	if len(l) == 1 && l[0].Code == codeEncoding {
		return // nothing has been read
	}
	if !utf8.ValidString(c.src) || strings.Contains(c.src, "\x00") {
		c.Error("bytes that are no text went unnoticed")
		return
	}
	c.span("file", f.Range)
	for _, comment := range f.Comments {
		c.inside("comment", comment.Range, f.Range)
		if got := c.src[comment.Range.Start.Offset:comment.Range.End.Offset]; got != comment.Text {
			c.Errorf("comment %q stands at %q", comment.Text, got)
		}
	}
	end := 0
	for _, d := range f.Decls {
		c.inside("declaration", d.Range, f.Range)
		c.inside("name", d.Name.Range, d.Range)
		if d.Range.Start.Offset < end {
			c.Errorf("declaration %s overlaps the one before", d.Name.Name)
		}
		end = d.Range.End.Offset
		if (d.Body == nil) == (d.Value == nil) || d.Body != nil && d.Body.Kind == nil {
			c.Errorf("declaration %s is neither component nor setting", d.Name.Name)
			continue
		}
		c.value(d.node(), d.Range, l.HasErrors())
	}
}

func (c *checker) value(n Node, within diag.Span, broken bool) {
	c.inside(reflect.TypeOf(n).String(), n.Span(), within)
	switch n := n.(type) {
	case *Array:
		for _, item := range n.Items {
			c.value(item, n.Range, broken)
		}
	case *Block:
		for _, p := range n.Pairs {
			c.inside("pair", p.Range, n.Range)
			c.inside("key", p.Key.Range, p.Range)
			if p.Value != nil {
				c.value(p.Value, p.Range, broken)
			} else if !broken {
				c.Errorf("%s has no value and nobody said so", p.Key.Name)
			}
		}
	case *Word:
		if got := c.src[n.Range.Start.Offset:n.Range.End.Offset]; got != n.Text {
			c.Errorf("word %q stands at %q", n.Text, got)
		}
	}
}

func (c *checker) inside(what string, s, outer diag.Span) {
	c.span(what, s)
	if s.Start.Offset < outer.Start.Offset || s.End.Offset > outer.End.Offset {
		c.Errorf("%s %v-%v is not inside of %v-%v", what, s.Start, s.End, outer.Start, outer.End)
	}
}

func (c *checker) span(what string, s diag.Span) {
	if s.File != "fuzz.ww" || s.Start.Offset > s.End.Offset {
		c.Errorf("%s has the span %+v", what, s)
	}
	for _, p := range []diag.Pos{s.Start, s.End} {
		if want, ok := c.places[p.Offset]; !ok || p != want {
			c.Errorf("%s is at %+v, which is %+v", what, p, want)
		}
	}
}

// pathological is sources of about n bytes each that would hurt a parser which looks ahead too far, goes back too
// often or nests without limit.
func pathological(n int) map[string]string {
	rep := func(text string) string { return strings.Repeat(text, n/len(text)) }
	return map[string]string{
		"open brackets": "a = x y { k: " + rep("["), "open braces": rep("{"), "blocks": "a = x y " + rep("{k:"),
		"unclosed lists": "a = x y {\n" + rep("k: [\n"), "unclosed blocks": rep("a = x y {\n"), "closers": rep("}]"),
		"unclosed lists with closers": rep("a = x y {\n k: [\n l: [\n}\n"), "wrong closers": "a = [" + rep("{]"),
		"quotes": rep("\"\n"), "one quote a line": "k: " + rep("a\"b\n"), "prose in quotes": "a = \"" + rep("x\n\n"),
		"long words": rep("word "), "prose": rep("a b c\n"), "no blank": rep("w"), "calls": "a = x y { k: " + rep("f( "), "fancy": "a = x y { k: " + rep("“ "),
		"dollars": "a = x y { k: [" + rep("${ "), "comments": rep("/*"), "hashes": rep("#\n"), "equals": rep("a="), "colons": rep("a:1\n") + "}",
		"keys": "a = x y {" + rep("k:1,") + "}", "stray": rep("a\n"), "wide": rep("語"), "escapes": "a = \"" + rep(`\d`) + "\"",
		"headers at the margin": "a = x y {\n" + rep("b = x {\n}\n"), "carriage returns": rep("\r"), "arrows": "a = [" + rep("->"),
	}
}

// TestHugeNonsenseEndsSoon runs the pathological sources at a size where quadratic work would take minutes.
func TestHugeNonsenseEndsSoon(t *testing.T) {
	const size = 1 << 17
	for name, src := range pathological(size) {
		t.Run(name, func(t *testing.T) {
			start := worked(t)
			_, l := Parse("main.ww", []byte(src))
			if took := worked(t) - start; took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if len(l) > maxProblems {
				t.Errorf("%d problems", len(l))
			}
		})
	}
}

// worked is how long this process has used a CPU, which counts the same on a busy machine.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func TestMain(m *testing.M) { golden.Main(m, "parser") }
