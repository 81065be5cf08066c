package diag

import (
	"strings"
	"unicode/utf8"
)

// Suggest is the candidate that was probably meant by word, "" when none is near. Of equally near ones the
// first wins, so the order of the candidates should be fixed.
func Suggest(word string, candidates []string) string {
	best, least := "", nearness(word)+1
	lower := []rune(strings.ToLower(word))
	for _, c := range candidates {
		if c == word || abs(utf8.RuneCountInString(c)-len(lower)) >= least {
			continue
		}
		if d := distance(lower, []rune(strings.ToLower(c)), least); d < least {
			best, least = c, d
		}
	}
	if best != "" || len(word) < 3 {
		return best
	}
	for _, c := range candidates { // an abbreviation: short for short_term
		if c != word && strings.HasPrefix(strings.ToLower(c), strings.ToLower(word)) {
			return c
		}
	}
	return ""
}

// nearness is how many slips of the finger a word of this length may hold.
func nearness(word string) int {
	switch n := utf8.RuneCountInString(word); {
	case n <= 1:
		return 0
	case n <= 3:
		return 1
	case n <= 7:
		return 2
	}
	return 3
}

// distance counts the letters to insert, delete, replace, or swap with their neighbour to get from a to b. From
// limit on it does not count exactly.
func distance(a, b []rune, limit int) int {
	if abs(len(a)-len(b)) >= limit || len(a) > 64 || len(b) > 64 {
		return limit
	}
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
