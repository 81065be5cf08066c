package parser

import (
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
)

// quoted scans a string. Strings end on their line; when one does not, the scanner guesses which quote is
// missing, so that the rest of the file still reads as it was meant.
func (s *scanner) quoted(q byte) {
	rest := s.src[s.off:]
	triple := strings.Repeat(string(q), 3)
	if strings.HasPrefix(rest, triple) {
		s.tripleQuoted(triple)
		return
	}
	if n, ok := stringLen(rest, q); ok {
		s.emit(tString, n)
		return
	}
	start := s.pos()
	glued := s.off > 0 && s.last() != nil && s.last().Type != tSep && s.spanOf(s.last()).End.Offset == s.off
	n := lineLen(rest)
	escaped := strings.HasSuffix(strings.TrimRight(rest[:n], " \t,]}"), `\`+string(q))
	if end := spilled(rest[n:], q); end > 0 && !glued {
		n += end
	} else {
		n = s.withoutClosers(rest[:n])
	}
	s.emitAt(tBadString, start, rest[:n])
	s.takeLines(n)
	s.report(unterminatedString(diag.Span{File: s.file, Start: start, End: advance(start, firstLine(rest[:n]))}, glued, escaped))
}

// stringLen is the length of a string with its quotes; not ok when the line ends first.
func stringLen(text string, q byte) (n int, ok bool) {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case q:
			return i + 1, true
		case '\\':
			i++
			if i < len(text) && (text[i] == '\n' || text[i] == '\r') {
				return 0, false
			}
		case '\n', '\r':
			return 0, false
		}
	}
	return 0, false
}

// tripleQuoted scans a Python-like """text""", which the language does not have.
func (s *scanner) tripleQuoted(q string) {
	rest := s.src[s.off:]
	start := s.pos()
	n := lineLen(rest)
	if end := strings.Index(rest[3:], q); end >= 0 {
		n = end + 6
	}
	s.emitAt(tBadString, start, rest[:n])
	s.takeLines(n)
	s.report(tripleQuotes(diag.Span{File: s.file, Start: start, End: advance(start, q)}, s.line > start.Line))
}

// spilled is how many more bytes a string of several lines has: up to the quote that stands alone on one of the
// next lines. 0 when the next lines read like ordinary source, so that just a quote is missing.
func spilled(text string, q byte) int {
	const farthest = 64 // lines
	off := 0
	for range farthest {
		off += len(text[off:]) - len(strings.TrimLeft(text[off:], "\r\n"))
		line := text[off:][:lineLen(text[off:])]
		if line == "" || readsLikeSource(line) {
			return 0
		}
		if at := strings.IndexByte(line, q); at >= 0 {
			if strings.Count(line, string(q))%2 == 0 {
				return 0
			}
			return off + at + 1
		}
		off += len(line)
	}
	return 0
}

// readsLikeSource says whether a line is a pair, a header or a closing bracket rather than prose.
func readsLikeSource(line string) bool {
	line = strings.TrimLeft(line, " \t")
	return line == "" || line[0] == '}' || line[0] == ']' || pairAt(line)
}

// withoutClosers is the length of an unterminated string without the commas and closing brackets at its end
// that belong to brackets opened on its own line.
func (s *scanner) withoutClosers(text string) int {
	n := len(strings.TrimRight(text, " \t,"))
	depth := len(s.stack)
	for ; n > 1 && depth > 0; depth-- {
		o := s.stack[depth-1]
		if o.at.Start.Line != s.line || openerOf(text[n-1]) != o.kind || text[n-1] != '}' && text[n-1] != ']' {
			break
		}
		n = len(strings.TrimRight(text[:n-1], " \t,"))
	}
	return n
}

func firstLine(text string) string { return text[:lineLen(text)] }
