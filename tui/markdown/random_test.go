package markdown

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// marks are what lines are made of: each mark that we claim to read, words, and what may stand beside both.
var marks = []string{
	"*", "**", "***", "_", "__", "~~", "`", "``", "\\", "!", "[", "]", "&amp;", "&lt;", "&#42;", "&", "<b>", "</b>", "<i x=\"", "='", "/>", "<!--", "-->", "<", ">",
	" ", " ", " ", "a", "b", "some words", "x_y", "1", "ä", "…", ".", ",", "(", ")", "\"", "'", "|",
	"](mailto:me@x.org)", "](mailto:a_b@x.org \"title\")", "](page.md)", "[w](mailto:w@x.org)", "![p](mailto:p@x.org)", "<mailto:y@y.org>", "<me@y.org>",
}

// TestLinesOfRandomMarksReadAsTheReferenceReadsThem: within a line there is nothing that we read in another way, whatever
// the marks are.
func TestLinesOfRandomMarksReadAsTheReferenceReadsThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for range rapid.IntRange(1, 40).Draw(t, "lines") {
			first := rapid.SampledFrom([]string{"w", "w ", "(", "**", "_w"}).Draw(t, "first")
			s := first + strings.Join(rapid.SliceOfN(rapid.SampledFrom(marks), 0, 12).Draw(t, "marks"), "")
			if d := cmp.Diff(understood(s), drawn(s)); d != "" {
				t.Fatalf("%q (-reference +ours):\n%s", s, d)
			}
		}
	})
}

// TestRandomAnswersReadAsTheReferenceReadsThem: blocks of every sort, in every order and in each other.
func TestRandomAnswersReadAsTheReferenceReadsThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for range rapid.IntRange(1, 10).Draw(t, "answers") {
			s := strings.Join(writer{t}.blocks(2), "\n")
			if d := cmp.Diff(understood(s), drawn(s)); d != "" {
				t.Fatalf("%s\n(-reference +ours):\n%s", s, d)
			}
		}
	})
}

// writer writes as models do.
type writer struct{ *rapid.T }

func (w writer) of(all ...string) string { return rapid.SampledFrom(all).Draw(w.T, "of") }

func (w writer) upTo(n int) int { return rapid.IntRange(1, n).Draw(w.T, "n") }

// blocks are lines of blocks. What follows a paragraph may stand right below it.
func (w writer) blocks(deep int) []string {
	var out []string
	for range w.upTo(4) {
		var b []string
		touches := false
		switch kind := w.of("text", "heading", "underlined", "rule", "code", "list", "table", "quote"); {
		case kind == "text" || kind == "quote" && deep == 0:
			b = w.text()
		case kind == "heading":
			b, touches = []string{w.of("# ", "## ", "###### ") + w.line() + w.of("", "", " ##")}, true
		case kind == "underlined":
			b = append(w.text(), w.of("===", "---", "--------"))
		case kind == "rule":
			b, touches = []string{w.of("***", "* * *", "___")}, true
		case kind == "code":
			b, touches = w.code(), true
		case kind == "list":
			b = w.list(deep)
		case kind == "table":
			b = w.table()
		case kind == "quote":
			for _, l := range w.blocks(deep - 1) {
				b = append(b, strings.TrimRight("> "+l, " "))
			}
			touches = true
		}
		if len(out) > 0 && !(touches && w.of("apart", "touching") == "touching" && !strings.HasPrefix(out[len(out)-1], ">")) {
			out = append(out, "")
		}
		out = append(out, b...)
	}
	return out
}

func (w writer) line() string {
	return w.of("some text", "*lean* and **bold**", "a `piece` of it", "~~gone~~", "see [this](https://x.org/a_b)", "1 < 2 &amp; 3", `\# no \* marks`, "日本 **語** 。", "a | b", "snake_case_name")
}

func (w writer) text() []string {
	var out []string
	for range w.upTo(3) {
		out = append(out, w.line()+w.of("", "", "  ", `\`))
	}
	out[len(out)-1] = strings.TrimRight(out[len(out)-1], `\`)
	return out
}

func (w writer) code() []string {
	mark := w.of("```", "~~~", "````", "~~~~~")
	out := []string{mark + w.of("", "go", " python title")}
	for range w.upTo(4) {
		out = append(out, w.of("", "x := *p", "    indented", "# no title", "- no item", "> no quote", "| no | table |", "|---|---|", "---", "``` no end", mark[:2], "[x](https://x.org)", "&amp;"))
	}
	return append(out, mark+w.of("", "", mark[:1], "  "))
}

func (w writer) list(deep int) []string {
	var out []string
	sign := w.of("- ", "* ", "+ ", "1. ", "1) ", "10. ")
	if deep < 2 && sign == "10. " { // in a paragraph above it, only 1 begins a list
		sign = "1. "
	}
	within := strings.Repeat(" ", len(sign))
	for range w.upTo(3) {
		if w.of("text", "text", "code") == "code" {
			c := w.code()
			out = append(out, sign+c[0])
			out = append(out, shiftedBy(within, c[1:])...)
			continue
		}
		out = append(out, sign+w.of("", "", "[ ] ", "[x] ")+w.line()+w.of("", "", "  "))
		switch what := w.of("none", "more", "list", "code", "apart"); {
		case what == "more":
			out[len(out)-1] += w.of("", `\`)
			out = append(out, shiftedBy(within, []string{w.line()})...)
		case what == "list" && deep > 0:
			out = append(out, shiftedBy(within, w.list(deep-1))...)
		case what == "code":
			out = append(out, shiftedBy(within, w.code())...)
		case what == "apart":
			out = append(out, "", within+w.line())
		}
	}
	return out
}

func shiftedBy(indent string, lines []string) []string {
	var out []string
	for _, l := range lines {
		out = append(out, strings.TrimRight(indent+l, " "))
	}
	return out
}

func (w writer) table() []string {
	n := 1 + w.upTo(2)
	row := func(cell func() string) string {
		out := "|"
		for range n {
			out += " " + cell() + " |"
		}
		return out
	}
	words := func() string {
		return w.of("a", "*b*", "`c`", `d \| e`, "", "&lt;", "~~f~~", "[g](https://x.org)", "`h \\| i`")
	}
	out := []string{row(words), row(func() string { return w.of("---", ":--", ":-:", "--:", "-") })}
	for range w.upTo(3) {
		out = append(out, row(words))
	}
	return out
}
