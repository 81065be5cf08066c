package rehearsal

import (
	"strconv"
	"strings"
	"unicode"
)

// around is how many characters of a long text are shown before and behind the place at which it differs.
const (
	around = 60
	most   = 300
)

// Compared are what was wanted and what came, as they are shown beside each other on one line: in quotes when they hold
// what a line does not show, and of long texts the part in which they begin to differ.
func Compared(want, got string) (string, string) {
	w, g := []rune(want), []rune(got)
	if len(w) > most || len(g) > most {
		at := 0
		for at < min(len(w), len(g)) && w[at] == g[at] {
			at++
		}
		want, got = part(w, at), part(g, at)
	}
	if hides(want) || hides(got) {
		return strconv.Quote(want), strconv.Quote(got)
	}
	return want, got
}

// part is a long text around a place.
func part(text []rune, at int) string {
	from, to := max(0, at-around), min(len(text), at+most-around)
	if from >= to {
		from = max(0, to-around)
	}
	var b strings.Builder
	if from > 0 {
		b.WriteString("…")
	}
	b.WriteString(string(text[from:to]))
	if to < len(text) {
		b.WriteString("…")
	}
	return b.String()
}

// hides reports whether a text has something in it that one does not see.
func hides(s string) bool {
	return s == "" || strings.TrimSpace(s) != s || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
