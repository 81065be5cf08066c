package event

import (
	"strings"
	"testing"
)

const aTraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

func TestEveryTraceIsAnother(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		tp := NewTraceParent()
		if !validTraceParent(tp) || seen[TraceID(tp)] {
			t.Fatalf("%q is no new traceparent", tp)
		}
		seen[TraceID(tp)] = true
	}
}

func TestASpanFollowsFromWhatAHopGot(t *testing.T) {
	in, llm := NextSpan(aTraceParent, "in"), NextSpan(aTraceParent, "llm")
	for _, tp := range []string{in, llm} {
		if !validTraceParent(tp) || TraceID(tp) != TraceID(aTraceParent) || !strings.HasSuffix(tp, "-01") {
			t.Errorf("%q does not go on with %q", tp, aTraceParent)
		}
	}
	if in == llm || SpanID(in) == SpanID(aTraceParent) {
		t.Errorf("spans are the same: %s %s", in, llm)
	}
	if again := NextSpan(aTraceParent, "in"); again != in {
		t.Errorf("a hop that runs again has span %s, had %s", again, in)
	}
	if NextSpan(in, "in") == in {
		t.Error("a hop that comes twice has one span")
	}
}

func TestWhatIsNoTraceParentIsNotPassedOn(t *testing.T) {
	for name, tp := range map[string]string{
		"nothing":       "",
		"short":         aTraceParent[:54],
		"long":          aTraceParent + "-00",
		"version":       "01" + aTraceParent[2:],
		"capitals":      strings.ToUpper(aTraceParent),
		"zero trace":    "00-" + strings.Repeat("0", 32) + aTraceParent[35:],
		"zero span":     aTraceParent[:36] + strings.Repeat("0", 16) + "-01",
		"other dash":    strings.Replace(aTraceParent, "6-0", "6_0", 1),
		"control bytes": strings.Replace(aTraceParent, "f9", "\n\n", 1),
	} {
		t.Run(name, func(t *testing.T) {
			if got := NextSpan(tp, "in") + TraceID(tp) + SpanID(tp); got != "" {
				t.Errorf("%q gave %q", tp, got)
			}
		})
	}
}
