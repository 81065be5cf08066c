package rehearsal

import (
	"fmt"
	"io"
	"strings"
)

// Ran is how a file went in one mode.
type Ran struct {
	File  string    `json:"file"`
	Mode  string    `json:"mode"`
	OK    bool      `json:"ok"`
	Error string    `json:"error,omitempty"` // why the turns could not be asked
	Turns []RanTurn `json:"turns"`
}

// RanTurn is how a turn went.
type RanTurn struct {
	Turn     int       `json:"turn"` // from 1
	Line     int       `json:"line"`
	Ask      string    `json:"ask"`
	OK       bool      `json:"ok"`
	Status   string    `json:"status"`
	Answer   string    `json:"answer"`
	Error    string    `json:"error,omitempty"`
	Chain    []string  `json:"chain"`
	Tools    []Called  `json:"tools"`
	TookMS   float64   `json:"took_ms"`
	Failures []Failure `json:"failures"`
}

// JUnit writes what ran in the form that build servers read.
func JUnit(w io.Writer, all []Ran) error {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n")
	for _, r := range all {
		failed, errors, took := 0, 0, 0.0
		for _, t := range r.Turns {
			took += t.TookMS
			if !t.OK {
				failed++
			}
		}
		cases := len(r.Turns)
		if r.Error != "" {
			errors, cases = 1, cases+1
		}
		fmt.Fprintf(&b, "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"%d\" time=\"%.3f\">\n", escaped(r.File+" ("+r.Mode+")"), cases, failed, errors, took/1000)
		if r.Error != "" {
			fmt.Fprintf(&b, "    <testcase classname=\"%s\" name=\"start\"><error message=\"%s\"></error></testcase>\n", escaped(r.File), escaped(r.Error))
		}
		for _, t := range r.Turns {
			fmt.Fprintf(&b, "    <testcase classname=\"%s\" name=\"%s\" time=\"%.3f\">", escaped(r.File+" ("+r.Mode+")"), escaped(fmt.Sprintf("turn %d: %s", t.Turn, t.Ask)), t.TookMS/1000)
			for _, f := range t.Failures {
				fmt.Fprintf(&b, "<failure message=\"%s\" type=\"%s\">%s</failure>", escaped(f.Expected+" is not what was expected"), escaped(f.Expected),
					escaped(fmt.Sprintf("%s:%d: want %s\ngot %s", r.File, t.Line, f.Want, f.Got)))
			}
			b.WriteString("</testcase>\n")
		}
		b.WriteString("  </testsuite>\n")
	}
	b.WriteString("</testsuites>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// escaped is a text as XML has it. What XML cannot hold is left out.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\n', r == '\t':
			fmt.Fprintf(&b, "&#%d;", r)
		case r < ' ' || r == 0xfffe || r == 0xffff:
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
