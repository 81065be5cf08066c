package pdftext

import (
	"bytes"
	"strconv"
)

// The values of a PDF: nil, bool, float64, name, text, []any, dict, ref, and stream.
type (
	name string
	text string
	dict map[string]any
	ref  int
	word string // what is none of these: an operator
)

// stream is a dict with bytes.
type stream struct {
	dict dict
	raw  []byte
}

// lexer reads values.
type lexer struct {
	b []byte
	i int
}

func isSpace(c byte) bool {
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' '
}

func isDelim(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (l *lexer) space() {
	for l.i < len(l.b) {
		switch c := l.b[l.i]; {
		case isSpace(c):
			l.i++
		case c == '%':
			for l.i < len(l.b) && l.b[l.i] != '\n' && l.b[l.i] != '\r' {
				l.i++
			}
		default:
			return
		}
	}
}

// value reads the next value; ok is false at the end.
func (l *lexer) value(depth int) (v any, ok bool) {
	l.space()
	if l.i >= len(l.b) || depth > maxDepth {
		return nil, false
	}
	switch c := l.b[l.i]; {
	case c == '/':
		return l.name(), true
	case c == '(':
		return l.literal(), true
	case c == '<' && l.i+1 < len(l.b) && l.b[l.i+1] == '<':
		l.i += 2
		return l.dict(depth), true
	case c == '<':
		return l.hex(), true
	case c == '[':
		l.i++
		return l.array(depth), true
	case c == ']', c == '>', c == ')', c == '{', c == '}':
		l.i++
		return word(c), true
	default:
		return l.atom(), true
	}
}

// atom is a number, a reference or a word.
func (l *lexer) atom() any {
	w := l.token()
	n, err := strconv.ParseFloat(w, 64)
	switch {
	case w == "true" || w == "false":
		return w == "true"
	case w == "null":
		return nil
	case err != nil:
		return word(w)
	}
	if n >= 0 && n == float64(int(n)) { // "12 0 R"
		at := l.i
		l.space()
		if l.token() != "" {
			l.space()
			if l.i < len(l.b) && l.b[l.i] == 'R' && (l.i+1 == len(l.b) || isSpace(l.b[l.i+1]) || isDelim(l.b[l.i+1])) {
				if _, err := strconv.Atoi(string(bytes.TrimSpace(l.b[at:l.i]))); err == nil {
					l.i++
					return ref(int(n))
				}
			}
		}
		l.i = at
	}
	return n
}

func (l *lexer) token() string {
	from := l.i
	for l.i < len(l.b) && !isSpace(l.b[l.i]) && !isDelim(l.b[l.i]) {
		l.i++
	}
	return string(l.b[from:l.i])
}

func (l *lexer) name() name {
	l.i++
	w := l.token()
	if !bytes.ContainsRune([]byte(w), '#') {
		return name(w)
	}
	var out []byte
	for i := 0; i < len(w); i++ {
		if w[i] == '#' && i+2 < len(w) {
			if n, err := strconv.ParseUint(w[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, w[i])
	}
	return name(out)
}

func (l *lexer) dict(depth int) dict {
	d := dict{}
	for {
		k, ok := l.value(depth + 1)
		if !ok {
			return d
		}
		if k == word(">") {
			if l.i < len(l.b) && l.b[l.i] == '>' {
				l.i++
			}
			return d
		}
		key, isName := k.(name)
		if !isName {
			continue
		}
		v, ok := l.value(depth + 1)
		if !ok {
			return d
		}
		if v == word(">") { // a key without a value
			l.i--
			continue
		}
		d[string(key)] = v
	}
}

func (l *lexer) array(depth int) []any {
	var out []any
	for {
		v, ok := l.value(depth + 1)
		if !ok || v == word("]") {
			return out
		}
		out = append(out, v)
	}
}

// literal is a text in parentheses.
func (l *lexer) literal() text {
	var out []byte
	depth := 0
	for ; l.i < len(l.b); l.i++ {
		c := l.b[l.i]
		switch c {
		case '(':
			depth++
			if depth == 1 {
				continue
			}
		case ')':
			depth--
			if depth == 0 {
				l.i++
				return text(out)
			}
		case '\\':
			out = l.escape(out)
			continue
		}
		out = append(out, c)
	}
	return text(out)
}

// escape reads what follows a backslash; it ends at the last byte of it.
func (l *lexer) escape(out []byte) []byte {
	l.i++
	if l.i >= len(l.b) {
		return out
	}
	switch c := l.b[l.i]; c {
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'b', 'f', '\n':
		return out
	case '\r':
		if l.i+1 < len(l.b) && l.b[l.i+1] == '\n' {
			l.i++
		}
		return out
	default:
		if c < '0' || c > '7' {
			return append(out, c)
		}
		n, k := 0, 0
		for ; k < 3 && l.i+k < len(l.b) && l.b[l.i+k] >= '0' && l.b[l.i+k] <= '7'; k++ {
			n = n*8 + int(l.b[l.i+k]-'0')
		}
		l.i += k - 1
		return append(out, byte(n))
	}
}

// hex is a text in angle brackets.
func (l *lexer) hex() text {
	l.i++
	var digits []byte
	for ; l.i < len(l.b) && l.b[l.i] != '>'; l.i++ {
		if c := l.b[l.i]; c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' {
			digits = append(digits, c)
		}
	}
	l.i++
	return text(unhex(digits))
}

func unhex(digits []byte) []byte {
	if len(digits)%2 == 1 {
		digits = append(digits, '0')
	}
	out := make([]byte, 0, len(digits)/2)
	for i := 0; i+1 < len(digits); i += 2 {
		n, err := strconv.ParseUint(string(digits[i:i+2]), 16, 8)
		if err != nil {
			break
		}
		out = append(out, byte(n))
	}
	return out
}
