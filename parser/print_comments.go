package parser

import (
	"sort"
	"strings"
	"unicode"

	"github.com/woodwork-lang/ww/internal/diag"
)

// short reports whether a comment may stand before other text on its line.
func (c Comment) short() bool {
	return strings.HasPrefix(c.Text, "/*") && c.Range.Start.Line == c.Range.End.Line
}

// plain is the text of a comment without what nobody sees: blanks at its end, and kinds of line ends.
func (c Comment) plain() string {
	if strings.HasPrefix(c.Text, "/*") {
		return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(c.Text)
	}
	return strings.TrimRightFunc(c.Text, unicode.IsSpace)
}

// pending reports whether a comment before the offset is still to be printed.
func (p *printer) pending(before int) bool {
	return len(p.comments) > 0 && p.comments[0].Range.Start.Offset < before
}

// pop is the text of the next comment, which is done then.
func (p *printer) pop() string {
	c := p.comments[0]
	p.comments = p.comments[1:]
	return c.plain()
}

// commentsBefore is how many comments of the file begin before an offset.
func (p *printer) commentsBefore(offset int) int {
	return sort.Search(len(p.all), func(i int) bool { return p.all[i].Range.Start.Offset >= offset })
}

// commented reports whether there is a comment between two offsets.
func (p *printer) commented(start, end int) bool {
	return p.commentsBefore(start) < p.commentsBefore(end)
}

// inline writes the comments before an offset on the current line.
func (p *printer) inline(before int) {
	for p.pending(before) {
		p.write(p.pop() + " ")
	}
}

// own writes the comments before an offset on lines of their own, but leaves those that stand before something on its
// line. Nothing but a closing bracket, or the end, stands there when last is set.
func (p *printer) own(before int, last bool) {
	for p.pending(before) {
		if !last && p.leads(before) {
			return
		}
		c := p.comments[0]
		if p.above == manyLine && p.indent == 0 {
			p.blank()
		} else {
			p.begin(c.Range.Start.Line)
		}
		p.write(p.pop())
		p.newline()
		p.last = c.Range.End.Line
		if p.indent == 0 {
			p.above = remark
		}
	}
}

// leads reports whether the next comments stand on the line of what begins at the offset.
func (p *printer) leads(offset int) bool {
	for i, c := range p.comments {
		if !c.short() {
			return false
		}
		end := offset
		if i+1 < len(p.comments) {
			end = min(end, p.comments[i+1].Range.Start.Offset)
		}
		if strings.ContainsAny(p.src[c.Range.End.Offset:end], "\r\n") {
			return false
		}
		if end == offset {
			break
		}
	}
	return true
}

// hoist writes the comments inside a thing that stand before its value above it, if they cannot stay.
func (p *printer) hoist(at diag.Span, value Node) {
	end := value.Span().Start.Offset
	if b, ok := value.(*Block); ok {
		end = p.brace(b)
	}
	n, kept := 0, 0
	var lines []string
	for ; n < len(p.comments) && p.comments[n].Range.Start.Offset < end; n++ {
		c := p.comments[n]
		if c.short() || c.Range.Start.Offset < at.Start.Offset {
			p.comments[kept] = c
			kept++
			continue
		}
		lines = append(lines, c.plain())
	}
	if len(lines) == 0 {
		return
	}
	copy(p.comments[n-kept:n], p.comments[:kept])
	p.comments = p.comments[n-kept:]
	if p.above == manyLine && p.indent == 0 {
		p.blank()
	} else {
		p.begin(at.Start.Line)
	}
	for _, line := range lines {
		p.write(line)
		p.newline()
	}
	p.last = at.Start.Line
	if p.indent == 0 {
		p.above = remark
	}
}

// trailing writes the comments behind an offset that stand on its line, and reports whether there was one. A comment
// that stands before something else on that line belongs there.
func (p *printer) trailing(offset int) bool {
	some := false
	for {
		n := p.run(offset)
		if n == 0 {
			return some
		}
		some = true
		for _, c := range p.comments[:n] {
			offset = c.Range.End.Offset
			p.last = c.Range.End.Line
			p.write(" " + c.plain())
		}
		p.comments = p.comments[n:]
	}
}

// run is how many comments follow each other behind an offset on its line; 0 when something comes behind them there.
func (p *printer) run(offset int) int {
	n := 0
	for _, c := range p.comments {
		if c.Range.Start.Offset < offset || !onlyBlanks(p.src[offset:c.Range.Start.Offset], n == 0) {
			break
		}
		n++
		offset = c.Range.End.Offset
		if !c.short() {
			return n
		}
	}
	if n == 0 {
		return 0
	}
	rest := strings.TrimLeftFunc(p.src[offset:], func(r rune) bool { return isBlank(r) })
	if rest == "" || strings.ContainsRune("\r\n,}]", rune(rest[0])) {
		return n
	}
	return 0
}

func onlyBlanks(text string, commas bool) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !isBlank(r) && (r != ',' || !commas) }) < 0
}

func isBlank(r rune) bool { return unicode.IsSpace(r) && r != '\n' && r != '\r' }
