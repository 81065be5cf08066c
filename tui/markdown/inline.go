package markdown

import (
	"strings"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/tui/theme"
)

// longest is how long a line may be whose marks are looked for: finding the partners of many marks takes its time.
const longest = 8 << 10

// inline takes the marks of emphasis, code and links out of a line of Markdown. A mark without its partner is text, and so is
// what stands in code. The text has several lines where a mark says so.
func inline(t *theme.Theme, s string, l look) (text string, spans []span) {
	if len(s) > longest || !strings.ContainsAny(s, "*_`~[<\\:&") {
		return s, whole(s, l)
	}
	p := parser{theme: t}
	p.run(s)
	p.pair(0)
	return p.draw(l)
}

// parser takes a line apart into atoms. It knows which marks have a partner when it has seen the whole line.
type parser struct {
	theme    *theme.Theme
	atoms    []atom
	delims   []delim
	brackets []bracket
}

// atom is a part of a line: text, or marks that are text as long as they have no partner.
type atom struct {
	text string
	look look
	turn [emphases]int // what begins before it (more than none), or ended before it (less)
}

func (p *parser) add(text string, l look) { p.atoms = append(p.atoms, atom{text: text, look: l}) }

// run takes all of s.
func (p *parser) run(s string) {
	from := 0 // where text begins that is no atom yet
	for at := 0; at < len(s); {
		next := strings.IndexAny(s[at:], "\\`*_~[]!<&h")
		if next < 0 {
			break
		}
		at += next
		if from < at {
			p.add(s[from:at], look{})
			from = at
		}
		if n := p.mark(s, at); n > 0 {
			at, from = at+n, at+n
			continue
		}
		at++
	}
	if from < len(s) {
		p.add(s[from:], look{})
	}
}

// mark takes what begins with a mark, and says how much of s that was: nothing when it is text.
func (p *parser) mark(s string, at int) int {
	rest := s[at:]
	switch rest[0] {
	case '\\':
		if len(rest) > 1 && strings.IndexByte(punctuation, rest[1]) >= 0 {
			p.add(rest[1:2], look{})
			return 2
		}
	case '`':
		return p.code(rest)
	case '*', '_', '~':
		return p.delimit(s, at)
	case '[', '!':
		return p.open(rest)
	case ']':
		return p.close(s, at)
	case '<':
		return p.bracketed(rest)
	case '&':
		if text, n := entity(rest); n > 0 {
			p.add(text, look{})
			return n
		}
	case 'h':
		before, _ := utf8.DecodeLastRuneInString(s[:at])
		return p.bare(rest, before)
	}
	return 0
}

// punctuation is what a backslash takes the meaning from.
const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

// code is what stands between as many ticks as it begins with. Where colours do not show it, the ticks stay.
func (p *parser) code(s string) int {
	n := len(s) - len(strings.TrimLeft(s, "`"))
	mark := s[:n]
	size := codeSpan(s)
	if size == 0 {
		p.add(mark, look{}) // none of them has a partner
		return n
	}
	inner := s[n : size-n]
	if len(inner) > 2 && inner[0] == ' ' && inner[len(inner)-1] == ' ' && strings.TrimSpace(inner) != "" {
		inner = inner[1 : len(inner)-1]
	}
	if p.theme.Accent.None() {
		inner = mark + inner + mark
	}
	p.add(inner, look{code: true})
	return size
}

// codeSpan is how long the code is that s begins with; nothing when its ticks have no partner.
func codeSpan(s string) int {
	n := len(s) - len(strings.TrimLeft(s, "`"))
	for end := n; ; {
		i := strings.Index(s[end:], s[:n])
		if i < 0 {
			return 0
		}
		end += i
		run := len(s[end:]) - len(strings.TrimLeft(s[end:], "`"))
		if run == n {
			return end + n
		}
		end += run
	}
}
