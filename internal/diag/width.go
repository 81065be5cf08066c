package diag

import "unicode"

// cells is how many terminal cells text takes.
func cells(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is how many terminal cells a character takes: 0 for one that joins the character before it, 2 for
// the wide ones of East Asia and for emoji. The table is ours because every process links this package, and
// the width libraries build theirs at start-up.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case r == '\u200d' || unicode.In(r, unicode.Mn, unicode.Me) || r >= 0xfe00 && r <= 0xfe0f:
		return 0
	case r >= 0x1100 && wide(r):
		return 2
	}
	return 1
}

func wide(r rune) bool {
	switch {
	case r <= 0x115f, // Hangul initials
		r == 0x231a, r == 0x231b, r == 0x23e9, r == 0x2705, r == 0x274c, r == 0x2b50, r == 0x2b55,
		r >= 0x2e80 && r <= 0x303e, // radicals, CJK punctuation
		r >= 0x3041 && r <= 0x33ff, // kana, compatibility
		r >= 0x3400 && r <= 0x4dbf,
		r >= 0x4e00 && r <= 0xa4cf,
		r >= 0xa960 && r <= 0xa97f,
		r >= 0xac00 && r <= 0xd7a3, // Hangul
		r >= 0xf900 && r <= 0xfaff,
		r >= 0xfe30 && r <= 0xfe6f,
		r >= 0xff00 && r <= 0xff60, // full-width forms
		r >= 0xffe0 && r <= 0xffe6,
		r >= 0x1f300 && r <= 0x1f64f, // emoji
		r >= 0x1f680 && r <= 0x1f6ff,
		r >= 0x1f7e0 && r <= 0x1f7eb,
		r >= 0x1f900 && r <= 0x1faff,
		r >= 0x20000 && r <= 0x3fffd:
		return true
	}
	return false
}
