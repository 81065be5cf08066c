package workspace

import (
	"errors"
	"strings"
)

// split takes a line apart as a shell does, as far as words and quotes go. What needs a shell is refused.
func split(line string) ([]string, error) {
	var words []string
	var b strings.Builder
	in := false // a word has begun
	quote := rune(0)
	r := []rune(line)
	for i := 0; i < len(r); i++ {
		c := r[i]
		switch {
		case quote == '\'' && c != '\'':
			b.WriteRune(c)
		case quote == '\'':
			quote = 0
		case c == '\\' && i+1 < len(r):
			i++
			b.WriteRune(r[i])
			in = true
		case quote == '"' && c == '"':
			quote = 0
		case c == '$' || c == '`':
			return nil, errShell(string(c))
		case quote == '"':
			b.WriteRune(c)
		case c == '\'' || c == '"':
			quote, in = c, true
		case strings.ContainsRune("|&;<>()\n", c):
			return nil, errShell(string(c))
		case c == ' ' || c == '\t':
			if in {
				words, in = append(words, b.String()), false
				b.Reset()
			}
		default:
			b.WriteRune(c)
			in = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote is not closed")
	}
	if in {
		words = append(words, b.String())
	}
	if len(words) == 0 {
		return nil, errors.New("an empty command")
	}
	return words, nil
}
