package event

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The bounds of a trace, so that a long chain with long errors still fits into a header.
const (
	MaxTrace    = 10 << 10 // bytes of a whole trace
	maxHopError = 200      // bytes of one hop's error
)

// hopFields is the number of fields of a hop in a trace; one that used a model has two more before its error, one whose
// calls were answered by fallbacks has one more at the end.
const (
	hopFields   = 10
	modelFields = hopFields + 2
)

// handedOn stands in the place of the fallbacks of a hop that handed on: it makes no calls.
const handedOn = "*"

// AppendHop adds a finished hop to a trace. A trace is text: hops end with a semicolon, their fields are separated by
// commas, times are whole microseconds, and bytes that would be misread are written as %XX. A hop that does not fit
// into MaxTrace is left out.
func AppendHop(trace string, h Hop) string {
	b := make([]byte, 0, len(trace)+len(h.Component)+len(h.Instance)+len(h.Parent)+len(h.Error)+64)
	b = append(b, trace...)
	b = appendField(b, h.Component)
	b = appendField(b, h.Instance)
	b = strconv.AppendInt(b, int64(h.Generation), 10)
	b = append(b, ',')
	b = strconv.AppendInt(b, int64(h.Attempt), 10)
	b = append(b, ',')
	b = appendField(b, h.Parent)
	b = appendMicros(b, h.QueueMS)
	b = appendMicros(b, h.ServiceMS)
	b = strconv.AppendInt(b, int64(h.BytesIn), 10)
	b = append(b, ',')
	b = strconv.AppendInt(b, int64(h.BytesOut), 10)
	b = append(b, ',')
	if h.Tokens > 0 || h.Cost > 0 {
		b = strconv.AppendInt(b, int64(h.Tokens), 10)
		b = append(b, ',')
		b = strconv.AppendInt(b, int64(math.Round(max(0, h.Cost)*1e6)), 10) // millionths of a dollar
		b = append(b, ',')
	}
	b = appendField(b, cut(h.Error, maxHopError))
	switch {
	case h.HandedOn:
		b = appendField(b, handedOn)
	case h.Fallbacks != "":
		b = appendField(b, cut(h.Fallbacks, maxHopError))
	}
	b[len(b)-1] = ';'
	if len(b) > MaxTrace {
		return trace
	}
	return string(b)
}

// cut shortens s to at most n bytes, not in the middle of a rune.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func appendMicros(b []byte, ms float64) []byte {
	us := math.Round(ms * 1000)
	if !(us > 0) { // also catches NaN
		us = 0
	}
	b = strconv.AppendInt(b, int64(min(us, 1e15)), 10)
	return append(b, ',')
}

// appendField appends text and a comma. Quotes, backslashes and control characters are written as %XX too, so that
// the trace grows no second layer of escapes in the header.
func appendField(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c == ',', c == ';', c == '%', c == '"', c == '\\', c >= 0x7f && !utf8.ValidString(s):
			b = append(b, '%', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, ',')
}

// CountHops is the number of hops in a trace.
func CountHops(trace string) int { return strings.Count(trace, ";") }

// ParseHops reads a trace. What is not a hop is left out.
func ParseHops(trace string) []Hop {
	var hops []Hop
	for part := range strings.SplitSeq(trace, ";") {
		if h, ok := parseHop(part); ok {
			hops = append(hops, h)
		}
	}
	return hops
}

func parseHop(s string) (Hop, bool) {
	f := strings.Split(s, ",")
	fallbacks := ""
	if len(f) == hopFields+1 || len(f) == modelFields+1 {
		fallbacks, f = unescapeField(f[len(f)-1]), f[:len(f)-1]
	}
	tokens, micros := 0, 0
	switch len(f) {
	case hopFields:
	case modelFields:
		var err, err2 error
		tokens, err = strconv.Atoi(f[9])
		micros, err2 = strconv.Atoi(f[10])
		if err != nil || err2 != nil {
			return Hop{}, false
		}
	default:
		return Hop{}, false
	}
	var n [6]int
	for i, at := range [6]int{2, 3, 5, 6, 7, 8} {
		v, err := strconv.Atoi(f[at])
		if err != nil {
			return Hop{}, false
		}
		n[i] = v
	}
	return Hop{
		Component:  unescapeField(f[0]),
		Instance:   unescapeField(f[1]),
		Generation: n[0],
		Attempt:    n[1],
		Parent:     unescapeField(f[4]),
		QueueMS:    float64(n[2]) / 1000,
		ServiceMS:  float64(n[3]) / 1000,
		BytesIn:    n[4],
		BytesOut:   n[5],
		Error:      unescapeField(f[len(f)-1]),
		Tokens:     tokens,
		Cost:       float64(micros) / 1e6,
		Fallbacks:  strings.TrimPrefix(fallbacks, handedOn),
		HandedOn:   fallbacks == handedOn,
	}, true
}

func unescapeField(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(v))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// HopTimes are the times of the first hop of a trace, without reading the rest.
func HopTimes(trace string) (queue, service time.Duration, ok bool) {
	rest := trace
	for range 5 {
		if _, rest, ok = strings.Cut(rest, ","); !ok {
			return 0, 0, false
		}
	}
	q, rest, _ := strings.Cut(rest, ",")
	s, _, ok := strings.Cut(rest, ",")
	queued, err := strconv.ParseInt(q, 10, 64)
	took, err2 := strconv.ParseInt(s, 10, 64)
	if !ok || err != nil || err2 != nil {
		return 0, 0, false
	}
	return time.Duration(queued) * time.Microsecond, time.Duration(took) * time.Microsecond, true
}
