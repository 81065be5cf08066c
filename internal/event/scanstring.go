package event

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a JSON string. Without escapes, the common case, it is a slice of the header.
func (s *scanner) str() (string, error) {
	if s.i >= len(s.s) || s.s[s.i] != '"' {
		return "", s.fail("want a string")
	}
	s.i++
	rest := s.s[s.i:]
	for i := 0; i < len(rest); i++ { // on locals, as in name
		switch c := rest[i]; {
		case c == '"':
			s.i += i + 1
			return rest[:i], nil
		case c == '\\':
			start := s.i
			s.i += i
			return s.escaped(start)
		case c < ' ':
			return "", s.fail("a control character in a string")
		}
	}
	return "", s.fail("a string without an end")
}

// escaped goes on with a string at its first escape.
func (s *scanner) escaped(start int) (string, error) {
	out := make([]byte, 0, len(s.s)-start)
	out = append(out, s.s[start:s.i]...)
	for s.i < len(s.s) {
		c := s.s[s.i]
		s.i++
		switch {
		case c == '"':
			return string(out), nil
		case c < ' ':
			return "", s.fail("a control character in a string")
		case c != '\\':
			out = append(out, c)
			continue
		}
		r, ok := s.escape()
		if !ok {
			return "", s.fail("no such escape")
		}
		out = utf8.AppendRune(out, r)
	}
	return "", s.fail("a string without an end")
}

// escape reads what follows a backslash. A lone surrogate becomes U+FFFD, as in encoding/json.
func (s *scanner) escape() (rune, bool) {
	if s.i >= len(s.s) {
		return 0, false
	}
	c := s.s[s.i]
	s.i++
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		return s.surrogate()
	}
	return 0, false
}

func (s *scanner) surrogate() (rune, bool) {
	r, ok := s.hex4(s.i)
	if !ok {
		return 0, false
	}
	s.i += 4
	if !utf16.IsSurrogate(r) {
		return r, true
	}
	if strings.HasPrefix(s.s[s.i:], `\u`) {
		if low, ok := s.hex4(s.i + 2); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				s.i += 6
				return pair, true
			}
		}
	}
	return utf8.RuneError, true
}

func (s *scanner) hex4(at int) (rune, bool) {
	if at+4 > len(s.s) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s.s[at : at+4]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
