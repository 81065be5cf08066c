// Package markdown turns the Markdown that models write into lines of a width, as far as a reader needs it: paragraphs,
// quotes and list items are wrapped, headings, emphasis, code and links stand out, tables have columns, code is left alone.
//
// It is written here because every component is a process of this binary: a general parser works before main begins, in each
// of them, and a streamed answer would be parsed again for each of its pieces.
package markdown

import (
	"strings"

	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Flow is a text that may still grow: finished source lines are drawn once, only the last, unfinished one is drawn again, and a
// table as long as rows are added to it. It is a value: Add returns another one.
type Flow struct {
	theme *theme.Theme
	w     int
	seen  string // everything that was added
	lines []string
	rest  string   // the unfinished line
	fence string   // what ends the code that this is inside of
	rows  []string // source lines that are a table, or the first line of one
}

// New is an empty text of w columns.
func New(t *theme.Theme, w int) Flow { return Flow{theme: t, w: max(1, w)} }

// Seen is everything that was added.
func (f Flow) Seen() string { return f.seen }

// Drawn says that the flow draws with this look.
func (f Flow) Drawn(t *theme.Theme) bool { return f.theme == t }

// Add appends text.
func (f Flow) Add(text string) Flow {
	f.seen += text
	text = f.rest + text
	for {
		line, rest, found := strings.Cut(text, "\n")
		if !found {
			f.rest = text
			return f
		}
		f = f.line(line)
		text = rest
	}
}

// All are the lines including those that may still change.
func (f Flow) All() []string {
	if f.rest != "" {
		f = f.line(f.rest)
	}
	return f.flush().lines
}

// line takes one source line.
func (f Flow) line(s string) Flow {
	s = kit.CleanLine(strings.TrimRight(s, " \t\r"))
	if f.fence == "" && isRow(s) && (len(f.rows) != 1 || isDivider(s, f.rows[0])) {
		// Two flows may have grown from the same one; neither may write into the other's rows or lines.
		f.rows = append(f.rows[:len(f.rows):len(f.rows)], s)
		return f
	}
	f = f.flush()
	if f.fence == "" && isRow(s) {
		f.rows = []string{s}
		return f
	}
	return f.text(s)
}

// flush draws the rows that are held back: a table, or a line that might have begun one.
func (f Flow) flush() Flow {
	rows := f.rows
	f.rows = nil
	switch len(rows) {
	case 0:
		return f
	case 1:
		return f.text(rows[0])
	}
	return f.put(table(f.theme, rows, f.w)...)
}

func (f Flow) put(drawn ...string) Flow {
	f.lines = append(f.lines[:len(f.lines):len(f.lines)], drawn...)
	return f
}

// text draws a source line that is no row of a table.
func (f Flow) text(s string) Flow {
	if mark := fence(s); mark != "" && (f.fence == "" || closes(s, f.fence)) {
		if f.fence != "" {
			mark = ""
		}
		f.fence = mark
		return f
	}
	switch title := strings.TrimLeft(s, "#"); {
	case f.fence != "":
		return f.put(f.code(s)...)
	case len(title) < len(s) && len(s)-len(title) <= 6 && strings.HasPrefix(title, " "):
		return f.put(f.heading(strings.TrimSpace(title))...)
	case isRule(s):
		return f.put(f.theme.Dim.Paint(strings.Repeat(f.theme.Box.Across, f.w)))
	}
	lead, rest := quote(s)
	return f.put(f.paragraph(lead, rest)...)
}

// heading is bold as a whole: the marks in it would take that back.
func (f Flow) heading(s string) []string {
	text, _ := inline(f.theme, s)
	lines := kit.Wrap(text, f.w)
	for i, l := range lines {
		lines[i] = f.theme.Strong.Paint(l)
	}
	return lines
}

// paragraph is a line of text behind the marks of a quote, if it is one.
func (f Flow) paragraph(depth int, s string) []string {
	lead := strings.Repeat("> ", depth)
	text, spans := inline(f.theme, s)
	lines := paint(f.theme, hang(text, max(1, f.w-len(lead))), text, spans)
	for i, l := range lines {
		lines[i] = f.theme.Dim.Paint(lead) + l
	}
	return lines
}

// code is a line of code behind a bar. A long one is broken anywhere: code must not be cut.
func (f Flow) code(s string) []string {
	bar := f.theme.Dim.Paint(f.theme.Box.Down) + " "
	var lines []string
	for room := max(2, f.w-2); kit.Width(s) > room; {
		head := kit.Cut(s, room)
		lines, s = append(lines, bar+head), s[len(head):]
	}
	return append(lines, bar+s)
}

// fence is the mark that begins or ends code: three or more of the same sign.
func fence(s string) string {
	s = strings.TrimLeft(s, " ")
	for _, sign := range []string{"`", "~"} {
		if n := len(s) - len(strings.TrimLeft(s, sign)); n >= 3 && !(sign == "`" && strings.Contains(s[n:], sign)) {
			return s[:n]
		}
	}
	return ""
}

// closes says that a line ends the code that a mark began.
func closes(s, mark string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, mark) && strings.Trim(s, mark[:1]) == ""
}

// isRule says that a line is one of three or more dashes, stars or underscores.
func isRule(s string) bool {
	s = strings.ReplaceAll(s, " ", "")
	return len(s) >= 3 && (strings.Trim(s, "-") == "" || strings.Trim(s, "*") == "" || strings.Trim(s, "_") == "")
}

// quote is how deep a line is quoted, and the line without the marks of that.
func quote(s string) (depth int, rest string) {
	const deepest = 4
	for depth < deepest {
		inner, found := strings.CutPrefix(strings.TrimLeft(s, " "), ">")
		if !found {
			break
		}
		depth, s = depth+1, strings.TrimPrefix(inner, " ")
	}
	return depth, s
}

// hang wraps a line so that what follows the first row stands under its text, behind the bullet.
func hang(s string, w int) []string {
	indent := bullet(s)
	if indent == 0 || indent > w/2 {
		return kit.Wrap(s, w)
	}
	lines := kit.Wrap(s[indent:], w-indent)
	for i, l := range lines {
		if i == 0 {
			lines[i] = s[:indent] + l
			continue
		}
		lines[i] = strings.Repeat(" ", indent) + l
	}
	return lines
}

// bullet is how many columns of s are indent and bullet: "  - ", "* ", "12. ".
func bullet(s string) int {
	text := strings.TrimLeft(s, " ")
	indent := len(s) - len(text)
	for _, b := range []string{"- ", "* ", "+ "} {
		if strings.HasPrefix(text, b) {
			return indent + 2
		}
	}
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits > 0 && (strings.HasPrefix(text[digits:], ". ") || strings.HasPrefix(text[digits:], ") ")) {
		return indent + digits + 2
	}
	return indent
}
