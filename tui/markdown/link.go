package markdown

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// longestURL is how long the address of a link may be.
const longestURL = 2 << 10

// bracket is where the words of a link may have begun.
type bracket struct {
	atom    int
	delims  int // how many marks were waiting for their partners
	picture bool
	within  bool // of another link: it cannot be one
}

// open is where a link may begin, or a picture, of which only the words can be shown.
func (p *parser) open(s string) int {
	rest, picture := strings.CutPrefix(s, "!")
	if !strings.HasPrefix(rest, "[") {
		return 0
	}
	n := len(s) - len(rest) + 1
	p.brackets = append(p.brackets, bracket{atom: len(p.atoms), delims: len(p.delims), picture: picture})
	p.add(s[:n], look{})
	return n
}

// close ends the words of a link: what is between them and the bracket leads to the address behind it. Behind the words
// stands where they lead, unless the terminal shows that.
func (p *parser) close(s string, at int) int {
	last := len(p.brackets) - 1
	if last < 0 {
		return 0
	}
	b := p.brackets[last]
	p.brackets = p.brackets[:last]
	to, n := destination(s[at+1:])
	if b.within || n == 0 {
		return 0
	}
	p.pair(b.delims)
	for i := range p.brackets {
		p.brackets[i].within = p.brackets[i].within || !b.picture && !p.brackets[i].picture
	}
	if !opens(to) { // it leads nowhere that can be opened: it is text, without marks in the address
		p.add(plainly(s[at:at+n+1]), look{})
		return n + 1
	}
	p.atoms[b.atom].text = ""
	said := p.lead(b.atom+1, to)
	if said == "" && b.picture {
		said = "picture"
		p.add(said, look{url: to})
	}
	if said != to && (!p.theme.Leads() || seemsTo(said, to)) {
		p.add(" ("+to+")", look{aside: true, url: to})
	}
	return n + 1
}

// lead makes everything from an atom on lead to an address, and returns what that says.
func (p *parser) lead(from int, to string) string {
	var said strings.Builder
	for i := range p.atoms[from:] {
		a := &p.atoms[from+i]
		if a.look.aside {
			continue
		}
		a.look.url = to
		said.WriteString(a.text)
	}
	return said.String()
}

// seemsTo says that the words of a link look like an address themselves: where it leads must be seen beside them.
func seemsTo(words, to string) bool {
	return strings.Contains(words, "://") || strings.Contains(words, ".") && !strings.Contains(words, " ") && !strings.Contains(to, words)
}

// destination is the address in the brackets that s begins with, (address "title"), and how long that is.
func destination(s string) (to string, n int) {
	if !strings.HasPrefix(s, "(") {
		return "", 0
	}
	rest := strings.TrimLeft(s[1:], " ")
	to = rest[:address(rest)]
	rest = rest[len(to):]
	title := strings.TrimLeft(rest, " ")
	if len(title) < len(rest) {
		title = title[quoted(title):]
	}
	rest = strings.TrimLeft(title, " ")
	if !strings.HasPrefix(rest, ")") {
		return "", 0
	}
	if strings.HasPrefix(to, "<") {
		to = to[1 : len(to)-1]
	}
	return plainly(to), len(s) - len(rest) + 1
}

// address is how long the address is that s begins with: <in these>, or up to a space or the bracket that closes it.
func address(s string) int {
	if strings.HasPrefix(s, "<") {
		return angled(s)
	}
	depth, i := 0, 0
	for ; i < len(s) && s[i] > ' '; i++ {
		switch s[i] {
		case '\\':
			if i+1 < len(s) && strings.IndexByte(punctuation, s[i+1]) >= 0 {
				i++
			}
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return i
			}
		}
	}
	if depth > 0 {
		return 0
	}
	return i
}

// angled is how long <this> is; nothing when it does not end.
func angled(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '<':
			return 0
		case '>':
			return i + 1
		}
	}
	return 0
}

// quoted is how long the title is that s begins with.
func quoted(s string) int {
	if s == "" || strings.IndexByte(`"'(`, s[0]) < 0 {
		return 0
	}
	end := s[0]
	if end == '(' {
		end = ')'
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case end:
			return i + 1
		}
	}
	return 0
}

// plainly is an address without escapes.
func plainly(s string) string {
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	var b strings.Builder
	for s != "" {
		text, n := s[:1], 1
		switch {
		case s[0] == '\\' && len(s) > 1 && strings.IndexByte(punctuation, s[1]) >= 0:
			text, n = s[1:2], 2
		case s[0] == '&':
			if e, size := entity(s); size > 0 {
				text, n = e, size
			}
		}
		b.WriteString(text)
		s = s[n:]
	}
	return b.String()
}

// opens says that an address can be opened from anywhere.
func opens(s string) bool {
	if len(s) > longestURL || strings.ContainsAny(s, " \x1b\x07") {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && ((u.Scheme == "http" || u.Scheme == "https") && u.Host != "" || u.Scheme == "mailto" && u.Opaque != "")
}

// bare is an address as such, without the punctuation behind it.
func (p *parser) bare(s string, before rune) int {
	if wordy(before) && !wide(before) || !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return 0
	}
	n := 0
	for n < len(s) && strings.IndexByte(" <>\"`|\\", s[n]) < 0 && !strings.HasPrefix(s[n:], "**") && (s[n] != ']' || len(p.brackets) == 0) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if wide(r) && isPunct(r) {
			break
		}
		n += size
	}
	for n > 0 {
		last := s[n-1]
		if strings.IndexByte(".,:;!?'*_~]", last) < 0 && (last != ')' || strings.Count(s[:n], "(") >= strings.Count(s[:n], ")")) {
			break
		}
		n--
	}
	if !opens(s[:n]) {
		return 0
	}
	p.add(s[:n], look{url: s[:n]})
	return n
}
