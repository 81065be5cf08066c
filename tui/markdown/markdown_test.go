package markdown

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

func TestMain(m *testing.M) { golden.Main(m, "tui/markdown") }

const answer = `# Trains of *today*

Take the **first one that *leaves***, or ` + "`ww ask`" + `; a_name_like_this and 2 * 3 * 4 are text. \*So is this\*.

| from | to | minutes | remark |
|:-----|---:|:-------:|--------|
| Paris | Lyon | 118 | every **hour**, see [the plan](https://example.org/plan?x=1) |
| Berlin | München 東京 | 240 | ` + "`ICE | 507`" + ` and a \| in text |
| short |

> quoted text that is long enough to be wrapped in a narrow pane
>> and what was quoted there

1. one
   - nested, and a bit longer than the narrow pane is wide
2. two ~~gone~~

---

- [x] done
- [ ] open

See <https://example.org>, https://example.com/a_b(c)/d. and ![a picture](https://example.org/a.png), but not [here](javascript:alert(1)) nor [there](page.md).
[www.bank.example](https://evil.example/) says where it leads.

| no | table |
because no line of dashes follows.

~~~go
func main() { fmt.Println("| no | table |") }
~~~
The end.

Set below
=========

Fish &amp; chips&nbsp;&mdash; 5 &lt; 7, ~5 minutes, **「語」**です。
One line\
and another.

| what | where |
|---|---|
| one<br>two | ***both*** ~~none~~ |

1. Install it:

   ` + "```sh\n   if x; then\n     go install ./...\n   fi\n   ```" + `
2. ` + "```\n   ww dev\n   ```" + `

> ## Quoted
> - [x] a task in a quote that is long enough to be wrapped
>
> ` + "````md\n> ```\n> not the end\n> ```\n> ````" + `
> | a | b |
> |---|---|
> | c | d |
`

func page(lines []string) string {
	for i := range lines {
		lines[i] = strings.TrimRight(ansi.Strip(lines[i]), " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestAnAnswerIsReadableAtEveryWidth(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, o := range []theme.Options{{Profile: termenv.Ascii}, {Profile: termenv.ANSI, ASCII: true, Links: true}} {
		for _, w := range []int{24, 40, 56, 90} {
			if o.ASCII && w != 56 {
				continue
			}
			lines := New(theme.New(o), w).Add(answer).All()
			for _, l := range lines {
				if n := ansi.StringWidth(l); n > w {
					t.Errorf("%d columns: %q has %d", w, l, n)
				}
			}
			fmt.Fprintf(&b, "== %d columns, ascii and links: %v\n%s", w, o.ASCII, page(lines))
		}
	}
	golden.Equal(t, "tui/markdown/answer", b.String())
}

// TestPiecesAreDrawnAsTheWhole: how an answer was cut on its way makes no difference, and drawing it in between changes nothing.
func TestPiecesAreDrawnAsTheWhole(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{Profile: termenv.ANSI256, Links: true})
	want := New(th, 50).Add(answer).All()
	for _, step := range []int{1, 2, 3, 7, 50} {
		f := New(th, 50)
		for at := 0; at < len(answer); at += step {
			before := f
			f = f.Add(answer[at:min(len(answer), at+step)])
			f.All()
			before.Add("| x |\n|---|\nanother end").All() // grows from the same text
		}
		if d := cmp.Diff(want, f.All()); d != "" {
			t.Errorf("in pieces of %d bytes (-whole +pieces):\n%s", step, d)
		}
	}
}

func TestLinksLeadWhereTheySay(t *testing.T) {
	t.Parallel()
	on := theme.New(theme.Options{Profile: termenv.ANSI, Links: true})
	off := theme.New(theme.Options{Profile: termenv.ANSI})
	line := func(th *theme.Theme, s string) string { return strings.Join(New(th, 200).Add(s).All(), "\n") }
	lead := func(url string) string { return "\x1b]8;;" + url + "\x07" }
	tests := []struct{ in, plain, leads string }{
		{"[the plan](https://example.org/p)", "the plan (https://example.org/p)", "https://example.org/p"},
		{"[a **bold** one](https://example.org \"title\")", "a bold one (https://example.org)", "https://example.org"},
		{"<https://example.org/>", "https://example.org/", "https://example.org/"},
		{"(https://example.org/a.)", "(https://example.org/a.)", "https://example.org/a"},
		{"[mail](mailto:me@example.org)", "mail (mailto:me@example.org)", "mailto:me@example.org"},
		{"[x](javascript:alert(1))", "[x](javascript:alert(1))", ""},
		{"[x](file:///etc/passwd)", "[x](file:///etc/passwd)", ""},
		{"[x](https://example.org", "[x](https://example.org", "https://example.org"},
		{"xhttps://example.org", "xhttps://example.org", ""},
		{"`https://example.org`", "https://example.org", ""},
	}
	for _, tt := range tests {
		if got := line(off, tt.in); ansi.Strip(got) != tt.plain || strings.Contains(got, "\x1b]8") {
			t.Errorf("%s without links: %q", tt.in, got)
		}
		got := line(on, tt.in)
		if (tt.leads != "") != strings.Contains(got, "\x1b]8") || tt.leads != "" && !strings.Contains(got, lead(tt.leads)) {
			t.Errorf("%s with links: %q", tt.in, got)
		}
		if strings.Count(got, "\x1b]8")%2 != 0 {
			t.Errorf("%s: a link has no end: %q", tt.in, got)
		}
	}
	if got := ansi.Strip(line(on, "[www.bank.example](https://evil.example)")); got != "www.bank.example (https://evil.example)" {
		t.Errorf("words that look like another address: %q", got)
	}
}

// FuzzFlow: whatever a model writes, in whatever pieces, no line is too wide, and no sequence but ours reaches the terminal.
func FuzzFlow(f *testing.F) {
	f.Add(answer, 30, 7)
	f.Add("| a |\n|---|\n| \x1b]8;;x\x07y | z |\n[[[[](((\n***a**_", 9, 1)
	th := theme.New(theme.Options{Profile: termenv.ANSI, Links: true})
	f.Fuzz(func(t *testing.T, s string, w, step int) {
		w, step = 1+abs(w)%120, 1+abs(step)%64
		fl := New(th, w)
		for at := 0; at < len(s); at += step {
			fl = fl.Add(s[at:min(len(s), at+step)])
		}
		whole := New(th, w).Add(s).All()
		if d := cmp.Diff(whole, fl.All()); d != "" {
			t.Fatalf("pieces of %d (-whole +pieces):\n%s", step, d)
		}
		for _, l := range whole {
			if n := ansi.StringWidth(l); n > max(w, 12) {
				t.Fatalf("%q has %d columns of %d", l, n, w)
			}
			if strings.Contains(kit.Typed(l), "\x1b") {
				t.Fatalf("%q", l)
			}
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

// TestAFlowIsAValue: what is made of a flow later does not change what it is.
func TestAFlowIsAValue(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{Profile: termenv.ANSI})
	for _, more := range []string{"---\nend", "| x |\n|---|\n| y |", "more", "\n"} {
		f := New(th, 50).Add("one\ntwo\n")
		f.Add(more).All()
		f.Add("other\n| a |\n|---|\n").All()
		if d := cmp.Diff([]string{"one", "two"}, f.All()); d != "" {
			t.Errorf("after %q (-want +got):\n%s", more, d)
		}
		f = f.Add("---") // a heading for now
		f.All()
		if d := cmp.Diff([]string{"one", "two", "---x"}, f.Add("x").All()); d != "" {
			t.Errorf("after %q (-want +got):\n%s", more, d)
		}
	}
}

// TestAPieceCostsTheSameAfterALongAnswer: what was drawn is not drawn again for each piece.
func TestAPieceCostsTheSameAfterALongAnswer(t *testing.T) {
	th := theme.New(theme.Options{Profile: termenv.ANSI256})
	cost := func(times int) float64 {
		f := New(th, 80).Add(strings.Repeat("Some *text* of `one` line, and **more**.\n\n- an item\n", times) + "The *last*")
		return testing.AllocsPerRun(10, func() { f.Add(" piece").All() })
	}
	if short, long := cost(1), cost(3000); long > short {
		t.Errorf("a piece takes %v allocations in a short answer, and %v in a long one", short, long)
	}
}

// TestALongAnswerCostsAsMuchAsItsParts: what is drawn is not copied for each line that follows.
func TestALongAnswerCostsAsMuchAsItsParts(t *testing.T) {
	th := theme.New(theme.Options{Profile: termenv.ANSI256})
	cost := func(times int) uint64 {
		text := strings.Repeat("some *text*\n\n| a |\n|---|\n", times)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		New(th, 80).Add(text).All()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if one, ten := cost(400), cost(4000); ten > 15*one {
		t.Errorf("an answer takes %d bytes, one ten times as long %d", one, ten)
	}
}

func BenchmarkStreamedTable(b *testing.B) {
	th := theme.New(theme.Options{Profile: termenv.ANSI256})
	for b.Loop() {
		f := New(th, 80)
		for at := 0; at < len(answer); at += 8 {
			f = f.Add(answer[at:min(len(answer), at+8)])
			f.All()
		}
	}
}
