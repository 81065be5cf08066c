package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/tui/theme"
)

// look is how a part of a line stands out.
type look struct {
	strong, em, code, aside bool
	url                     string // where it leads
}

// span is a part of a line that stands out. Spans follow each other and do not overlap.
type span struct {
	from, to int // bytes of the line without its marks
	look     look
}

// longest is how long a line may be whose marks are looked for: finding the partners of many marks takes its time.
const longest = 8 << 10

// inline takes the marks of emphasis, code and links out of a line of Markdown. A mark without its partner is text, and so is
// what stands in code.
func inline(t *theme.Theme, s string) (text string, spans []span) {
	if len(s) > longest || !strings.ContainsAny(s, "*_`[<\\:") {
		return s, nil
	}
	var p parser
	p.theme = t
	if n := bullet(s); n > 0 { // a star there is no mark
		p.emit(s[:n], look{})
		s = s[n:]
	}
	p.run(s, look{}, 0)
	return p.text.String(), p.spans
}

// parser gathers the text and its spans.
type parser struct {
	theme *theme.Theme
	text  strings.Builder
	spans []span
}

func (p *parser) emit(s string, l look) {
	from := p.text.Len()
	p.text.WriteString(s)
	to := p.text.Len()
	switch n := len(p.spans); {
	case l == look{} || from == to:
	case n > 0 && p.spans[n-1].to == from && p.spans[n-1].look == l:
		p.spans[n-1].to = to
	default:
		p.spans = append(p.spans, span{from, to, l})
	}
}

// deepest bounds marks within marks.
const deepest = 6

// run takes a text in which everything looks like l.
func (p *parser) run(s string, l look, depth int) {
	before := ' '
	for s != "" {
		n := 0
		if depth < deepest {
			n = p.mark(s, before, l, depth)
		}
		if n == 0 {
			_, n = utf8.DecodeRuneInString(s)
			p.emit(s[:n], l)
		}
		before, _ = utf8.DecodeLastRuneInString(s[:n])
		s = s[n:]
	}
}

// mark takes what begins with a mark, and says how much of s that was: nothing when it is text.
func (p *parser) mark(s string, before rune, l look, depth int) int {
	switch s[0] {
	case '\\':
		if len(s) > 1 && strings.IndexByte("\\`*_{}[]()#+-.!|<>~", s[1]) >= 0 {
			p.emit(s[1:2], l)
			return 2
		}
	case '`':
		return p.code(s, l)
	case '*', '_':
		return p.emphasis(s, before, l, depth)
	case '[', '!':
		return p.link(s, l, depth)
	case '<':
		return p.bracketed(s, l)
	case 'h':
		return p.bare(s, before, l)
	}
	return 0
}

// code is what stands between as many ticks as it begins with. Where colours do not show it, the ticks stay.
func (p *parser) code(s string, l look) int {
	n := len(s) - len(strings.TrimLeft(s, "`"))
	mark := s[:n]
	for end := n; ; {
		i := strings.Index(s[end:], mark)
		if i < 0 {
			p.emit(mark, l) // none of them has a partner
			return n
		}
		end += i
		run := len(s[end:]) - len(strings.TrimLeft(s[end:], "`"))
		if run == n && end > n {
			inner := s[n:end]
			if len(inner) > 2 && inner[0] == ' ' && inner[len(inner)-1] == ' ' && strings.TrimSpace(inner) != "" {
				inner = inner[1 : len(inner)-1]
			}
			if p.theme.Accent.None() {
				inner = mark + inner + mark
			}
			l.code = true
			p.emit(inner, l)
			return end + n
		}
		end += run
	}
}

// emphasis is text between stars or underscores: two make it bold, one makes it lean, three both.
func (p *parser) emphasis(s string, before rune, l look, depth int) int {
	for n := 3; n > 0; n-- {
		mark := strings.Repeat(s[:1], n)
		if !strings.HasPrefix(s, mark) {
			continue
		}
		inner, ok := between(s, mark, before)
		if !ok {
			continue
		}
		l.strong, l.em = l.strong || n > 1, l.em || n != 2
		p.run(inner, l, depth+1)
		return len(inner) + 2*n
	}
	n := len(s) - len(strings.TrimLeft(s, s[:1]))
	p.emit(s[:n], l)
	return n
}

// between is the text between a mark and its partner: neither has a space on its inner side, and underscores in words are
// text.
func between(s, mark string, before rune) (string, bool) {
	rest := s[len(mark):]
	if rest == "" || rest[0] == ' ' || rest[0] == mark[0] || mark == "_" && wordy(before) {
		return "", false
	}
	for at := 1; at < len(rest); {
		i := strings.Index(rest[at:], mark)
		if i < 0 {
			return "", false
		}
		end := at + i
		run := len(rest[end:]) - len(strings.TrimLeft(rest[end:], mark[:1]))
		after, _ := utf8.DecodeRuneInString(rest[end+run:])
		if run == 3 && strings.Contains(rest[:end], mark[:1]) { // the partner of a mark in here stands before ours
			end, run = end+3-len(mark), len(mark)
		}
		if run == len(mark) && rest[end-1] != ' ' && rest[end-1] != '\\' && (mark != "_" || !wordy(after)) && strings.Count(rest[:end], "`")%2 == 0 {
			return rest[:end], true
		}
		at = end + run
	}
	return "", false
}

func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

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
		b.WriteString(words[end:a] + s.look.paint(t, words[a:z]))
		end = z
	}
	return b.String() + words[end:]
}

func (l look) paint(t *theme.Theme, s string) string {
	switch {
	case l.code:
		s = t.Accent.Paint(s)
	case l.aside:
		s = t.Dim.Paint(s)
	case l.url != "":
		s = t.Link.Paint(s)
	case l.em && !l.strong:
		s = t.Lean.Paint(s)
	}
	if l.strong {
		s = t.Strong.Paint(s)
	}
	return t.Lead(l.url, s)
}
