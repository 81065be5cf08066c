// Package kit holds what the panes share: text that is safe to draw, frames, times as people read them, and a
// text field.
package kit

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// Clean makes text of a component safe to draw: no escape sequences, no control characters except the newline,
// nothing that turns the direction of the rest of the line. Tabs become four spaces. Emoji lose what joins and
// tints them: terminals do not agree how wide the whole is, and one column too many breaks a frame.
func Clean(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ReplaceAll(Typed(s), "\t", "    ")
	return strings.Map(func(r rune) rune {
		if turnsLine(r) || dressesEmoji(r) {
			return -1
		}
		return r
	}, s)
}

// Typed is what is kept of text that a person types or pastes: all but escape sequences and control characters.
// It is not safe to draw yet.
func Typed(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case unicode.IsControl(r) && r != '\n' && r != '\t':
			return -1
		}
		return r
	}, ansi.Strip(s))
}

// CleanLine is Clean for text that must stay on one line.
func CleanLine(s string) string {
	return strings.Join(strings.FieldsFunc(Clean(s), func(r rune) bool { return r == '\n' }), " ")
}

// plain says that s is plain ASCII: most text is, and it need not be copied.
func plain(s string) bool {
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

// FitName is FitTail for a name: what has no room is left out of its middle, because names of one app often begin alike.
func FitName(s string, w int, sign string) string {
	n, short := Width(s), w-Width(sign)
	if n <= w || short < 6 {
		return FitTail(s, w, sign)
	}
	tail := short / 2
	return Fit(ansi.Truncate(s, short-tail, "")+sign+ansi.TruncateLeft(s, n-tail, ""), w)
}

// Cut returns the beginning of a clean s that fits into w columns, but at least one character of it.
func Cut(s string, w int) string {
	end := 0
	for col := 0; end < len(s); {
		c := first(s[end:])
		if col += Width(c); col > w && end > 0 {
			break
		}
		end += len(c)
	}
	return s[:end]
}

// first is the first character of s as people count them. Two ASCII bytes in a row need no look into tables.
func first(s string) string {
	if len(s) < 2 || s[0] < 0x80 && s[1] < 0x80 {
		return s[:min(len(s), 1)]
	}
	c, _ := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	return c
}

// FitRight is Fit with the padding on the left, for numbers.
func FitRight(s string, w int) string {
	if n := Width(s); n < w {
		return strings.Repeat(" ", w-n) + s
	}
	return Fit(s, w)
}

// Wrap breaks one clean line into lines of at most w columns, between words where that is possible. Spaces at a
// break are dropped. A character wider than w has a line of its own.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	var lines []string
	start, space, col := 0, -1, 0 // of this line: where it begins, its last space, its width
	for at := 0; at < len(s); {
		c := first(s[at:])
		n := Width(c)
		switch {
		case c == " " && at == start && len(lines) > 0:
			start = at + 1
			n = 0
		case col+n > w && c == " ":
			lines = append(lines, strings.TrimRight(s[start:at], " "))
			start, space, col, n = at+1, -1, 0, 0
		case col+n > w && space > start && strings.TrimLeft(s[start:space], " ") != "":
			lines = append(lines, strings.TrimRight(s[start:space], " "))
			start, col = space+1, Width(s[space+1:at])
			space = -1
		case col+n > w && at > start:
			lines = append(lines, s[start:at])
			start, space, col = at, -1, 0
		}
		if c == " " && at >= start {
			space = at
		}
		at, col = at+len(c), col+n
	}
	if start < len(s) || len(lines) == 0 {
		lines = append(lines, s[start:])
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

// Near is a text in which files below a directory are named from there.
func Near(text, dir string) string {
	if dir == "" || dir == "." || dir == "/" {
		return text
	}
	return strings.ReplaceAll(text, strings.TrimSuffix(dir, "/")+"/", "")
}
