package lsp

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// place is where in a file a cursor is, read from the text before it. The tree would not do: what is being typed is not
// in it yet.
type place struct {
	open   []bracket // what is open, from the outside in
	entry            // what has been written of the entry under the cursor, without the word at the cursor
	start  int       // where that word begins
	quote  bool      // it is in quotes, which begin before start
	silent bool      // the cursor is in a comment
}

// bracket is an open { or [ with the entry that it is the value of, and the keys that stand in it before the cursor.
type bracket struct {
	sign byte
	entry
	keys []string
}

// entry is `key: words`, or `name = words` outside of brackets, as far as it has come.
type entry struct {
	key   string
	sep   bool
	words []string
}

// margin is a line that begins a declaration.
var margin = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[\pL_][\pL\pN_-]*[ \t]*=[ \t]*[\pL_][\pL\pN_.-]*[ \t]*[^\n]*\{`)
})

// scanner reads the text before a cursor.
type scanner struct {
	place
	text  string
	end   int
	at    int
	ended bool // a line end stands behind the entry: a bracket may still belong to it
	reset bool // a declaration at the margin closes what is open
}

// placeAt is the place of an offset. reset says that brackets are missing in the file.
func placeAt(text string, offset int, reset bool) place {
	s := &scanner{text: text, end: offset, reset: reset}
	for s.at < s.end && !s.silent && !s.quote {
		s.next()
	}
	return s.place
}

func (s *scanner) next() {
	c := s.text[s.at]
	if s.lineStart() && s.reset && len(s.open) > 0 && margin().MatchString(s.text[s.at:]) {
		s.open, s.entry = nil, entry{}
	}
	switch {
	case c == '\n' || c == '\r':
		s.at++
		s.ended = true
	case unicode.IsSpace(rune(c)):
		s.at++
	case s.comment():
	case c == '{' || c == '[':
		s.at++
		s.open = append(s.open, bracket{sign: c, entry: s.entry})
		s.entry, s.ended = entry{}, false
	case c == '}' || c == ']':
		s.at++
		s.close()
	case c == ',':
		s.at++
		s.entry, s.ended = entry{}, false
	case c == '=' || c == ':':
		s.at++
		s.separator()
	case c == '"' || c == '\'':
		s.quoted(c)
	default:
		s.word()
	}
	if s.at >= s.end && !s.quote {
		s.start = s.end
		s.unword(c)
	}
}

// unword takes the last word back when the cursor is right behind it: it is still being typed.
func (s *scanner) unword(last byte) {
	n := len(s.words)
	over := strings.IndexByte(" \t\r\n{}[],=:\"'", s.text[s.end-1]) >= 0 && !strings.HasSuffix(s.text[:s.end], "${")
	if n == 0 || over || last == '"' || last == '\'' {
		return
	}
	s.start = s.end - len(s.words[n-1])
	s.words = s.words[:n-1]
}

func (s *scanner) lineStart() bool {
	return s.at == 0 || s.text[s.at-1] == '\n' || s.text[s.at-1] == '\r'
}

// comment moves over a comment.
func (s *scanner) comment() bool {
	rest := s.text[s.at:]
	hash := rest[0] == '#' || strings.HasPrefix(rest, "//")
	if !hash && !strings.HasPrefix(rest, "/*") {
		return false
	}
	if s.at > 0 {
		before, _ := utf8.DecodeLastRuneInString(s.text[:s.at])
		if !unicode.IsSpace(before) && !strings.ContainsRune("\"'}]{", before) {
			return false
		}
	}
	n := strings.IndexAny(rest, "\r\n")
	if !hash {
		if n = strings.Index(rest[2:], "*/"); n >= 0 {
			n += 4
		}
	}
	if n < 0 || s.at+n > s.end || hash && s.at+n == s.end {
		s.silent = true
		return true
	}
	s.at += n
	return true
}

// begin starts a new entry when the one before has ended with its line.
func (s *scanner) begin() {
	if s.ended && (!s.sep || len(s.words) > 0 || len(s.open) > 0 && s.open[len(s.open)-1].sign == '{') {
		s.entry = entry{}
	}
	if n := len(s.open); n > 0 && s.open[n-1].sign == '[' {
		s.entry = entry{}
	}
	s.ended = false
}

func (s *scanner) separator() {
	if n := len(s.words); n > 0 && !s.sep {
		s.key, s.sep, s.words = s.words[n-1], true, nil
		if depth := len(s.open); depth > 0 {
			s.open[depth-1].keys = append(s.open[depth-1].keys, s.key)
		}
	}
	s.ended = false
}

func (s *scanner) close() {
	if n := len(s.open); n > 0 {
		s.entry = s.open[n-1].entry
		s.words = append(s.words, "") // the bracket was its value
		s.open = s.open[:n-1]
	}
	s.ended = true
}

func (s *scanner) quoted(q byte) {
	s.begin()
	for i := s.at + 1; i < len(s.text) && s.text[i] != '\n' && s.text[i] != '\r'; i++ {
		if i >= s.end {
			break
		}
		if s.text[i] == '\\' {
			i++
			continue
		}
		if s.text[i] == q {
			s.words = append(s.words, s.text[s.at+1:i])
			s.at = i + 1
			return
		}
	}
	if line := strings.IndexAny(s.text[s.at:s.end], "\r\n"); line >= 0 {
		s.words = append(s.words, "") // it was never closed
		s.at += line
		return
	}
	s.start, s.quote = s.at+1, true
}

func (s *scanner) word() {
	s.begin()
	value := s.sep || len(s.open) > 0 && s.open[len(s.open)-1].sign == '['
	i := s.at
	for i < s.end && strings.IndexByte(" \t\r\n,]}[=\"'", s.text[i]) < 0 && (s.text[i] != ':' || value) {
		if s.text[i] == '{' && (i == s.at || s.text[i-1] != '$') {
			break
		}
		i++
	}
	s.words = append(s.words, s.text[s.at:max(i, s.at+1)])
	s.at = max(i, s.at+1)
}
