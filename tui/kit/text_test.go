package kit

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain text stays", "hello\nworld", "hello\nworld"},
		{"colours go", "\x1b[31mred\x1b[0m", "red"},
		{"a window title goes", "a\x1b]0;owned\ab", "ab"},
		{"clearing the screen goes", "a\x1b[2J\x1b[Hb", "ab"},
		{"an 8-bit escape goes", "a\u009b2Jb", "a2Jb"},
		{"bell, backspace and delete go", "a\a\b\x7fb", "ab"},
		{"carriage returns are line ends", "one\r\ntwo\rthree", "one\ntwo\nthree"},
		{"tabs are spaces", "\tx", "    x"},
		{"text cannot be turned around", "user\u202egnp.exe", "usergnp.exe"},
		{"broken UTF-8 shows", "a\xffb", "a\ufffdb"},
		{"emoji are taken apart", "👍🏽 👨\u200d👩 ❤\ufe0f", "👍 👨👩 ❤"},
	}
	for _, tt := range tests {
		if got := Clean(tt.in); got != tt.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
	if got, want := CleanLine("one\n\x1b[1mtwo\n"), "one two"; got != want {
		t.Errorf("CleanLine = %q, want %q", got, want)
	}
}

// FuzzClean: nothing that a component says moves the cursor, and every fitted line is as wide as it was asked to be.
func FuzzClean(f *testing.F) {
	f.Add("plain", 4)
	f.Add("\x1b[31mred\x1b]0;x", 3)
	f.Add("日本語 👍🏽 e\u0301", 5)
	f.Fuzz(func(t *testing.T, s string, w int) {
		w = max(0, min(w, 200))
		c := Clean(s)
		if !utf8.ValidString(c) || strings.ContainsAny(c, "\x1b\r\a\b\t\u009b\u202e") {
			t.Fatalf("Clean(%q) = %q", s, c)
		}
		line := CleanLine(s)
		if got := Width(Fit(line, w)); got != w {
			t.Fatalf("Fit(%q, %d) is %d columns", line, w, got)
		}
		if got := Width(FitRight(line, w)); got != w {
			t.Fatalf("FitRight(%q, %d) is %d columns", line, w, got)
		}
		lines := Wrap(line, max(w, 2))
		for _, l := range lines {
			if Width(l) > max(w, 2) {
				t.Fatalf("Wrap(%q, %d) has the line %q of %d columns", line, w, l, Width(l))
			}
		}
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if squeeze(strings.Join(lines, "")) != squeeze(line) {
			t.Fatalf("Wrap(%q, %d) = %q lost text", line, w, lines)
		}
		if head := Cut(line, w); line != "" && (head == "" || !strings.HasPrefix(line, head)) {
			t.Fatalf("Cut(%q, %d) = %q", line, w, head)
		}
	})
}

func TestWrap(t *testing.T) {
	t.Parallel()
	tests := []struct {
		s    string
		w    int
		want []string
	}{
		{"", 5, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"one two three", 6, []string{"one", "two", "three"}},
		{"one    two", 5, []string{"one", "two"}},
		{"  indented text", 10, []string{"  indented", "text"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"a bcdefghij", 4, []string{"a", "bcde", "fghi", "j"}},
		{"日本語のテキスト", 6, []string{"日本語", "のテキ", "スト"}},
		{"日本", 1, []string{"日", "本"}},
		{"exact fit", 9, []string{"exact fit"}},
	}
	for _, tt := range tests {
		if got := Wrap(tt.s, tt.w); !slices.Equal(got, tt.want) {
			t.Errorf("Wrap(%q, %d) = %q, want %q", tt.s, tt.w, got, tt.want)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		d                 time.Duration
		age, uptime, took string
	}{
		{-time.Second, "0s", "0s", "0 ms"},
		{820 * time.Millisecond, "0s", "0s", "820 ms"},
		{1900 * time.Millisecond, "1s", "1s", "1.9 s"},
		{99 * time.Second, "99s", "1m39s", "99.0 s"},
		{192 * time.Second, "3m", "3m12s", "3m12s"},
		{125 * time.Minute, "2h", "2h05m", "2h05m"},
		{76 * time.Hour, "3d", "3d04h", "3d04h"},
		{1e5 * time.Hour, "99d", "4166d16h", "4166d16h"},
	}
	for _, tt := range tests {
		if got := [3]string{Age(tt.d), Uptime(tt.d), Took(tt.d)}; got != [3]string{tt.age, tt.uptime, tt.took} {
			t.Errorf("%v: got %q, want %q", tt.d, got, [3]string{tt.age, tt.uptime, tt.took})
		}
	}
}

// TestNamesAreCutInTheirMiddle: names that begin alike stay apart.
func TestNamesAreCutInTheirMiddle(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		w    int
		want string
	}{
		{"short", 8, "short   "},
		{"a_component_with_a_long_name_one", 14, "a_compo…me_one"},
		{"a_component_with_a_long_name_two", 14, "a_compo…me_two"},
		{"a_component", 6, "a_com…"},
		{"日本語コンポーネント一", 12, "日本語…ント一"},
		{"日本語コンポーネント", 11, "日本… ント"},
	} {
		if got := FitName(tt.name, tt.w, "…"); Width(got) != tt.w {
			t.Errorf("%s in %d columns: %q has %d", tt.name, tt.w, got, Width(got))
		} else if tt.w != 12 && tt.w != 11 && got != tt.want {
			t.Errorf("%s in %d columns: %q, want %q", tt.name, tt.w, got, tt.want)
		}
	}
}
