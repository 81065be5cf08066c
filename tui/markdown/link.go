package markdown

import (
	"net/url"
	"strings"
)

// longestURL is how long the address of a link may be.
const longestURL = 2 << 10

// link is [text](address), or a picture, of which only the words can be shown. Behind the text stands where it leads, unless
// the terminal shows that.
func (p *parser) link(s string, l look, depth int) int {
	rest, picture := strings.CutPrefix(s, "!")
	if !strings.HasPrefix(rest, "[") {
		return 0
	}
	words, ok := balanced(rest, '[', ']')
	if !ok {
		return 0
	}
	after := rest[len(words)+2:]
	address, ok := balanced(after, '(', ')')
	if !ok {
		return 0
	}
	size := len(s) - len(after) + len(address) + 2
	to := target(address)
	if to == "" {
		return 0 // it leads nowhere that can be opened: it is text
	}
	at := p.text.Len()
	inner := l
	inner.url = to
	if picture && words == "" {
		words = "picture"
	}
	p.run(words, inner, depth+1)
	if said := p.text.String()[at:]; said != to && (!p.theme.Leads() || seemsTo(said, to)) {
		l.aside, l.url = true, to
		p.emit(" ("+to+")", l)
	}
	return size
}

// seemsTo says that the words of a link look like an address themselves: where it leads must be seen beside them.
func seemsTo(words, to string) bool {
	return strings.Contains(words, "://") || strings.Contains(words, ".") && !strings.Contains(words, " ") && !strings.Contains(to, words)
}

// balanced is what stands in the brackets that s begins with.
func balanced(s string, open, end byte) (string, bool) {
	if s == "" || s[0] != open {
		return "", false
	}
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				return s[1:i], true
			}
		}
	}
	return "", false
}

// target is the address of a link without its title; empty when it is none that can be opened.
func target(s string) string {
	s = strings.TrimSpace(s)
	if inner, found := strings.CutPrefix(s, "<"); found {
		s, _, _ = strings.Cut(inner, ">")
	} else {
		s, _, _ = strings.Cut(s, " ")
	}
	if !opens(s) {
		return ""
	}
	return s
}

// opens says that an address can be opened from anywhere.
func opens(s string) bool {
	if len(s) > longestURL || strings.ContainsAny(s, " \x1b\x07") {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && ((u.Scheme == "http" || u.Scheme == "https") && u.Host != "" || u.Scheme == "mailto" && u.Opaque != "")
}

// bracketed is <address>.
func (p *parser) bracketed(s string, l look) int {
	inner, _, found := strings.Cut(s[1:], ">")
	if !found || !opens(inner) {
		return 0
	}
	l.url = inner
	p.emit(inner, l)
	return len(inner) + 2
}

// bare is an address as such, without the punctuation behind it.
func (p *parser) bare(s string, before rune, l look) int {
	if l.url != "" || wordy(before) || !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return 0
	}
	n := strings.IndexAny(s, " <>\"`|")
	if n < 0 {
		n = len(s)
	}
	for n > 0 {
		last := s[n-1]
		if strings.IndexByte(".,:;!?'*_]", last) < 0 && (last != ')' || strings.Count(s[:n], "(") >= strings.Count(s[:n], ")")) {
			break
		}
		n--
	}
	if !opens(s[:n]) {
		return 0
	}
	l.url = s[:n]
	p.emit(s[:n], l)
	return n
}
