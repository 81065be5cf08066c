package diag

import (
	"strings"
	"testing"
)

func TestAListKeepsTheFirstThousandOfEachSeverityAndSaysSo(t *testing.T) {
	t.Parallel()
	var l List
	var seen Tally
	for i := range 3 * Most {
		l.Keep(Diagnostic{Code: "W_X", Severity: Warning, Span: Span{Start: Pos{Line: i + 1}}}, &seen)
	}
	l.Keep(Diagnostic{Code: "E_X", Severity: Error}, &seen)
	if len(l) != Most+1 || !l.HasErrors() {
		t.Fatalf("%d problems, errors: %v", len(l), l.HasErrors())
	}
	if last := l[Most-1]; !strings.Contains(last.Detail, "more warnings") || strings.Count(last.Detail, "more") != 1 {
		t.Errorf("the last one says %q", last.Detail)
	}
}

// TestOfALineOfMegabytesTheSurroundingsAreShown also holds that the time for it does not grow with the line.
func TestOfALineOfMegabytesTheSurroundingsAreShown(t *testing.T) {
	t.Parallel()
	for _, around := range []string{"x", "é", "語"} {
		src := strings.Repeat(around+" ", 1<<20) + "HERE" + strings.Repeat(" "+around, 1<<20) + "\nnext line"
		off := strings.Index(src, "HERE")
		s := Sources{"a.ww": []byte(src)}
		at := Span{File: "a.ww", Start: Pos{Offset: off, Line: 1, Col: 1}, End: Pos{Offset: off + 4, Line: 1, Col: 5}}
		for range 1000 {
			x, ok := s.excerpt(at, 80)
			under := ""
			if cells := []rune(x.text); ok && around != "語" && len(cells) >= x.start+x.width {
				under = string(cells[x.start : x.start+x.width])
			}
			if !ok || x.width != 4 || around != "語" && under != "HERE" || !strings.HasPrefix(x.text, "…") || !strings.HasSuffix(x.text, "…") {
				t.Fatalf("%+v", x)
			}
		}
	}
}
