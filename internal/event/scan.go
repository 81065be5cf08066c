package event

import (
	"math"
	"strconv"
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
