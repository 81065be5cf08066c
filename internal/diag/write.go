package diag

import (
	"fmt"
	"io"
	"strings"
)

// Write renders the list for people: what is wrong, an excerpt with a caret under it, and what to do.
//
// width is the width of the terminal, 0 when there is none; text is wrapped and long lines are cut to fit. Color
// adds ANSI colours and changes nothing else. A source that is missing from src just goes without excerpt.
func Write(w io.Writer, src Sources, l List, width int, color bool) error {
	out := &sticky{w: w}
	for i, d := range l {
		if i > 0 {
			out.print("\n")
		}
		p := printer{src: src, width: width, color: color, gutter: gutterOf(d)}
		p.diagnostic(d)
		out.print(p.text.String())
	}
	return out.err
}

// WriteShort renders the list with one line a diagnostic, as editors and scripts read it.
func WriteShort(w io.Writer, l List) error {
	out := &sticky{w: w}
	for _, d := range l {
		out.print(d.String() + "\n")
	}
	return out.err
}

// sticky remembers the first error of a writer and writes nothing after it.
type sticky struct {
	w   io.Writer
	err error
}

func (s *sticky) print(text string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.w, text)
	}
}

// The colours, as ANSI parameters.
const (
	red    = "1;31"
	yellow = "1;33"
	blue   = "34"
	bold   = "1"
)

// printer renders one diagnostic.
type printer struct {
	text   strings.Builder
	src    Sources
	width  int
	color  bool
	gutter int // width of the line numbers
}

// gutterOf is the width of the widest line number that d shows.
func gutterOf(d Diagnostic) int {
	line := d.Span.Start.Line
	for _, r := range d.Related {
		line = max(line, r.Span.Start.Line)
	}
	return max(2, len(fmt.Sprint(line)))
}

func (p *printer) diagnostic(d Diagnostic) {
	hue := red
	if d.Severity == Warning {
		hue = yellow
	}
	head := fmt.Sprintf("%s[%s]", d.Severity, d.Code)
	lines := wrap(clean(d.Summary), p.room(0), cells(head)+2)
	p.line(p.paint(hue, head) + p.paint(bold, ": "+lines[0]))
	for _, line := range lines[1:] {
		p.line(p.paint(bold, "  "+line))
	}
	p.place(d.Span, "^", hue, d.Label)
	for _, r := range d.Related {
		p.place(r.Span, "-", blue, r.Message)
	}
	p.note(d.Detail)
}

// place shows where a span is, with the line it is in and its label under it.
func (p *printer) place(at Span, mark, hue, label string) {
	if where := at.String(); where != "" {
		p.side("┌─", " "+clean(where))
	}
	x, ok := p.src.excerpt(at, p.room(p.gutter+3))
	if !ok {
		p.note(label)
		return
	}
	p.line(p.paint(blue, fmt.Sprintf("%*d │", p.gutter, at.Start.Line)) + pad(x.text))
	under := strings.Repeat(" ", x.start) + p.paint(hue, strings.Repeat(mark, x.width))
	label = clean(label)
	if used := p.gutter + 3 + x.start + x.width + 1; label != "" && p.fits(used+cells(label)) {
		p.side("│", " "+under+" "+p.paint(hue, label))
		return
	}
	p.side("│", " "+under)
	for _, line := range wrap(label, p.room(p.gutter+3), 0) {
		if line != "" {
			p.side("│", " "+p.paint(hue, line))
		}
	}
}

// note shows text that belongs to the diagnostic as a whole. It may have several lines.
func (p *printer) note(text string) {
	if text == "" {
		return
	}
	sign := "="
	for part := range strings.Lines(text) {
		for _, line := range wrap(clean(strings.TrimRight(part, "\r\n")), p.room(p.gutter+3), 0) {
			p.side(sign, " "+line)
			sign = " "
		}
	}
}

// side writes a line whose gutter holds a sign instead of a number.
func (p *printer) side(sign, text string) {
	p.line(strings.Repeat(" ", p.gutter+1) + p.paint(blue, sign) + text)
}

func (p *printer) line(text string) {
	p.text.WriteString(strings.TrimRight(text, " "))
	p.text.WriteByte('\n')
}

func (p *printer) paint(hue, text string) string {
	if !p.color || text == "" {
		return text
	}
	return "\x1b[" + hue + "m" + text + "\x1b[0m"
}

// room is how many cells are left beside used ones, 0 when there is no limit.
func (p *printer) room(used int) int {
	if p.width <= 0 {
		return 0
	}
	return max(p.width-used, 16) // below this nothing can be read anyway
}

func (p *printer) fits(n int) bool { return p.width <= 0 || n <= p.width }

func pad(text string) string {
	if text == "" {
		return ""
	}
	return " " + text
}

// wrap breaks text at blanks into lines of at most width cells (0: one line), of which the first one has
// taken cells less. There is always one line.
func wrap(text string, width, taken int) []string {
	if width == 0 || taken+cells(text) <= width {
		return []string{text}
	}
	var lines []string
	line, used := "", taken
	for _, word := range strings.Fields(text) {
		n := cells(word)
		if line != "" && used+1+n > width {
			lines = append(lines, line)
			line, used = "", 2
		}
		if line != "" {
			line += " "
			used++
		}
		line += word
		used += n
	}
	return append(lines, line)
}
