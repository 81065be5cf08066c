package markdown

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

func TestBoldTextAndCodeStandOutWithoutTheirMarks(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{Profile: termenv.ANSI})
	bold, code := th.Strong.Paint, th.Accent.Paint
	for s, want := range map[string]string{
		"so **yes**: take one":             "so " + bold("yes") + ": take one",
		"run `ww dev` now":                 "run " + code("ww dev") + " now",
		"__init__ and 2 ** 3 and a ** b":   bold("init") + " and 2 ** 3 and a ** b",
		"`**not bold**`":                   code("**not bold**"),
		"an open **mark and a tick ` here": "an open **mark and a tick ` here",
		"- **one**: two":                   "- " + bold("one") + ": two",
		"nothing at all":                   "nothing at all",
	} {
		got := strings.Join(New(th, 60).Add(s).All(), "\n")
		if got != want {
			t.Errorf("%s: got %q, want %q", s, got, want)
		}
	}
	got := New(th, 12).Add("take **an umbrella and a coat** with you").All()
	if plain := ansi.Strip(strings.Join(got, "|")); plain != "take an|umbrella and|a coat with|you" || got[1] != bold("umbrella and") || got[2] != bold("a coat")+" with" {
		t.Errorf("over several rows: %q", got)
	}
}

// FuzzInline: whatever a model writes, nothing but marks is lost and no span leaves the text.
func FuzzInline(f *testing.F) {
	f.Add("so **yes** and `code` __x__ ** ` *")
	f.Add("~~a **b~~ c**~~ [d](https://x.org) &amp; <br> &#27;[31m")
	th := theme.New(theme.Options{Profile: termenv.ANSI})
	f.Fuzz(func(t *testing.T, s string) {
		s = kit.CleanLine(s) // as every line is
		text, spans := inline(th, s, look{})
		at := 0
		for _, sp := range spans {
			if sp.from < at || sp.to < sp.from || sp.to > len(text) {
				t.Fatalf("span %+v of %q", sp, text)
			}
			at = sp.to
		}
		only := strings.NewReplacer("*", "", "_", "", "`", "", "~", "", " ", "", "\\", "")
		if !strings.ContainsAny(s, "[<&") && only.Replace(text) != only.Replace(s) {
			t.Fatalf("%q became %q", s, text)
		}
		rows := hang(text, 10)
		plain := strings.Join(rows, "\n")
		if got := strings.Join(paint(th, rows, text, spans), "\n"); ansi.Strip(plain) != ansi.Strip(got) {
			t.Fatalf("ink changed %q to %q", plain, got)
		}
	})
}
