package scripted

import (
	"strconv"
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
)

// call reads: NAME, a text or an object, and what stands in when it fails.
func (p *parser) call(s *Step) (ok bool) {
	p.blanks()
	name, at := p.word()
	whole := name
	name, function, dotted := strings.Cut(name, ".")
	if !isName(name) || name[0] <= '9' || dotted && function == "" {
		p.report(errCallee(whole), orHere(p, name, at))
		return false
	}
	s.To, s.Func = name, function
	p.blanks()
	if p.has("{") {
		raw, whole := p.object()
		if !whole {
			return false
		}
		s.Text, ok = p.jsonTemplate(raw)
	} else {
		s.Text, ok = p.text(Call)
	}
	if !ok {
		return false
	}
	p.blanks()
	before := p.pos
	if word, _ := p.word(); word != "or" {
		p.pos = before
		return true
	}
	instead, ok := p.text("or")
	s.Or = &instead
	return ok
}

func orHere(p *parser, word string, at diag.Span) diag.Span {
	if word == "" {
		return p.here()
	}
	return at
}

// times reads how many attempts crash; none is all.
func (p *parser) times() (int, bool) {
	p.blanks()
	word, at := p.word()
	if word == "" {
		return 0, true
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 {
		p.report(errTimes(word), at)
		return 0, false
	}
	return n, true
}
