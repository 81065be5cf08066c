package logbuf

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Sanitize makes a line safe to print on a terminal: colours and other escape sequences are left out, what is left of
// control characters, broken UTF-8 and characters that change the direction of writing is shown as \x1b or \u202e.
// Tabs stay.
func Sanitize(text string) string {
	if clean(text) {
		return text
	}
	var out strings.Builder
	for len(text) > 0 {
		if n := sequence(text); n > 0 {
			text = text[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && n == 1, r < 0x20 && r != '\t', r == 0x7f:
			escape(&out, `\x`, rune(text[0]), 2)
		case hidden(r):
			escape(&out, `\u`, r, 4)
		default:
			out.WriteString(text[:n])
		}
		text = text[n:]
	}
	return out.String()
}

func clean(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < 0x20 && c != '\t') || c >= 0x7f {
			return !strings.ContainsFunc(text, func(r rune) bool {
				return r < 0x20 && r != '\t' || r == 0x7f || r == utf8.RuneError || hidden(r)
			})
		}
	}
	return true
}

// hidden reports the C1 controls, which some terminals obey, and what makes text read other than it is.
func hidden(r rune) bool {
	return r >= 0x80 && r <= 0x9f || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e ||
		r >= 0x2060 && r <= 0x2069 || r == 0xfeff
}

func escape(out *strings.Builder, prefix string, r rune, digits int) {
	hex := strconv.FormatInt(int64(r), 16)
	out.WriteString(prefix)
	out.WriteString(strings.Repeat("0", max(0, digits-len(hex))))
	out.WriteString(hex)
}

// sequence returns the length of the complete escape sequence at the beginning of text, or 0.
func sequence(text string) int {
	if len(text) < 2 || text[0] != 0x1b {
		return 0
	}
	switch c := text[1]; {
	case c == '[': // CSI: parameters, intermediates, one final byte
		for i := 2; i < len(text); i++ {
			switch b := text[i]; {
			case b >= 0x40 && b <= 0x7e:
				return i + 1
			case b < 0x20 || b > 0x7e:
				return 0
			}
		}
	case strings.IndexByte("]PX^_", c) >= 0: // OSC and other strings: up to BEL or ESC \
		for i := 2; i < len(text); i++ {
			if text[i] == 0x07 {
				return i + 1
			}
			if text[i] == 0x1b && i+1 < len(text) && text[i+1] == '\\' {
				return i + 2
			}
		}
	case c >= 0x20 && c <= 0x2f: // with an intermediate, as in ESC ( B
		if len(text) > 2 && text[2] >= 0x30 && text[2] <= 0x7e {
			return 3
		}
	case c >= 0x30 && c <= 0x7e:
		return 2
	}
	return 0
}
