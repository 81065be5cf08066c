package parser

import (
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
)

// opener is a bracket that is still open.
type opener struct {
	kind byte // '{' or '['
	at   diag.Span
	col  int       // where its line begins
	pair *snapshot // in an array: the first line that reads like a pair, so where the array ends if it is unclosed
}

// snapshot is a state of the scanner to return to, once it is known that a bracket was never closed.
type snapshot struct {
	cursor
	toks, comments, diags int
	stack                 []opener
}

func (s *scanner) snapshot() *snapshot {
	return &snapshot{cursor: s.cursor, toks: len(s.toks), comments: len(s.comments), diags: len(s.diags), stack: slices.Clone(s.stack)}
}

// affordable says whether returning to p keeps the total work linear in the size of the file.
func (s *scanner) affordable(p *snapshot) bool { return p != nil && s.off-p.off <= s.budget }

func (s *scanner) rewind(p *snapshot) {
	s.budget -= s.off - p.off
	s.cursor, s.lineHead = p.cursor, true
	s.toks, s.comments, s.diags = s.toks[:p.toks], s.comments[:p.comments], s.diags[:p.diags]
	s.stack = p.stack
	if s.split != nil && s.split.off >= p.off {
		s.split = nil // it was taken in a future that has not happened
	}
	if s.suspectEnd >= p.off {
		s.suspect = nil
	}
}

// lineStart remembers the places where an unclosed bracket would have had to be closed.
func (s *scanner) lineStart() {
	depth := len(s.stack)
	s.lineCol = s.pos().Col
	if depth == 0 {
		s.declCol = s.pos().Col
		return
	}
	if top := &s.stack[depth-1]; top.kind == '[' && top.pair == nil && pairAt(s.src[s.off:]) {
		top.pair = s.snapshot()
	}
	if s.split == nil && s.pos().Col <= s.declCol && headerAt(s.src[s.off:]) {
		s.split = s.snapshot()
	}
}

func (s *scanner) open(c byte) {
	if len(s.stack) == MaxDepth {
		if s.affordable(s.split) {
			s.endDeclaration()
			return
		}
		s.report(tooDeep(diag.Span{File: s.file, Start: s.pos(), End: advance(s.pos(), "{")}))
		s.tooDeep = true
		return
	}
	s.joinLines(c)
	t := tLBrace
	if c == '[' {
		t = tLBrack
	}
	if len(s.stack) == 0 {
		s.split, s.suspect = nil, nil
	}
	s.emit(t, 1)
	s.stack = append(s.stack, opener{kind: c, at: s.spanOf(s.last()), col: s.lineCol})
}

// joinLines drops the line end before a bracket that belongs to the line above: the value of a key, or the body
// of a top-level declaration.
func (s *scanner) joinLines(c byte) {
	t := s.last()
	if t == nil || t.Type != tNL {
		return
	}
	if b := s.beforeNewline(); b.Type == tSep || b.Type == tWord && c == '{' && len(s.stack) == 0 {
		s.toks = s.toks[:len(s.toks)-1]
	}
}

func (s *scanner) close(c byte) {
	want := openerOf(c)
	if n := len(s.stack); n > 0 && s.stack[n-1].kind == want {
		s.suspectAt(s.stack[n-1])
		s.emit(closerType(want), 1)
		s.stack = s.stack[:n-1]
		return
	}
	depth := s.opened(want)
	if depth < 0 || s.strayInside(depth) {
		s.stray(c)
		return
	}
	s.unclosed(depth + 1)
}

// suspectAt notes the first bracket inside of another whose closer begins a line further left than its own line begins:
// if one turns out to be unclosed, it is probably this one.
func (s *scanner) suspectAt(o opener) {
	if col := s.pos().Col; s.suspect == nil && len(s.stack) > 1 && s.line > o.at.Start.Line && col == s.lineCol && col < o.col {
		s.suspect = &diag.Related{Message: "what closes this one stands further left: is it this one?", Span: o.at}
		s.suspectEnd = s.off
	}
}

// opened is the index of the innermost open bracket of a kind, -1 when there is none.
func (s *scanner) opened(kind byte) int {
	for i := len(s.stack) - 1; i >= 0; i-- {
		if s.stack[i].kind == kind {
			return i
		}
	}
	return -1
}

// strayInside says whether the wrong closer is one too many, as in `[a, b }]`, rather than a sign that the bracket
// inside was never closed: whichever makes more sense of the closers that follow. depth is what it would close.
func (s *scanner) strayInside(depth int) bool {
	rest := s.src[s.off+1:]
	if ahead := near(rest); s.stack[depth].at.Start.Line == s.line && !strings.ContainsAny(ahead, "}]") {
		return false // the line makes sense by itself: `[ { k: 1 ]`
	}
	return closes(rest, s.stack) > closes(rest, s.stack[:depth])
}

// closes is how many of the closers that text begins with fit the open brackets; less than none when one does not.
func closes(text string, stack []opener) int {
	n := 0
	for {
		text = strings.TrimLeft(text, " \t\r\n,")
		switch {
		case text == "" || text[0] != '}' && text[0] != ']':
			return n
		case n == len(stack) || stack[len(stack)-1-n].kind != openerOf(text[0]):
			return -1
		}
		n++
		text = text[1:]
	}
}

func (s *scanner) stray(c byte) {
	s.emit(tBad, 1)
	s.report(strayCloser(s.spanOf(s.last()), c))
}

// unclosed reports that every bracket above depth is missing its closer, and mends it: an array ends before the
// first of its lines that reads like a pair, anything else ends here. The closer itself is scanned again.
func (s *scanner) unclosed(depth int) {
	open := s.stack[len(s.stack)-1]
	for _, o := range s.stack[depth:] {
		if o.kind == '[' && s.affordable(o.pair) {
			s.rewind(o.pair)
			break
		}
	}
	s.report(unclosedBracket(open, s.suspect))
	s.closeDown(depth)
}

// closeDown supplies the closers of every bracket above depth, before the line end that may stand last.
func (s *scanner) closeDown(depth int) {
	if len(s.stack) <= depth {
		return
	}
	newline := s.last().Type == tNL
	if newline {
		s.toks = s.toks[:len(s.toks)-1]
	}
	at := s.lastEnd()
	for len(s.stack) > depth {
		n := len(s.stack) - 1
		s.emitAt(closerType(s.stack[n].kind), at, "")
		s.stack = s.stack[:n]
	}
	if newline {
		s.emitNewline()
	}
}

// finish is called at the end of the text. It says false when an unclosed bracket made the scanner go back.
func (s *scanner) finish() bool {
	switch {
	case len(s.stack) == 0 || s.swallow:
		return true
	case s.affordable(s.split):
		s.endDeclaration()
		return false
	}
	before := s.cursor
	s.unclosed(s.innermostArrays())
	return s.cursor == before && len(s.stack) == 0
}

// innermostArrays is the depth below the arrays that are open at the end of the text; if none of them can be
// ended earlier, everything is closed at once, so that one missing bracket gives one error.
func (s *scanner) innermostArrays() int {
	depth := len(s.stack)
	for depth > 0 && s.stack[depth-1].kind == '[' {
		depth--
	}
	for _, o := range s.stack[depth:] {
		if s.affordable(o.pair) {
			return depth
		}
	}
	return 0
}

// endDeclaration ends the open declaration before the line that reads like the header of the next one.
func (s *scanner) endDeclaration() {
	p := s.split
	s.rewind(p)
	d := unclosedBracket(p.stack[len(p.stack)-1], s.suspect)
	d.Related = append(d.Related, diag.Related{Message: "taken to end before this", Span: s.spanOfLine()})
	s.report(d)
	s.closeDown(0)
}

// spanOfLine is the rest of the line at the cursor.
func (s *scanner) spanOfLine() diag.Span {
	text := strings.TrimRight(near(s.src[s.off:]), " \t")
	return diag.Span{File: s.file, Start: s.pos(), End: advance(s.pos(), text)}
}

func openerOf(c byte) byte {
	if c == '}' {
		return '{'
	}
	return '['
}

func closerType(opener byte) tokenType {
	if opener == '{' {
		return tRBrace
	}
	return tRBrack
}

// headerAt says whether a line reads like `name = kind … {`.
func headerAt(line string) bool {
	rest, ok := cutName(line)
	if !ok || rest == "" || rest[0] != '=' {
		return false
	}
	rest, ok = cutName(trimBlank(rest[1:]))
	if !ok {
		return false
	}
	if next, ok := cutName(rest); ok {
		rest = next
	}
	return strings.HasPrefix(strings.TrimLeft(rest[:min(len(rest), 256)], " \t\r\n"), "{")
}

// pairAt says whether a line reads like `key: value` or `key = value`.
func pairAt(line string) bool {
	rest, ok := cutName(line)
	if !ok || rest == "" {
		return false
	}
	return rest[0] == '=' || rest[0] == ':' && (len(rest) == 1 || strings.IndexByte(" \t\r\n\"'[{$", rest[1]) >= 0)
}

// cutName cuts a name and the blanks behind it off the front.
func cutName(text string) (rest string, ok bool) {
	n := 0
	for n < len(text) && (isNameByte(text[n]) || text[n] == '.') {
		n++
	}
	return trimBlank(text[n:]), n > 0
}

func trimBlank(text string) string { return strings.TrimLeft(text, " \t") }

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
