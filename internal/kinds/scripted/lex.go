package scripted

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/diag"
)

// A scanner walks over the source and knows where it is. Everything it returns has the place it was found at.
type scanner struct {
	file string
	src  string
	pos  diag.Pos
	list *diag.List
}

func newScanner(file, src string, list *diag.List) *scanner {
	s := &scanner{file: file, src: src, pos: diag.Pos{Line: 1, Col: 1}, list: list}
	if strings.HasPrefix(src, "\ufeff") {
		s.pos.Offset = len("\ufeff")
	}
	return s
}

func (s *scanner) rest() string { return s.src[s.pos.Offset:] }

func (s *scanner) end() bool { return s.pos.Offset >= len(s.src) }

func (s *scanner) next() rune {
	r, size := utf8.DecodeRuneInString(s.rest())
	if size == 0 {
		return 0
	}
	s.pos.Offset += size
	s.pos.Col++
	if r == '\n' {
		s.pos.Line++
		s.pos.Col = 1
	}
	return r
}

func (s *scanner) skip(bytes int) {
	for stop := s.pos.Offset + bytes; s.pos.Offset < stop && !s.end(); {
		s.next()
	}
}

func (s *scanner) has(prefix string) bool { return strings.HasPrefix(s.rest(), prefix) }

func (s *scanner) span(from diag.Pos) diag.Span {
	return diag.Span{File: s.file, Start: from, End: s.pos}
}

// here is the character under the cursor, so that a caret has something to point at.
func (s *scanner) here() diag.Span {
	end := s.pos
	if _, size := utf8.DecodeRuneInString(s.rest()); size > 0 && !s.atLineEnd() {
		end.Offset += size
		end.Col++
	}
	return diag.Span{File: s.file, Start: s.pos, End: end}
}

func (s *scanner) atLineEnd() bool {
	return s.end() || s.has("\n") || s.has("\r\n")
}

// blanks skips blanks and a comment, but not the end of the line.
func (s *scanner) blanks() {
	for !s.atLineEnd() {
		r, _ := utf8.DecodeRuneInString(s.rest())
		if r == '#' {
			for !s.atLineEnd() {
				s.next()
			}
			return
		}
		if !unicode.IsSpace(r) {
			return
		}
		s.next()
	}
}

// line goes to the beginning of the next line.
func (s *scanner) line() {
	for !s.end() && s.next() != '\n' {
	}
}

func (s *scanner) word() (string, diag.Span) {
	from := s.pos
	for !s.atLineEnd() {
		r, _ := utf8.DecodeRuneInString(s.rest())
		if unicode.IsSpace(r) || strings.ContainsRune(`"/#,`, r) {
			break
		}
		s.next()
	}
	return s.src[from.Offset:s.pos.Offset], s.span(from)
}

// quoted reads "…" and returns its inside, as written.
func (s *scanner) quoted() (rawText, bool) {
	from := s.pos
	s.next()
	inside := s.pos
	for !s.atLineEnd() {
		switch s.next() {
		case '\\':
			if !s.atLineEnd() {
				s.next()
			}
		case '"':
			return rawText{span: s.span(from), lines: []rawLine{{at: inside, text: s.src[inside.Offset : s.pos.Offset-1]}}}, true
		}
	}
	s.report(errOpenQuote, s.span(from))
	return rawText{}, false
}

// expression reads /…/ with its flag and returns the inside.
func (s *scanner) expression() (source string, fold bool, span diag.Span, ok bool) {
	from := s.pos
	s.next()
	inside := s.pos.Offset
	for !s.atLineEnd() {
		switch s.next() {
		case '\\':
			if !s.atLineEnd() {
				s.next()
			}
		case '/':
			source = s.src[inside : s.pos.Offset-1]
			flags, at := s.word()
			if flags != "" && flags != "i" {
				s.report(errFlag(flags), at)
				return "", false, at, false
			}
			return source, flags == "i", s.span(from), true
		}
	}
	s.report(errOpenExpression, s.span(from))
	return "", false, s.span(from), false
}

// object reads {…} up to the brace that closes it, on one line.
func (s *scanner) object() (rawText, bool) {
	from := s.pos
	depth, inText := 0, false
	for !s.atLineEnd() {
		switch r := s.next(); {
		case inText && r == '\\' && !s.atLineEnd():
			s.next()
		case r == '"':
			inText = !inText
		case inText:
		case r == '{':
			depth++
		case r == '}':
			depth--
		}
		if depth == 0 {
			return rawText{span: s.span(from), lines: []rawLine{{at: from, text: s.src[from.Offset:s.pos.Offset]}}}, true
		}
	}
	s.report(errOpenObject, s.span(from))
	return rawText{}, false
}

// A rawText is a text as written, line by line: one line for "…", any number for a block.
type rawText struct {
	span  diag.Span
	lines []rawLine
}

type rawLine struct {
	at   diag.Pos
	text string
}

const fence = `"""`

// block reads the lines between two fences. The indentation of the closing fence is not part of the text.
func (s *scanner) block() (rawText, bool) {
	from := s.pos
	s.skip(len(fence))
	opening := s.span(from)
	s.blanks()
	if !s.atLineEnd() {
		s.report(errFence, s.here())
		return rawText{}, false
	}
	s.line()
	var lines []rawLine
	for !s.end() {
		at := s.pos
		text := s.textLine()
		if indent, ok := strings.CutSuffix(strings.TrimRight(text, " \t"), fence); ok && strings.Trim(indent, " \t") == "" {
			s.pos = at
			s.skip(len(indent) + len(fence))
			return rawText{span: s.span(from), lines: s.outdent(lines, indent)}, true
		}
		lines = append(lines, rawLine{at: at, text: text})
		s.line()
	}
	s.report(errOpenFence, opening)
	return rawText{}, false
}

// textLine reads up to the end of the line.
func (s *scanner) textLine() string {
	from := s.pos.Offset
	for !s.atLineEnd() {
		s.next()
	}
	return s.src[from:s.pos.Offset]
}

func (s *scanner) outdent(lines []rawLine, indent string) []rawLine {
	for i, l := range lines {
		text, ok := strings.CutPrefix(l.text, indent)
		if !ok {
			if strings.TrimSpace(l.text) != "" {
				s.report(errOutdent, diag.Span{File: s.file, Start: l.at, End: l.at})
			}
			text = ""
		}
		cut := len(l.text) - len(text)
		lines[i].text = text
		lines[i].at.Offset += cut
		lines[i].at.Col += cut // an indentation is blanks and tabs, one byte each
	}
	return lines
}
