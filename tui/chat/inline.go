package chat

import (
	"strings"

	"github.com/woodwork-lang/ww/tui/theme"
)

// span is a part of a line that stands out: bold text, or code.
type span struct {
	from, to int // bytes of the line without its marks
	code     bool
}

// inline takes the marks of bold text and of code out of a line of Markdown. A mark without its partner is text, and so is
// what stands in code.
func inline(s string) (text string, spans []span) {
	if !strings.ContainsAny(s, "*_`") {
		return s, nil
	}
	var b strings.Builder
	for s != "" {
		mark := ""
		for _, m := range []string{"`", "**", "__"} {
			if strings.HasPrefix(s, m) {
				mark = m
			}
		}
		if mark != "" {
			inner, rest, found := strings.Cut(s[len(mark):], mark)
			if found && inner != "" && strings.TrimSpace(inner) == inner && !strings.HasPrefix(rest, mark[:1]) {
				spans = append(spans, span{b.Len(), b.Len() + len(inner), mark == "`"})
				b.WriteString(inner)
				s = rest
				continue
			}
		}
		n := max(1, len(mark))
		b.WriteString(s[:n])
		s = s[n:]
	}
	return b.String(), spans
}

// paint puts ink on the spans of a line that was broken into rows. Rows are parts of the text in their order.
func paint(t *theme.Theme, rows []string, text string, spans []span) []string {
	if len(spans) == 0 {
		return rows
	}
	at := 0
	for i, row := range rows {
		words := strings.TrimLeft(row, " ")
		n := strings.Index(text[at:], words)
		if n < 0 || words == "" {
			continue
		}
		from := at + n
		at = from + len(words)
		rows[i] = row[:len(row)-len(words)] + inked(t, words, from, spans)
	}
	return rows
}

// inked is a part of the text that begins at from, with ink on its spans.
func inked(t *theme.Theme, words string, from int, spans []span) string {
	var b strings.Builder
	end := 0
	for _, s := range spans {
		a, z := max(s.from-from, end), min(s.to-from, len(words))
		if a >= z {
			continue
		}
		ink := t.Strong
		if s.code {
			ink = t.Accent
		}
		b.WriteString(words[end:a] + ink.Paint(words[a:z]))
		end = z
	}
	return b.String() + words[end:]
}
