package markdown

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark/extension"
)

// answers are what models write.
var answers = map[string]string{
	"a comparison": "## Which one to take\n\nBoth are **fine**, but *not* for the same things:\n\n" +
		"| | `sync.Mutex` | channel |\n|---|:---:|---:|\n| cost | **20 ns** | 200 ns |\n| owner | one at a time | ~~none~~ moves |\n\n" +
		"1. **Shared state:** a mutex\n   - short sections only\n   - never over a call: see [why](https://example.org/why_not?a=1&b=2)\n2. **Hand-over:** a channel\n\n---\n\nIn short: `mu` &lt; `ch`.",
	"steps with code": "Do this:\n\n1. Install it:\n\n   ```bash\n   go install ./...\n   if x; then\n     echo \"*done*\"\n   fi\n   ```\n\n2. Run `ww dev`:\n   ~~~\n   $ ww dev\n   ~~~\n" +
		"3. ```sh\n   ww check\n   ```\n\nThen **stop**.",
	"markdown in code":        "Write this:\n\n````markdown\n# title\n\n```go\nx := 1\n```\n\n> *quote*\n````\n\nand *that* is it.",
	"code without an end":     "So:\n\n```python\ndef f(x):\n    return **x\n\n# no title\n- no item",
	"a quote with blocks":     "> **Note**\n> - one\n> - `two`\n>\n> ## And\n> ```\n> x = *y\n>\n> ```\n> | a | b |\n> |---|---|\n> | 1 | *2* |\n>\n> > deeper\n\nOut of it.",
	"tasks":                   "- [x] done **well**\n- [ ] not [yet](https://example.org)\n  - [X] nested\n- [] none",
	"underlined":              "The *title*\n===\n\nSecond\nof two lines\n------\ntext\n\n---\n- item\n---\nend",
	"breaks":                  "one  \ntwo\\\nthree\\\\\nfour\n\nlast\\",
	"headings close":          "# one #\n## two ##\n### three \\###\n#### four#\n#five\n####### seven\n#",
	"numbers":                 "3. three\n4. four\n\n1) one\n2) two\n\nIt was in\n1. place",
	"a table among text":      "before\n| a | b |\n|:--|--:|\n| c\\|d | |\n| e |\n| f | g | h |\n\n| no | table |",
	"a table ends":            "| a | b |\n|---|---|\n| c | d |\n# title | with a bar\n\na | b\n--|--\nc | d\n- e | f",
	"lists of every sign":     "* a\n* b\n\n+ c\n  + d\n    + e\n- f\n\n  more of f\n- g",
	"rules":                   "a\n\n***\n___\n- - -\n\n**\n__",
	"strong and lean":         "***both*** **strong *lean* strong** *lean **strong** lean* **a*b*c** *a**b**c* **\"quoted\"** (*x*) *a*b **a**b",
	"underscores":             "snake_case_name __init__ _lean_ __strong__ _a_b _a b_ a_ _b_c_ __a__b",
	"no marks":                "2 * 3 * 4, a ** b, * x *, 5 *6, *open, **open, `open, f(*a, **k), _, __, ~, ~~ open, [open, ]( x",
	"strikethrough":           "~~gone~~ ~~**strong** gone~~ **~~both~~** a~~b~~c ~~ no ~~ ~~~no~~~",
	"code":                    "`a` ``b ` c`` ` d ` `` ` `` `*x*` `\\` `&amp;` ``` e `` f ``` **`g`** *`h`* `<b>` `i\\`",
	"escapes":                 "\\*a\\* \\_b\\_ \\`c\\` \\[d](https://x.org) \\# \\& \\&amp; \\\\ \\a \\~~e~~ \\<b> \\! \\| \\\"",
	"names of characters":     "&amp; &lt;b&gt; &quot;c&quot; a&nbsp;b &copy; &mdash; &hellip; &rarr; &#42;d&#42; &#x1F600; &#0; &nosuch; &amp AT&T &;",
	"links":                   "[a](https://x.org) [*b* `c`](<https://x.org/a_b> \"t\") [d](https://x.org/(e)) [f [g] h](https://x.org 'i') ![j](https://x.org/k.png) [l]( https://x.org ) [m](mailto:n@x.org)",
	"links that lead nowhere": "[a](page.md) [b](#part) [c](javascript:alert) ![d](e_f_g.png) [h] [i][j] [k] (https) *[l*](m)",
	"links in links":          "[a [b](https://b.org) c](https://a.org) [![d](https://d.org/e.png)](https://f.org) ![g [h](https://h.org)](https://i.org)",
	"addresses":               "see https://x.org/a_b_c?d=e&f=g, (https://x.org/g) or https://x.org/h(i). **https://x.org/j** <https://x.org/k> <me@x.org> https://x.org!",
	"html":                    "a <b>bold</b> and <a href=\"x_y_z\">link</a> <T> a < b > c <- d <!-- *no* --> <i x='*'>",
	"japanese":                "これは**強調**です。*東京*と`コード`、~~消す~~。[東京](https://x.org/東京)\n\n- **項目**: 値\n- 2～3",
	"other letters":           "**ä**ö *é*è «*à*» “**q**” ¿*qué*? — *x* —",
	"windows":                 "a **b**\r\n\r\n- c\r\n- d\r\n\r\n```\r\ne\r\n```\r\n",
	"tabs":                    "-\ta\n\n1.\tb\n\n```\n\tc\n```",
	"nothing":                 "\n\n  \n",
}

func TestAnswersReadAsTheReferenceReadsThem(t *testing.T) {
	t.Parallel()
	for name, s := range answers {
		if d := cmp.Diff(understood(s, extension.Linkify), drawn(s)); d != "" {
			t.Errorf("%s: %s\n(-reference +ours):\n%s", name, s, d)
		}
	}
}

// dialect is what we read in another way than the reference, and why. Together with the list of examples it is all we know of.
var dialect = []struct {
	why, text string
	ours      []string
}{
	{
		"what begins in a line ends in it, so that a line is drawn once",
		"**a\nb** `c\nd`",
		[]string{`text "**a"`, "text \"b** `c\"", "text \"d`\""},
	},
	{
		"an indent makes no code: models indent what they nest",
		"    a *b*\n\n        # c",
		[]string{`text "a " i"b"`, `text b"c"`},
	},
	{
		"a line is quoted when it says so",
		"> a\nb",
		[]string{`> text "a"`, `text "b"`},
	},
	{
		"any number begins an item; it looks like one anyway",
		"a\n7. *b*",
		[]string{`text "a"`, `item. i"b"`},
	},
	{
		"no block but code begins in the line of a bullet",
		"- # a\n- > b",
		[]string{`item- "# a"`, `item- "> b"`},
	},
	{
		"fewer than three dashes or equal signs make no heading: a list may be about to begin",
		"a\n-\n\nb\n=",
		[]string{`text "a"`, `item-`, `text "b"`, `text "="`},
	},
	{
		"a row of a table has a bar: what models write right below a table is no row of it",
		"| a | b |\n|---|---|\n| c | d |\nand so on",
		[]string{`row | b"a" | b"b"`, `row | "c" | "d"`, `text "and so on"`},
	},
	{
		"the head of a table has as many cells as the line below it has dashes, as GitHub says",
		"| a |\n|---|---|",
		[]string{`text "| a |"`, `text "|---|---|"`},
	},
	{
		"the box of a task has a space behind it, as GitHub says",
		"- [x](https://x.org)",
		[]string{`item- "x"(https://x.org)`},
	},
	{
		"a bar in code does not end a cell: models forget to escape it",
		"| a | b |\n|---|---|\n| `c | d` | e |",
		[]string{`row | b"a" | b"b"`, `row | c"c | d" | "e"`},
	},
	{
		"one ~ is text: it says about, or from and to",
		"~5 or 3~4 and 5~6, ~a~",
		[]string{`text "~5 or 3~4 and 5~6, ~a~"`},
	},
	{
		"Chinese, Japanese and Korean have no spaces beside their punctuation, so emphasis does not need them",
		"他说**“好。”**然后*（走）*了",
		[]string{`text "他说" b"“好。”" "然后" i"（走）" "了"`},
	},
	{
		"<br> ends a line: in a table there is no other way",
		"a<br>b",
		[]string{`text "a"`, `text "b"`},
	},
	{
		"other HTML is text, the marks in it are read",
		"<div>\n*a*\n</div>",
		[]string{`text "<div>"`, `text i"a"`, `text "</div>"`},
	},
	{
		"links by reference are text: what they refer to comes last, when the text is drawn. Its address can be opened",
		"[a][1]\n\n[1]: https://x.org",
		[]string{`text "[a][1]"`, `text "[1]: " "https://x.org"(https://x.org)`},
	},
	{
		"what leads nowhere that can be opened is written as it was",
		"[a](<b c.md> 'd') <ftp://e.org>",
		[]string{`text "[a](<b c.md> 'd') <ftp://e.org>"`},
	},
	{
		"an address has its scheme, may be of this machine, and may follow any sign but a letter",
		"www.x.org a@x.org http://localhost:8080/a \"https://y.org\" 看https://z.org。好",
		[]string{
			`text "www.x.org a@x.org " "http://localhost:8080/a"(http://localhost:8080/a) " \"" "https://y.org"(https://y.org) "\" 看" "https://z.org"(https://z.org) "。好"`,
		},
	},
	{
		"the rare ones of 2,125 names of characters are text",
		"&CounterClockwiseContourIntegral;",
		[]string{`text "&CounterClockwiseContourIntegral;"`},
	},
}

func TestTheDialectIsOnPurpose(t *testing.T) {
	t.Parallel()
	for _, tt := range dialect {
		if d := cmp.Diff(tt.ours, drawn(tt.text)); d != "" {
			t.Errorf("%s: %q (-want +got):\n%s", tt.why, tt.text, d)
		}
		if cmp.Equal(understood(tt.text, extension.Linkify), tt.ours) {
			t.Errorf("%s: the reference reads %q the same: it is no difference", tt.why, tt.text)
		}
	}
}

// TestAnswersReadTheSameInPieces: how an answer was cut on its way makes no difference to what it says.
func TestAnswersReadTheSameInPieces(t *testing.T) {
	t.Parallel()
	th := colored()
	for name, s := range answers {
		for _, step := range []int{1, 2, 5} {
			f := New(th, 60)
			for at := 0; at < len(s); at += step {
				before := f
				f = f.Add(s[at:min(len(s), at+step)])
				f.All()
				before.Add("\n---\n| x |\n|---|\n| another |\nend").All() // grows from the same text
			}
			if d := cmp.Diff(New(th, 60).Add(s).All(), f.All()); d != "" {
				t.Errorf("%s in pieces of %d bytes (-whole +pieces):\n%s", name, step, d)
			}
		}
	}
}

// TestLongTextsReadTheSame: what stands before or behind does not change how something is read.
func TestLongTextsReadTheSame(t *testing.T) {
	t.Parallel()
	var all []string
	for name, s := range answers {
		if name != "code without an end" {
			all = append(all, s)
		}
	}
	s := strings.Join(all, "\n\nand\n\n")
	if d := cmp.Diff(understood(s, extension.Linkify), drawn(s)); d != "" {
		t.Errorf("%s\n(-reference +ours):\n%s", s, d)
	}
}
