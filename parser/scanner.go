package parser

import (
	"unicode"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/diag"
)

// MaxDepth is how deep brackets may nest. The grammar behind the scanner recurses, and a stack overflow cannot
// be recovered from, so the limit is enforced before parsing.
const MaxDepth = 256

// bom is the byte order mark in UTF-8.
const bom = "\uFEFF"

// scanned is everything the scanner found in one file.
type scanned struct {
	toks     []token // well nested; no EOF token at the end
	comments []Comment
	diags    diag.List
	tooDeep  bool // reported; the tokens end where it happened
}

// cursor is a place in the text. Columns count characters, so the continuation bytes of the line are remembered.
type cursor struct {
	off, line, lineOff, cont int
}

// scanner cuts text into tokens. It never fails: what it cannot read becomes a tBad token and a diagnostic,
// so that one mistake does not hide the next.
type scanner struct {
	cursor
	scanned
	file       string
	src        string
	ascii      bool // of the whole text: every byte is a character
	stack      []opener
	lineCol    int           // column of the first token of the line
	declCol    int           // column of the first token of the current top-level line
	split      *snapshot     // where the open declaration ends if it turns out to be unclosed
	budget     int           // bytes that may still be scanned a second time
	swallow    bool          // an unterminated comment ate the rest: brackets left open are its fault
	itemLine   int           // line of the last item of a list with dashes
	badLine    int           // line of the last tBad for an odd character: one a line is enough
	suspect    *diag.Related // the bracket that was probably not closed, by its indentation
	suspectEnd int           // where what closed it stands
	lineHead   bool          // nothing but blanks stands before the cursor on its line
}

// scan cuts a whole file into tokens. src is valid UTF-8 without NUL.
func scan(file, src string) scanned {
	s := &scanner{file: file, src: src, ascii: utf8.RuneCountInString(src) == len(src), budget: 4<<20 + 8*len(src)}
	s.cursor = cursor{line: 1}
	s.lineHead = true
	if len(src) >= len(bom) && src[:len(bom)] == bom {
		s.off, s.lineOff = len(bom), len(bom)
	}
	s.toks = make([]token, 0, len(src)/4+1)
	for !s.tooDeep {
		s.blanks()
		if s.off < len(src) {
			s.token()
		} else if s.finish() {
			break
		}
	}
	s.closeDown(0)
	return s.scanned
}

func (s *scanner) token() {
	head := s.lineHead
	c := s.src[s.off]
	if c == '\n' || c == '\r' {
		s.newline()
		return
	}
	if s.commentHere() {
		s.comment()
		return
	}
	if head {
		s.lineStart()
	}
	s.lineHead = false
	switch c {
	case '{', '[':
		s.open(c)
	case '}', ']':
		s.close(c)
	case ',':
		s.emit(tComma, 1)
	case ':', '=':
		s.emit(tSep, 1)
	case '"', '\'':
		s.quoted(c)
	case '$':
		s.env()
	default:
		s.word()
	}
}

// pos is the place of the cursor.
func (s *scanner) pos() diag.Pos {
	return diag.Pos{Offset: s.off, Line: s.line, Col: s.off - s.lineOff - s.cont + 1}
}

// take moves over n bytes of one line.
func (s *scanner) take(n int) {
	if !s.ascii {
		s.cont += n - utf8.RuneCountInString(s.src[s.off:s.off+n])
	}
	s.off += n
}

// takeLines moves over n bytes that may hold line ends.
func (s *scanner) takeLines(n int) {
	for end := s.off + n; s.off < end; {
		if n := lineLen(s.src[s.off:end]); n > 0 {
			s.take(n)
			continue
		}
		s.lineEnd()
	}
}

// lineEnd moves over one line end: \n, \r\n or a lone \r.
func (s *scanner) lineEnd() {
	if s.src[s.off] == '\r' && s.off+1 < len(s.src) && s.src[s.off+1] == '\n' {
		s.off++
	}
	s.off++
	s.line++
	s.lineOff, s.cont = s.off, 0
}

func (s *scanner) newline() {
	s.lineEnd()
	s.lineHead = true
	s.emitNewline()
}

func (s *scanner) emitNewline() {
	if n := len(s.toks); n > 0 && s.toks[n-1].Type != tNL {
		s.emitAt(tNL, s.lastEnd(), "")
	}
}

// blanks moves over what separates tokens on a line.
func (s *scanner) blanks() {
	for s.off < len(s.src) {
		if s.src[s.off] == ' ' {
			s.off++
			continue
		}
		n := blankLen(s.src[s.off:])
		if n == 0 {
			return
		}
		s.take(n)
	}
}

// blankLen is the length of the blank that text begins with, 0 if it begins with none. Line ends are no blanks.
func blankLen(text string) int {
	switch c := text[0]; {
	case c == ' ' || c == '\t' || c == '\v' || c == '\f':
		return 1
	case c < utf8.RuneSelf:
		return 0
	}
	if r, n := utf8.DecodeRuneInString(text); unicode.IsSpace(r) {
		return n
	}
	return 0
}

// emit makes a token of the next n bytes.
func (s *scanner) emit(t tokenType, n int) {
	p := s.pos()
	s.emitAt(t, p, s.src[s.off:s.off+n])
	s.take(n)
}

func (s *scanner) emitAt(t tokenType, p diag.Pos, text string) {
	tok := token{Type: t, Value: text}
	tok.place(p)
	s.toks = append(s.toks, tok)
}

// spanOf is the range of a token.
func (s *scanner) spanOf(t *token) diag.Span { return t.span(s.file) }

// last is the token before the cursor, nil at the beginning.
func (s *scanner) last() *token {
	if len(s.toks) == 0 {
		return nil
	}
	return &s.toks[len(s.toks)-1]
}

// lastEnd is the place behind the last token.
func (s *scanner) lastEnd() diag.Pos {
	if t := s.last(); t != nil {
		return t.end()
	}
	return diag.Pos{Offset: s.off, Line: 1, Col: 1}
}

// beforeNewline is the last token that is not a line end.
func (s *scanner) beforeNewline() *token {
	t := s.last()
	if t != nil && t.Type == tNL && len(s.toks) > 1 {
		return &s.toks[len(s.toks)-2]
	}
	return t
}

// wantsValue says whether a value may begin here. It decides what a colon means (part of redis://h:1, or the
// end of a key) and whether # can begin a value.
func (s *scanner) wantsValue() bool {
	if n := len(s.stack); n > 0 && s.stack[n-1].kind == '[' {
		return true
	}
	t := s.last()
	if len(s.stack) == 0 {
		t = s.beforeNewline()
	}
	return t != nil && t.Type == tSep
}

func (s *scanner) spanTo(start diag.Pos) diag.Span {
	return diag.Span{File: s.file, Start: start, End: s.pos()}
}

func (s *scanner) report(d diag.Diagnostic) {
	if len(s.diags) <= maxProblems {
		s.diags = append(s.diags, d)
	}
}
