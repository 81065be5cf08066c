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
	// NotAsked are the turns behind the one at which it ended.
	NotAsked []RanTurn `json:"not_asked,omitempty"`
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

// counts are the attributes of a suite that say how it went.
type counts struct {
	tests, failures, errors, skipped int
	took                             float64 // ms
}

func (c counts) String() string {
	return fmt.Sprintf(`tests="%d" failures="%d" errors="%d" skipped="%d" time="%.3f"`, c.tests, c.failures, c.errors, c.skipped, c.took/1000)
}

func (r Ran) counts() counts {
	c := counts{tests: len(r.Turns) + len(r.NotAsked), skipped: len(r.NotAsked)}
	for _, t := range r.Turns {
		c.took += t.TookMS
		if !t.OK {
			c.failures++
		}
	}
	if r.Error != "" {
		c.tests++
		c.errors++
	}
	return c
}

// JUnit writes what ran in the form that build servers read. A case has one failure with all that did not hold: many
// readers show no more than one, and of it only the message.
func JUnit(w io.Writer, all []Ran) error {
	var b strings.Builder
	var sum counts
	for _, r := range all {
		c := r.counts()
		sum = counts{sum.tests + c.tests, sum.failures + c.failures, sum.errors + c.errors, sum.skipped + c.skipped, sum.took + c.took}
	}
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ww test\" %s>\n", sum)
	for _, r := range all {
		fmt.Fprintf(&b, "  <testsuite name=\"%s\" %s>\n", escaped(r.File+" ("+r.Mode+")"), r.counts())
		for _, t := range r.Turns {
			fmt.Fprintf(&b, "    <testcase %s time=\"%.3f\">", r.named(t), t.TookMS/1000)
			if len(t.Failures) > 0 {
				fmt.Fprintf(&b, "<failure message=\"%s\" type=\"%s\">%s</failure>", escaped(t.summary()), escaped(t.Failures[0].Expected), escaped(t.details(r.File)))
			}
			b.WriteString("</testcase>\n")
		}
		if r.Error != "" {
			fmt.Fprintf(&b, "    <testcase classname=\"%s\" name=\"the app\" file=\"%s\" time=\"0.000\"><error message=\"%s\" type=\"app\">%s</error></testcase>\n",
				escaped(r.File+" ("+r.Mode+")"), escaped(r.File), escaped(firstLine(r.Error)), escaped(r.Error))
		}
		for _, t := range r.NotAsked {
			fmt.Fprintf(&b, "    <testcase %s time=\"0.000\"><skipped message=\"it was not asked\"></skipped></testcase>\n", r.named(t))
		}
		b.WriteString("  </testsuite>\n")
	}
	b.WriteString("</testsuites>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// named are the attributes of a case that say which one it is.
func (r Ran) named(t RanTurn) string {
	return fmt.Sprintf(`classname="%s" name="%s" file="%s" line="%d"`,
		escaped(r.File+" ("+r.Mode+")"), escaped(t.name()), escaped(r.File), t.Line)
}

// name is the turn in one line.
func (t RanTurn) name() string {
	const most = 120
	ask := []rune(strings.Join(strings.Fields(t.Ask), " "))
	if len(ask) > most {
		ask = append(ask[:most], '…')
	}
	return fmt.Sprintf("turn %d: %s", t.Turn, string(ask))
}

// summary is what did not hold, in one line.
func (t RanTurn) summary() string {
	f := t.Failures[0]
	want, got := Compared(f.Want, f.Got)
	text := fmt.Sprintf("%s: want %s, got %s", f.Expected, want, got)
	if n := len(t.Failures) - 1; n > 0 {
		text += fmt.Sprintf(", and %d more did not hold", n)
	}
	return text
}

// details is all that did not hold.
func (t RanTurn) details(file string) string {
	var b strings.Builder
	for i, f := range t.Failures {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s:%d: %s\nwant  %s\ngot   %s\n", file, f.Line, f.Expected, f.Want, f.Got)
	}
	return b.String()
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
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
		case r == '\n', r == '\t', r == '\r':
			fmt.Fprintf(&b, "&#%d;", r)
		case r < ' ' || r == 0xfffe || r == 0xffff:
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
