package diag

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
)

func TestMain(m *testing.M) { golden.Main(m, "diag") }

// spot is the span of the first place where text stands in src, counted the slow and plain way.
func spot(t *testing.T, file, src, text string) Span {
	t.Helper()
	off := strings.Index(src, text)
	if off < 0 {
		t.Fatalf("%q is not in the source", text)
	}
	place := func(off int) Pos {
		head := strings.TrimPrefix(src[:off], "\uFEFF")
		line := strings.Count(head, "\n")
		col := len([]rune(head[strings.LastIndex(head, "\n")+1:]))
		return Pos{Offset: off, Line: line + 1, Col: col + 1}
	}
	return Span{File: file, Start: place(off), End: place(off + len(text))}
}

const app = `brain = llm openai {
	model: "gpt-4o-mini"
	temprature: 0.2
}

in = input command_line {
    to: brian
}
`

func appList(t *testing.T) List {
	return List{
		{
			Code: "E_UNKNOWN_REF", Severity: Error, Summary: `no component is called "brian"`, Label: `did you mean "brain"?`,
			Span: spot(t, "main.ww", app, "brian"), Related: []Related{{Message: "defined here", Span: spot(t, "main.ww", app, "brain")}},
		},
		{
			Code: "W_UNKNOWN_KEY", Severity: Warning, Summary: `llm openai has no property "temprature"`,
			Label: `did you mean "temperature"?`, Detail: "llm openai takes model, api_key,\ntemperature and 12 more.",
			Span: spot(t, "main.ww", app, "temprature"),
		},
		{Code: "E_TOO_LARGE", Severity: Error, Summary: "the file is too large", Span: Span{File: "other.ww"}, Detail: "split it"},
		{Code: "E_X", Severity: Error, Summary: "no source at hand", Span: Span{File: "gone.ww", Start: Pos{Line: 3, Col: 1, Offset: 9}}, Label: "here"},
		{Code: "E_Y", Severity: Error, Summary: "nowhere"},
	}
}

func TestWrite(t *testing.T) {
	nasty := "a = \"\x1b[31mred\u202e\x07\"\tx\n" + "寝 = \"日本語\" 🙂 y\n" + "cafe\u0301 = z\n\uFEFF"
	long := "urls: [" + strings.Repeat(`"http://example.com/a", `, 40) + "ghost" + strings.Repeat(`, "x"`, 60) + "]\n"
	src := Sources{"main.ww": []byte(app), "nasty.ww": []byte(nasty), "long.ww": []byte(long), "bom.ww": []byte("\uFEFFa b")}
	at := func(file, text string) Span { return spot(t, file, string(src[file]), text) }
	odd := List{
		{Code: "E_1", Severity: Error, Summary: "after a tab \x1b[2J and an escape\nin the text", Label: "here\tnow", Span: at("nasty.ww", "x\n")},
		{Code: "E_2", Severity: Error, Summary: "wide", Label: "under 本", Span: at("nasty.ww", "本")},
		{Code: "E_3", Severity: Error, Summary: "behind wide and emoji", Label: "y", Span: at("nasty.ww", "y\n")},
		{Code: "E_4", Severity: Error, Summary: "behind a combining mark", Label: "z", Span: at("nasty.ww", "z")},
		{Code: "E_5", Severity: Error, Summary: "at the end", Label: "nothing", Span: Span{File: "main.ww", Start: Pos{Offset: len(app), Line: 9, Col: 1}, End: Pos{Offset: len(app), Line: 9, Col: 1}}},
		{Code: "E_6", Severity: Error, Summary: "several lines", Label: "begins here", Span: at("main.ww", "{\n\tmodel: \"gpt-4o-mini\"\n\ttemp")},
		{Code: "E_7", Severity: Error, Summary: "after a byte order mark", Label: "b", Span: at("bom.ww", "b")},
		{Code: "E_8", Severity: Error, Summary: "first thing after it", Label: "a", Span: at("bom.ww", "a")},
	}
	cuts := List{
		{Code: "E_MID", Severity: Error, Summary: "in the middle of a long line", Label: `did you mean "host"?`, Span: at("long.ww", "ghost")},
		{Code: "E_HEAD", Severity: Error, Summary: "at its beginning", Label: "key", Span: at("long.ww", "urls")},
		{Code: "E_TAIL", Severity: Error, Summary: "at its end", Label: "closer", Span: at("long.ww", "]")},
		{Code: "E_ALL", Severity: Error, Summary: "all of it", Label: "list", Span: at("long.ww", strings.TrimSuffix(long[6:], "\n"))},
	}
	for _, c := range []struct {
		name  string
		list  List
		width int
		color bool
	}{
		{"screen", appList(t), 80, false},
		{"color", appList(t), 80, true},
		{"narrow", appList(t), 30, false},
		{"odd-text", odd, 80, false},
		{"long-line", cuts, 80, false},
		{"long-line-no-terminal", cuts, 0, false},
	} {
		var out strings.Builder
		if err := Write(&out, src, c.list, c.width, c.color); err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, "diag/"+c.name, out.String())
	}
}

func TestWriteShort(t *testing.T) {
	var out strings.Builder
	if err := WriteShort(&out, appList(t)); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "diag/short", out.String())
}

// TestCaretStandsUnderTheWord checks what the golden files show, cell by cell, for every window of a long line.
func TestCaretStandsUnderTheWord(t *testing.T) {
	for before := range 120 {
		line := strings.Repeat("語a", before)[:before/2*4] + "\t" + "WORD" + strings.Repeat(" b語", 60)
		src := Sources{"f": []byte(line)}
		x, ok := src.excerpt(spot(t, "f", line, "WORD"), 60)
		if !ok {
			t.Fatal("no excerpt")
		}
		at := strings.Index(x.text, "WORD")
		if at < 0 || cells(x.text[:at]) != x.start || x.width != 4 || cells(x.text) > 60 {
			t.Fatalf("%d before: caret at %d+%d under %q (%d cells)", before, x.start, x.width, x.text, cells(x.text))
		}
	}
}

func TestWriteNeverLeaksControlCharacters(t *testing.T) {
	var evil strings.Builder
	for r := rune(0); r < 0x2100; r++ {
		evil.WriteRune(r)
	}
	evil.WriteString("\xff\xfe")
	src := Sources{"e\x1b.ww": []byte(strings.NewReplacer("\n", "", "\r", "").Replace(evil.String()))}
	d := Diagnostic{
		Code: "E", Severity: Error, Summary: evil.String(), Detail: evil.String(), Label: evil.String(),
		Span: Span{File: "e\x1b.ww", Start: Pos{Offset: 0, Line: 1, Col: 1}, End: Pos{Offset: 5000, Line: 1, Col: 5000}},
	}
	var out strings.Builder
	if err := errors.Join(Write(&out, src, List{d}, 0, false), WriteShort(&out, List{d})); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r == 0x200b) {
			t.Fatalf("U+%04X got through", r)
		}
	}
}

// broken is a writer that fails after some writes.
type broken struct{ left, calls int }

func (b *broken) Write(p []byte) (int, error) {
	b.calls++
	if b.left--; b.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func TestWriteStopsAtTheFirstError(t *testing.T) {
	w := &broken{left: 2}
	if err := Write(w, nil, appList(t), 80, false); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Write = %v", err)
	}
	if w.calls != 3 {
		t.Errorf("%d writes, want none after the third failed", w.calls)
	}
}

func TestSort(t *testing.T) {
	mk := func(file string, line, col int, s Severity, code string) Diagnostic {
		return Diagnostic{Code: code, Severity: s, Span: Span{File: file, Start: Pos{Line: line, Col: col}}}
	}
	want := List{mk("a", 1, 2, Error, "E"), mk("a", 1, 10, Error, "E"), mk("a", 1, 10, Error, "F"), mk("a", 1, 10, Warning, "A"), mk("a", 2, 1, Error, "E"), mk("b", 1, 1, Error, "E")}
	got := slices.Clone(want)
	slices.Reverse(got)
	got.Sort()
	for i := range want {
		if got[i].String() != want[i].String() {
			t.Errorf("place %d: %s, want %s", i, got[i], want[i])
		}
	}
}

func TestErr(t *testing.T) {
	w := Diagnostic{Code: "W", Severity: Warning, Summary: "careful"}
	e := Diagnostic{Code: "E", Severity: Error, Summary: "wrong", Span: Span{File: "f", Start: Pos{Line: 2, Col: 3}}}
	if err := (List{w}).Err(); err != nil {
		t.Errorf("warnings alone are an error: %v", err)
	}
	for n, want := range map[int]string{1: "f:2:3: error[E]: wrong", 2: "f:2:3: error[E]: wrong (and 1 more error)", 3: "f:2:3: error[E]: wrong (and 2 more errors)"} {
		err := append(List{w}, slices.Repeat(List{e}, n)...).Err()
		var l List
		if err == nil || err.Error() != want || !errors.As(err, &l) || len(l) != n+1 {
			t.Errorf("%d errors: %v", n, err)
		}
	}
}

func TestSuggest(t *testing.T) {
	words := []string{"model", "temperature", "short_term", "llm", "output", "knowledge_base", "to", "tools", "Brain"}
	for word, want := range map[string]string{
		"temprature": "temperature", "lm": "llm", "modle": "model", "MODEL": "model", "short": "short_term", "short-term": "short_term",
		"brain": "Brain", "tool": "tools", "ouptut": "output", "x": "", "zebra": "", "": "", "model": "", "knowlegebase": "knowledge_base",
	} {
		if got := Suggest(word, words); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", word, got, want)
		}
	}
}
