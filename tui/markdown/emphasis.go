package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// emphasis is a way to stand out that has a begin and an end.
type emphasis int

const (
	em emphasis = iota
	strong
	gone
	emphases
)

// delim is a run of marks which may begin emphasis, end it, or do both. The rules are those of CommonMark, which have one
// answer for every text.
type delim struct {
	atom           int
	sign           byte
	size, left     int // how many there were, and are that have no partner yet
	begins, closes bool
}

// delimit takes a run of marks.
func (p *parser) delimit(s string, at int) int {
	rest := s[at:]
	n := len(rest) - len(strings.TrimLeft(rest, rest[:1]))
	if rest[0] == '~' && (n != 2 || p.theme.Gone.None()) {
		p.add(rest[:n], look{}) // about so much; or, where a line through it cannot be drawn, the marks stay
		return n
	}
	d := delim{atom: len(p.atoms), sign: rest[0], size: n, left: n}
	d.begins, d.closes = flanks(s[:at], rest[n:], rest[0])
	if d.begins || d.closes {
		p.delims = append(p.delims, d)
	}
	p.add(rest[:n], look{})
	return n
}

// flanks says whether marks between two texts can begin emphasis, and end it: what begins has no space behind it, what ends has
// none before it, punctuation is nearer to a space than to a letter, and underscores in words are text.
func flanks(before, after string, sign byte) (begins, ends bool) {
	b, _ := utf8.DecodeLastRuneInString(before)
	a, _ := utf8.DecodeRuneInString(after)
	if before == "" {
		b = ' '
	}
	if after == "" {
		a = ' '
	}
	left := !unicode.IsSpace(a) && (!mild(a) || apart(b))
	right := !unicode.IsSpace(b) && (!mild(b) || apart(a))
	if sign == '_' {
		return left && (!right || isPunct(b)), right && (!left || isPunct(a))
	}
	return left, right
}

// mild is punctuation that stands beside spaces where it is used.
func mild(r rune) bool { return isPunct(r) && !wide(r) }

// apart is what marks may touch when there is punctuation on their other side.
func apart(r rune) bool { return unicode.IsSpace(r) || isPunct(r) || wide(r) }

func isPunct(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// wide is a sign of Chinese, Japanese or Korean, which write no spaces between words, nor beside their punctuation.
func wide(r rune) bool {
	return r >= 0x1100 && r <= 0x11ff || r >= 0x2e80 && r <= 0x9fff || r >= 0xac00 && r <= 0xd7af ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe4f || r >= 0xff00 && r <= 0xffef || r >= 0x20000 && r <= 0x3ffff
}

// pair finds the partners among the marks from one on, and forgets these. Each mark that ends emphasis takes the nearest one
// that can begin it; what is in between has found its partners before, or has none.
func (p *parser) pair(from int) {
	var open []*delim
	type end struct {
		sign   byte
		size   int
		begins bool
	}
	none := map[end]int{} // up to where nothing among the open ones fits such an end
	for i := from; i < len(p.delims); i++ {
		c := &p.delims[i]
		for c.closes && c.left > 0 {
			kind := end{c.sign, c.size % 3, c.begins}
			k := len(open) - 1
			for k >= none[kind] && !fits(open[k], c) {
				k--
			}
			if k < none[kind] {
				none[kind] = len(open)
				break
			}
			open = open[:k+1]
			p.join(open[k], c)
			if open[k].left == 0 {
				open = open[:k]
			}
			for x, n := range none {
				none[x] = min(n, len(open))
			}
		}
		if c.begins && c.left > 0 {
			open = append(open, c)
		}
	}
	p.delims = p.delims[:from]
}

// fits says that c can end what o begins.
func fits(o, c *delim) bool {
	odd := (o.closes || c.begins) && (o.size+c.size)%3 == 0 && c.size%3 != 0 // "**a*b**" is no lean "a"
	return o.sign == c.sign && !odd
}

// join makes what is between two marks stand out: two of each make it strong, one makes it lean.
func (p *parser) join(o, c *delim) {
	n, kind := 1, em
	if o.left >= 2 && c.left >= 2 {
		n, kind = 2, strong
	}
	if o.sign == '~' {
		kind = gone
	}
	o.left, c.left = o.left-n, c.left-n
	p.atoms[o.atom].text = p.atoms[o.atom].text[n:]
	p.atoms[c.atom].text = p.atoms[c.atom].text[n:]
	p.atoms[o.atom+1].turn[kind]++
	p.atoms[c.atom].turn[kind]--
}
