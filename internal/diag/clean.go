package diag

import (
	"strings"
	"unicode"
)

// clean makes text safe to print on one line of a terminal: no control character, no direction override and no
// invisible character gets through, each is replaced by a visible stand-in. Line ends become blanks.
func clean(text string) string {
	if !strings.ContainsFunc(text, needsCleaning) {
		return text
	}
	return strings.Map(stand, strings.ReplaceAll(text, "\r\n", "\n"))
}

func needsCleaning(r rune) bool { return stand(r) != r }

// stand is the character that stands for r.
func stand(r rune) rune {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return ' '
	case r < ' ':
		return '\u2400' + r // the control pictures
	case r == 0x7f:
		return '\u2421'
	case r == '\u200d' || r == '\ufe0f': // joiners inside of emoji
		return r
	case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029':
		return unicode.ReplacementChar
	}
	return r
}
