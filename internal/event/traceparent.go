package event

import (
	"crypto/rand"
	"encoding/hex"
	"hash/fnv"
)

// A traceparent is version 00 of the W3C's: 00-<trace>-<span>-<flags>, lower-case hex digits of 16, 8 and 1 bytes.
const (
	traceAt = 3
	spanAt  = 36
	flagsAt = 53
	spanLen = 16
	fullLen = 55
)

// NewTraceParent begins a trace. Whoever asks for a turn makes one.
func NewTraceParent() string {
	var b [24]byte
	rand.Read(b[:])
	h := hex.EncodeToString(b[:])
	return "00-" + h[:32] + "-" + h[32:] + "-01"
}

// NextSpan is the traceparent that a hop passes on: the same trace, and a span of its own that follows from the one it
// got and its name. So a hop that runs again has the same span, and the spans of a whole turn are known from its first
// traceparent and its hops. What is no traceparent gives none.
func NextSpan(traceparent, component string) string {
	if !validTraceParent(traceparent) {
		return ""
	}
	h := fnv.New64a()
	h.Write([]byte(traceparent[spanAt : spanAt+spanLen]))
	h.Write([]byte(component))
	sum := h.Sum(make([]byte, 0, 8))
	if string(sum) == "\x00\x00\x00\x00\x00\x00\x00\x00" {
		sum[7] = 1 // all zeros means no span
	}
	b := make([]byte, 0, fullLen)
	b = append(b, traceparent[:spanAt]...)
	b = hex.AppendEncode(b, sum)
	return string(append(b, traceparent[flagsAt-1:]...))
}

// TraceID is the trace of a traceparent, or nothing.
func TraceID(traceparent string) string {
	if !validTraceParent(traceparent) {
		return ""
	}
	return traceparent[traceAt : traceAt+32]
}

// SpanID is the span of a traceparent, or nothing.
func SpanID(traceparent string) string {
	if !validTraceParent(traceparent) {
		return ""
	}
	return traceparent[spanAt : spanAt+spanLen]
}

func validTraceParent(s string) bool {
	if len(s) != fullLen || s[:3] != "00-" || s[spanAt-1] != '-' || s[flagsAt-1] != '-' {
		return false
	}
	trace, span := false, false
	for i := range len(s) {
		c := s[i]
		if i == 2 || i == spanAt-1 || i == flagsAt-1 {
			continue
		}
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
		trace = trace || c != '0' && i >= traceAt && i < spanAt-1
		span = span || c != '0' && i >= spanAt && i < flagsAt-1
	}
	return trace && span // all zeros is forbidden
}
