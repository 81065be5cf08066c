package kit

import (
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/tui/theme"
)

// press names keys as bubbletea does; anything else is typed.
func press(e Editor, keys ...string) Editor {
	named := map[string]tea.KeyMsg{
		"left": {Type: tea.KeyLeft}, "right": {Type: tea.KeyRight}, "up": {Type: tea.KeyUp}, "down": {Type: tea.KeyDown},
		"home": {Type: tea.KeyHome}, "end": {Type: tea.KeyEnd}, "backspace": {Type: tea.KeyBackspace}, "delete": {Type: tea.KeyDelete},
		"ctrl+w": {Type: tea.KeyCtrlW}, "ctrl+u": {Type: tea.KeyCtrlU}, "ctrl+k": {Type: tea.KeyCtrlK}, "ctrl+j": {Type: tea.KeyCtrlJ},
		"ctrl+left": {Type: tea.KeyCtrlLeft}, "ctrl+right": {Type: tea.KeyCtrlRight}, "space": {Type: tea.KeySpace, Runes: []rune{' '}},
		"alt+enter": {Type: tea.KeyEnter, Alt: true},
	}
	for _, k := range keys {
		msg, ok := named[k]
		if !ok {
			msg = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k), Paste: len(k) > 1}
		}
		e, _ = e.Update(msg)
	}
	return e
}

func TestEditor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		keys []string
		want string // | is the cursor
	}{
		{"typing", []string{"a", "b", "space", "c"}, "ab c|"},
		{"inserting in the middle", []string{"ac", "left", "b"}, "ab|c"},
		{"the ends of the text hold", []string{"left", "a", "right", "right", "left", "left", "left"}, "|a"},
		{"erasing", []string{"abcd", "backspace", "left", "delete", "backspace"}, "a|"},
		{"words", []string{"one two three", "ctrl+left", "ctrl+left", "X", "ctrl+right", "Y"}, "one XtwoY| three"},
		{"erasing a word", []string{"one two ", "ctrl+w"}, "one |"},
		{"line ends", []string{"ab", "ctrl+j", "cd", "home", "X", "end", "Y"}, "ab\nXcdY|"},
		{"a line more", []string{"ab", "alt+enter"}, "ab\n|"},
		{"erasing to the ends of the line", []string{"ab\ncdef", "left", "left", "ctrl+u", "ctrl+k"}, "ab\n|"},
		{"up and down keep the column", []string{"abc\nd\nefg", "up", "X", "up", "Y", "down", "down", "Z"}, "abYc\ndX\nefZ|g"},
		{"a paste with carriage returns", []string{"one\rtwo\r\nthree"}, "one\ntwo\nthree|"},
		{"a paste with an escape sequence", []string{"a\x1b[31mb"}, "ab|"},
		{"tabs are kept", []string{"\tx"}, "\tx|"},
		{"a joined emoji is one character and is kept", []string{"a👨\u200d👩b", "left", "left", "X"}, "aX|👨\u200d👩b"},
		{"erasing a letter with its accent", []string{"e\u0301", "backspace"}, "|"},
		{"an accent that arrives later joins its letter", []string{"e", "\u0301", "left"}, "|e\u0301"},
		{"erasing before a line end", []string{"a\n", "left", "backspace"}, "|\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := press(Editor{}, tt.keys...)
			if got := e.text[:e.pos] + "|" + e.text[e.pos:]; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEditorGivesBackKeysThatAreNotItsOwn(t *testing.T) {
	t.Parallel()
	e := press(Editor{}, "one\ntwo")
	for _, k := range []tea.KeyMsg{{Type: tea.KeyEnter}, {Type: tea.KeyTab}, {Type: tea.KeyEsc}, {Type: tea.KeyPgUp}, {Type: tea.KeyDown}, {Type: tea.KeyRunes, Runes: []rune{'x'}, Alt: true}} {
		if got, took := e.Update(k); took || got != e {
			t.Errorf("%s was taken", k)
		}
	}
	if _, took := e.Update(tea.KeyMsg{Type: tea.KeyUp}); !took {
		t.Error("up was not taken in the second line")
	}
}

func TestEditorIsBounded(t *testing.T) {
	t.Parallel()
	e := press(Editor{}, strings.Repeat("é", MaxInput))
	if n := len(e.Value()); n > MaxInput || n < MaxInput-1 {
		t.Errorf("%d bytes were taken, the bound is %d", n, MaxInput)
	}
}

func TestEditorView(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{Profile: termenv.Ascii})
	tests := []struct {
		name string
		e    Editor
		w, h int
		want []string
	}{
		{"empty", Editor{}, 5, 2, []string{" "}},
		{"a row is broken where it is full", press(Editor{}, "abcdefgh"), 5, 3, []string{"abcd", "efgh "}},
		{"a wide rune does not fit half", press(Editor{}, "abc日本"), 5, 3, []string{"abc", "日本 "}},
		{"the rows around the cursor are shown", press(Editor{}, "a\nb\nc\nd"), 5, 2, []string{"c", "d "}},
		{"also at the top", press(Editor{}, "a\nb\nc", "up", "up"), 5, 2, []string{"a ", "b"}},
		{"a tab is drawn as spaces", press(Editor{}, "\tx"), 9, 1, []string{"    x "}},
	}
	for _, tt := range tests {
		got := tt.e.View(th, tt.w, tt.h, true)
		for i := range got {
			got[i] = ansi.Strip(got[i])
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := press(Editor{}, "ab", "left").View(th, 5, 1, true)[0]; got != "a\x1b[7mb\x1b[27m" {
		t.Errorf("the cursor is drawn as %q", got)
	}
}

// FuzzEditor: whatever is typed, the cursor stays between two characters and the view in its columns.
func FuzzEditor(f *testing.F) {
	f.Add("hello\nworld", []byte{0, 1, 2, 3, 4})
	f.Add("e\u0301👨\u200d👩\r\n日本", []byte{8, 2, 6, 9, 5})
	keys := []string{"left", "right", "up", "down", "home", "end", "backspace", "delete", "ctrl+w", "ctrl+u", "ctrl+k", "ctrl+j", "ctrl+left", "ctrl+right", "space"}
	th := theme.New(theme.Options{Profile: termenv.Ascii})
	f.Fuzz(func(t *testing.T, text string, script []byte) {
		e := press(Editor{}, text)
		for i, b := range script[:min(len(script), 50)] {
			e = press(e, keys[int(b)%len(keys)])
			if i%3 == 0 {
				e = press(e, text[:len(text)/2])
			}
			between := e.pos == 0
			for at := 0; at < e.pos; {
				at = e.after(at)
				between = at == e.pos
			}
			if !between {
				t.Fatalf("the cursor is at %d in %q", e.pos, e.text)
			}
		}
		for _, l := range e.View(th, 9, 3, true) {
			if Width(l) > 9 {
				t.Fatalf("row %q is %d columns wide", l, Width(l))
			}
		}
	})
}
