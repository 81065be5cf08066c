package event

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The bits of the known attributes, to refuse a second one of the same name.
const (
	attrSpecVersion = 1 << iota
	attrID
	attrSource
	attrType
	attrSubject
	attrDataContentType
	attrSession
	attrTurn
	attrBase
	attrSeq
	attrAttempt
	attrBranch
	attrStack
	attrTTL
	attrTrace
	attrChain
	attrOrigin
	attrTook
	attrFallback
	attrFallbacks
	attrDropped
	attrUser
	attrCorrelationID
	attrTraceParent
)

// maxUnknown bounds the attributes that ww does not know in one header, and maxName the length of a name.
const (
	maxUnknown = 64
	maxName    = 64
)

// ScanHeader reads the JSON form of a header into h and overwrites it. It is strict where a mistake could hide
// something: UTF-8, no name twice, no nesting, attribute names of CloudEvents only, at most MaxHeader bytes. Attributes
// it does not know are skipped. The strings of h share one copy of b.
func ScanHeader(b []byte, h *Header) error {
	*h = Header{}
	if len(b) > MaxHeader {
		return &HeaderError{At: MaxHeader, What: "longer than " + strconv.Itoa(MaxHeader) + " bytes"}
	}
	if !utf8.Valid(b) {
		return &HeaderError{What: "not UTF-8"}
	}
	s := scanner{s: string(b)}
	if err := s.object(h); err != nil {
		*h = Header{}
		return err
	}
	return nil
}

// scanner walks over one header.
type scanner struct {
	s       string
	i       int
	seen    uint32
	unknown []string // names of skipped attributes, to find repeats
}

func (s *scanner) fail(what string) error { return &HeaderError{At: s.i, What: what} }

func (s *scanner) space() {
	for s.i < len(s.s) && (s.s[s.i] == ' ' || s.s[s.i] == '\t' || s.s[s.i] == '\n' || s.s[s.i] == '\r') {
		s.i++
	}
}

// next skips space and takes c when it is there.
func (s *scanner) next(c byte) bool {
	if s.i < len(s.s) && s.s[s.i] == c {
		s.i++
		return true
	}
	s.space()
	if s.i < len(s.s) && s.s[s.i] == c {
		s.i++
		return true
	}
	return false
}

func (s *scanner) object(h *Header) error {
	if !s.next('{') {
		return s.fail("want an object")
	}
	for first := true; !s.next('}'); first = false {
		if !first && !s.next(',') {
			return s.fail("want a comma or the end of the object")
		}
		name, err := s.name()
		if err != nil {
			return err
		}
		if !s.next(':') {
			return s.fail("want a colon")
		}
		s.space()
		if err := s.attribute(name, h); err != nil {
			return err
		}
	}
	s.space()
	if s.i != len(s.s) {
		return s.fail("something after the object")
	}
	if s.seen&attrSpecVersion == 0 {
		return s.fail(`no "specversion"`)
	}
	return nil
}

// name reads an attribute name: lower-case letters and digits, so there is nothing to unescape.
func (s *scanner) name() (string, error) {
	if !s.next('"') {
		return "", s.fail("want an attribute name")
	}
	rest := s.s[s.i:]
	for i := 0; i < len(rest); i++ { // on locals: this is half of the work
		c := rest[i]
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			continue
		}
		if c != '"' || i == 0 || i > maxName {
			break
		}
		s.i += i + 1
		return rest[:i], nil
	}
	return "", s.fail("attribute names are up to 64 lower-case letters and digits")
}

// attribute reads one value into its place. The switch is a table: it is long because the list of attributes is.
func (s *scanner) attribute(name string, h *Header) error {
	switch name {
	case "specversion":
		return s.version()
	case "id":
		return s.text(attrID, &h.ID)
	case "source":
		return s.text(attrSource, &h.Source)
	case "type":
		return s.text(attrType, &h.Type)
	case "subject":
		return s.text(attrSubject, &h.Subject)
	case "datacontenttype":
		return s.text(attrDataContentType, &h.DataContentType)
	case "wwsession":
		return s.text(attrSession, &h.Session)
	case "wwturn":
		return s.text(attrTurn, &h.Turn)
	case "wwbase":
		return s.text(attrBase, &h.Base)
	case "wwseq":
		return s.seq(&h.Seq)
	case "wwattempt":
		return s.small(attrAttempt, &h.Attempt)
	case "wwbranch":
		return s.text(attrBranch, &h.Branch)
	case "wwstack":
		return s.text(attrStack, &h.Stack)
	case "wwttlms":
		return s.integer(attrTTL, &h.TTL)
	case "wwtrace":
		return s.text(attrTrace, &h.Trace)
	case "wwfallback":
		return s.text(attrFallback, &h.Fallback)
	case "wwfallbacks":
		return s.text(attrFallbacks, &h.Fallbacks)
	case "wwchain":
		return s.text(attrChain, &h.Chain)
	case "wworigin":
		return s.text(attrOrigin, &h.Origin)
	case "wwtookus":
		return s.integer(attrTook, &h.Took)
	case "wwdropped":
		return s.small(attrDropped, &h.Dropped)
	case "wwuser":
		return s.small(attrUser, &h.User)
	case "correlationid":
		return s.text(attrCorrelationID, &h.CorrelationID)
	case "traceparent":
		return s.text(attrTraceParent, &h.TraceParent)
	}
	return s.skip(name)
}

// once marks a known attribute and refuses its second appearance.
func (s *scanner) once(attr uint32) error {
	if s.seen&attr != 0 {
		return s.fail("an attribute appears twice")
	}
	s.seen |= attr
	return nil
}

func (s *scanner) version() error {
	var v string
	if err := s.text(attrSpecVersion, &v); err != nil {
		return err
	}
	if v != specVersion {
		return s.fail("specversion is not 1.0")
	}
	return nil
}

func (s *scanner) text(attr uint32, dst *string) error {
	if err := s.once(attr); err != nil {
		return err
	}
	v, err := s.str()
	*dst = v
	return err
}

func (s *scanner) seq(dst *uint64) error {
	if err := s.once(attrSeq); err != nil {
		return err
	}
	v, err := s.digits()
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		return s.fail("wwseq is not a counting number")
	}
	*dst = n
	return nil
}

func (s *scanner) small(attr uint32, dst *int) error {
	var n int64
	if err := s.integer(attr, &n); err != nil {
		return err
	}
	if n < math.MinInt32 || n > math.MaxInt32 {
		return s.fail("a number that has no 32 bits")
	}
	*dst = int(n)
	return nil
}

func (s *scanner) integer(attr uint32, dst *int64) error {
	if err := s.once(attr); err != nil {
		return err
	}
	v, err := s.digits()
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return s.fail("not an integer of 64 bits")
	}
	*dst = n
	return nil
}

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
