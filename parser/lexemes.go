package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/diag"
)

// commentHere says whether a comment begins here. A marker opens one at the beginning of a line and after a
// blank; elsewhere only where no value could begin, so that `u:http://h` and `a: x#y` stay whole. A # may also
// stand straight behind a closing quote or bracket.
func (s *scanner) commentHere() bool {
	rest := s.src[s.off:]
	hash := rest[0] == '#'
	if !hash && (rest[0] != '/' || !strings.HasPrefix(rest, "//") && !strings.HasPrefix(rest, "/*")) {
		return false
	}
	if s.lineHead || !s.wantsValue() {
		return true
	}
	prev, _ := utf8.DecodeLastRuneInString(s.src[:s.off])
	return unicode.IsSpace(prev) || hash && strings.ContainsRune(`"'}]`, prev) || s.afterComment()
}

// afterComment says whether the text before the cursor is a /* */ comment.
func (s *scanner) afterComment() bool {
	n := len(s.comments)
	return n > 0 && s.comments[n-1].Range.End.Offset == s.off
}

func (s *scanner) comment() {
	start, line := s.pos(), s.line
	rest := s.src[s.off:]
	if !strings.HasPrefix(rest, "/*") {
		s.take(lineLen(rest))
	} else if end := strings.Index(rest[2:], "*/"); end >= 0 {
		s.takeLines(end + 4)
	} else {
		s.report(unterminatedComment(diag.Span{File: s.file, Start: start, End: advance(start, "/*")}))
		s.takeLines(len(rest))
		s.swallow = true
	}
	s.comments = append(s.comments, Comment{Text: s.src[start.Offset:s.off], Range: s.spanTo(start)})
	if s.line != line { // a comment of several lines separates like the line end inside it
		s.emitNewline()
	}
}

// lineLen is the number of bytes before the end of the line.
func lineLen(text string) int {
	if n := strings.IndexAny(text, "\r\n"); n >= 0 {
		return n
	}
	return len(text)
}

// near is the rest of the line, as far as guesses about a mistake look ahead: on a line of megabytes they must
// not search it all again and again.
func near(text string) string {
	const farthest = 1024
	text = text[:min(len(text), farthest)]
	return text[:lineLen(text)]
}

// word scans bare text: a word, a number, a path, a URL.
func (s *scanner) word() {
	rest := s.src[s.off:]
	if why := oddStart(rest); why != "" {
		s.odd(why)
		return
	}
	n := wordLen(rest, s.wantsValue())
	t := tBare
	if isName(rest[:n]) {
		t = tWord
	} else if call := callLen(rest, n); call > n {
		s.emit(tBad, call)
		s.report(callText(s.spanOf(s.last()), len(s.stack) == 0 && !strings.Contains(rest[:call], "env")))
		return
	}
	s.emit(t, n)
}

// callLen is the length of text like getenv("A"), of which the first n bytes would be a bare word; 0 when it is
// none. As a whole it gives one error.
func callLen(text string, n int) int {
	if open := strings.IndexByte(text[:n], '('); open < 0 || strings.IndexByte(text[open:n], ')') >= 0 {
		return 0
	}
	return strings.IndexByte(text[:max(n, len(near(text)))], ')') + 1
}

// wordLen is the length of the bare text at the front. A colon belongs to it only where a value is wanted.
func wordLen(text string, value bool) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case ' ', '\t', '\v', '\f', '\r', '\n', ',', ']', '}', '[', '{', '=', '"', '\'':
			return i
		case ':':
			if !value {
				return i
			}
		case '-':
			if strings.HasPrefix(text[i:], "->") {
				return i
			}
		default:
			if text[i] >= utf8.RuneSelf && blankLen(text[i:]) > 0 {
				return i
			}
		}
	}
	return len(text)
}

// isName says whether text is a word, perhaps with dots inside: letters, digits, _ and -, no digit first.
func isName(text string) bool {
	first := true
	for _, r := range text {
		switch {
		case r == '_' || unicode.IsLetter(r):
			first = false
		case r == '.' && !first:
			first = true
		case !first && (r == '-' || unicode.IsDigit(r) || unicode.IsMark(r)):
		default:
			return false
		}
	}
	return !first
}

// oddStart says why bare text cannot begin like this; "" when it can.
func oddStart(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	switch {
	case strings.HasPrefix(text, "->"):
		return "arrow"
	case r == '-':
		if next, _ := utf8.DecodeRuneInString(text[n:]); next == '-' || next == '.' || unicode.IsLetter(next) || unicode.IsDigit(next) {
			return ""
		}
		return "sign"
	case strings.ContainsRune("“”„«»‘’‚`´", r):
		return "quote"
	case r >= utf8.RuneSelf && !unicode.IsPrint(r), r < ' ', r == 0x7f:
		return "invisible"
	case strings.ContainsRune("<>|&!;()^\\", r):
		return "sign"
	}
	return ""
}

// odd makes a tBad token of text that cannot begin a word, and reports the first of its line.
func (s *scanner) odd(why string) {
	rest := s.src[s.off:]
	first, n := utf8.DecodeRuneInString(rest)
	switch why {
	case "arrow":
		n = len("->")
	case "quote":
		n = fancyLen(rest, first)
	case "sign":
		n = max(n, wordLen(rest, true), callLen(rest, max(n, wordLen(rest, true))))
	}
	item := first == '-' && s.listItem()
	if first == '>' && s.off > 0 && s.src[s.off-1] == '=' {
		why = "fat arrow"
	}
	s.emit(tBad, n)
	if s.badLine != s.line && !item {
		s.badLine = s.line
		s.report(oddText(why, first, s.spanOf(s.last())))
	}
}

// listItem says whether a dash begins an item of a list as YAML has it, below a key that has no value: that is what is
// reported. The dashes of further items follow those of the first.
func (s *scanner) listItem() bool {
	before := s.beforeNewline()
	if s.last() == nil || s.last().Type != tNL || len(s.stack) == 0 {
		return false
	}
	if before.Type != tSep && s.itemLine != int(before.line) {
		return false
	}
	s.itemLine = s.line
	return true
}

// fancyLen is the length of a text in typographic quotes, up to its closing one on the same line.
func fancyLen(text string, open rune) int {
	skip := utf8.RuneLen(open)
	body := near(text[skip:])
	closing := "“”»’`´"
	switch open { // one side is often mended by hand
	case '“', '”', '„':
		closing += `"`
	case '‘', '’':
		closing += "'"
	}
	end := strings.IndexFunc(body, func(r rune) bool { return strings.ContainsRune(closing, r) })
	if end < 0 {
		return skip + wordLen(body, true)
	}
	_, n := utf8.DecodeRuneInString(body[end:])
	return skip + end + n
}

// env scans $NAME or ${NAME}, which nothing may be glued to.
func (s *scanner) env() {
	rest := s.src[s.off:]
	n := envLen(rest)
	if n == 0 {
		start := s.pos()
		s.emit(tBad, 1+wordLen(rest[1:], true))
		if strings.HasPrefix(rest, "${") {
			s.skipBraced()
		}
		s.report(badEnv(s.spanTo(start), s.src[start.Offset:s.off]))
		return
	}
	s.emit(tEnv, n)
	glued := wordLen(rest[n:], s.wantsValueAfterEnv())
	if glued == 0 {
		return
	}
	s.emit(tBad, glued)
	s.report(gluedToEnv(rest[:n], s.spanOf(s.last())))
}

// wantsValueAfterEnv says that a colon behind $NAME is text that was glued to it, unless $NAME stands where a
// key should: there the grammar has the better message.
func (s *scanner) wantsValueAfterEnv() bool {
	if n := len(s.toks); n > 1 && s.toks[n-2].Type == tSep {
		return true
	}
	return len(s.stack) > 0 && s.stack[len(s.stack)-1].kind == '['
}

// skipBraced moves over what is left of a ${…} that is not a name, unless its } closes a block of the same line. One
// without a } is taken to end with its word.
func (s *scanner) skipBraced() {
	if s.last().Value != "$" {
		return
	}
	line := near(s.src[s.off:])
	end := strings.IndexByte(line, '}')
	if n := len(s.stack); n > 0 && s.stack[n-1].at.Start.Line == s.line && strings.Count(line, "}") == 1 || end < 0 {
		end = wordLen(line[1:], true)
	}
	s.take(end + 1)
}

// envLen is the length of a well-formed $NAME or ${NAME} at the front, else 0.
func envLen(text string) int {
	body, braced := strings.CutPrefix(text[1:], "{")
	n := 0
	for n < len(body) && isEnvByte(body[n]) && (n > 0 || body[n] > '9') {
		n++
	}
	switch {
	case n == 0 || braced && !strings.HasPrefix(body[n:], "}"):
		return 0
	case braced:
		return n + len("${}")
	}
	return n + len("$")
}

func isEnvByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
