// Package kit holds what the panes share: text that is safe to draw, frames, times as people read them, and a
// text field.
package kit

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/rivo/uniseg"
)

// Clean makes text of a component safe to draw: no escape sequences, no control characters except the newline,
// nothing that turns the direction of the rest of the line. Tabs become four spaces. Emoji lose what joins and
// tints them: terminals do not agree how wide the whole is, and one column too many breaks a frame.
func Clean(s string) string {
	if safe(s) {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\r\n", "\n")
	s = ansi.Strip(s)
	s = strings.ReplaceAll(s, "\t", "    ")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsControl(r), turnsLine(r), dressesEmoji(r):
			return -1
		}
		return r
	}, s)
}

// CleanLine is Clean for text that must stay on one line.
func CleanLine(s string) string {
	return strings.Join(strings.FieldsFunc(Clean(s), func(r rune) bool { return r == '\n' }), " ")
}

// safe says that s is plain ASCII: most text is, and it need not be copied.
func safe(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < ' ' || c >= 0x7f) && c != '\n' {
			return false
		}
	}
	return true
}

// turnsLine is true for the bidirectional controls and the other separators of lines, which can make a line read
// as something else than was written.
func turnsLine(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x2028 || r == 0x2029
}

// dressesEmoji is true for the zero width joiner, the variation selectors and the skin tones.
func dressesEmoji(r rune) bool {
	return r == 0x200d || r >= 0xfe00 && r <= 0xfe0f || r >= 0x1f3fb && r <= 0x1f3ff
}

// Width is the number of columns that s takes.
func Width(s string) int { return ansi.StringWidth(s) }

// Fit makes s exactly w columns wide: padded on the right, or cut.
func Fit(s string, w int) string {
	return FitTail(s, w, "")
}

// FitTail is Fit with a sign that stands for what was cut.
func FitTail(s string, w int, tail string) string {
	if w <= 0 {
		return ""
	}
	n := Width(s)
	if n > w {
		s = ansi.Truncate(s, w, tail)
		n = Width(s)
	}
	return s + strings.Repeat(" ", max(0, w-n))
}

// Cut returns the beginning of a clean s that fits into w columns, but at least one character of it.
func Cut(s string, w int) string {
	head := ansi.Truncate(s, w, "")
	if head == "" && s != "" {
		head, _, _, _ = uniseg.FirstGraphemeClusterInString(s, -1)
	}
	return head
}

// FitRight is Fit with the padding on the left, for numbers.
func FitRight(s string, w int) string {
	if n := Width(s); n < w {
		return strings.Repeat(" ", w-n) + s
	}
	return Fit(s, w)
}

// Wrap breaks one clean line into lines of at most w columns, between words where that is possible.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	if Width(s) <= w {
		return []string{s}
	}
	lines := strings.Split(ansi.Wrap(s, w, ""), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return lines
}

// WrapAll is Wrap for text of several lines.
func WrapAll(s string, w int) []string {
	var lines []string
	for l := range strings.SplitSeq(s, "\n") {
		lines = append(lines, Wrap(l, w)...)
	}
	return lines
}
