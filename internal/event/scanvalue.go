package event

import (
	"strings"
)

// digits reads an integer, written as a number or as a string of digits.
func (s *scanner) digits() (string, error) {
	var v string
	if s.i < len(s.s) && s.s[s.i] == '"' {
		var err error
		if v, err = s.str(); err != nil {
			return "", err
		}
	} else {
		start := s.i
		for s.i < len(s.s) && (s.s[s.i] == '-' || s.s[s.i] >= '0' && s.s[s.i] <= '9') {
			s.i++
		}
		v = s.s[start:s.i]
	}
	if !isInteger(v) {
		return "", s.fail("want an integer")
	}
	return v, nil
}

// isInteger says whether v is an integer as JSON writes it: no plus, no leading zero.
func isInteger(v string) bool {
	d := strings.TrimPrefix(v, "-")
	if d == "" || len(d) > 1 && d[0] == '0' {
		return false
	}
	for i := range len(d) {
		if d[i] < '0' || d[i] > '9' {
			return false
		}
	}
	return true
}

// skip passes over the value of an attribute that ww does not know.
func (s *scanner) skip(name string) error {
	for _, n := range s.unknown {
		if n == name {
			return s.fail("an attribute appears twice")
		}
	}
	if len(s.unknown) == maxUnknown {
		return s.fail("too many attributes")
	}
	s.unknown = append(s.unknown, name)
	if s.i >= len(s.s) {
		return s.fail("want a value")
	}
	if s.s[s.i] == '"' {
		_, err := s.str()
		return err
	}
	for _, word := range []string{"true", "false", "null"} {
		if strings.HasPrefix(s.s[s.i:], word) {
			s.i += len(word)
			return nil
		}
	}
	return s.number()
}

// number passes over a JSON number.
func (s *scanner) number() error {
	start := s.i
	for s.i < len(s.s) && strings.IndexByte("+-.eE0123456789", s.s[s.i]) >= 0 {
		s.i++
	}
	if !isNumber(s.s[start:s.i]) {
		return s.fail("attribute values are strings, numbers and booleans")
	}
	return nil
}

// isNumber says whether v has the form of a JSON number.
func isNumber(v string) bool {
	mantissa, exp, hasExp := v, "", false
	if at := strings.IndexAny(v, "eE"); at >= 0 {
		mantissa, exp, hasExp = v[:at], v[at+1:], true
	}
	whole, frac, hasFrac := strings.Cut(mantissa, ".")
	if !isInteger(whole) || hasFrac && !allDigits(frac) {
		return false
	}
	if hasExp && exp != "" && (exp[0] == '+' || exp[0] == '-') {
		exp = exp[1:]
	}
	return !hasExp || allDigits(exp)
}

func allDigits(v string) bool {
	return v != "" && strings.Trim(v, "0123456789") == ""
}
