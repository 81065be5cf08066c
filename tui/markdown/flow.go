// Package markdown turns the Markdown that models write into lines of a width: paragraphs, quotes and items of lists are
// wrapped, headings, emphasis, code and links stand out, tables have columns, code is left alone.
//
// It is written here although there are good parsers. Every component is a process of this binary, and a parser of that
// kind works before main begins, in each of them: goldmark with its extensions for tables, strikethrough, tasks and addresses
// takes 1.5 ms (0.9 at best), 549 kB and 3,551 allocations there, its parser alone 0.65 ms, 251 kB and 1,377, where all of ww
// takes 349 kB and 2,046. This package does nothing before it is called. And it draws a text that grows: what is finished is
// not read again.
//
// That it reads what was meant is proved by goldmark, which only the tests link: the examples of CommonMark, answers as models
// write them, and random lines and blocks must be understood the same (commonmark_test.go, dialect_test.go, random_test.go).
// Where they are not, the tests list the reason; these lists are the documentation of the dialect.
package markdown

import (
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Flow is a text that may still grow: finished source lines are drawn once, only the last, unfinished one is drawn again, a
// table as long as rows are added to it, and a paragraph once when the line below makes it a heading. It is a value: Add
// returns another one.
type Flow struct {
	theme  *theme.Theme
	w      int
	seen   string // everything that was added
	at     int    // where in it the line begins that is looked at
	lines  []string
	rest   string   // the unfinished line
	depth  int      // how deep the last line was quoted
	fence  fence    // of the code that this is inside of
	rows   []string // lines that are a table, or one that waits for the next line to say what it is
	rowsAt int      // where the first of them begins
	para   para
}

// para is the paragraph that the next line may go on with.
type para struct {
	open  bool
	plain bool // and no list: the line below can make it a heading
	from  int  // where it begins
	top   int  // and which line that is
}

// New is an empty text of w columns.
func New(t *theme.Theme, w int) Flow { return Flow{theme: t, w: max(1, w)} }

// Seen is everything that was added.
func (f Flow) Seen() string { return f.seen }

// Drawn says that the flow draws with this look.
func (f Flow) Drawn(t *theme.Theme) bool { return f.theme == t }

// Add appends text.
func (f Flow) Add(text string) Flow {
	f = f.own()
	f.seen += text
	text = f.rest + text
	for {
		line, rest, found := strings.Cut(text, "\n")
		if !found {
			f.rest = text
			return f
		}
		f = f.line(line)
		f.at += len(line) + 1
		text = rest
	}
}

// All are the lines including those that may still change.
func (f Flow) All() []string {
	f = f.own()
	if f.rest != "" {
		f = f.line(f.rest)
	}
	return f.flush(false).lines
}

// own makes the next line that is appended go to a place of its own: two flows may have grown from the same one, and neither
// may write into the other's.
func (f Flow) own() Flow {
	f.lines = slices.Clip(f.lines)
	f.rows = slices.Clip(f.rows)
	return f
}

// clean is a source line as it can be drawn.
func clean(s string) string { return kit.CleanLine(strings.TrimRight(s, " \t\r")) }

// line takes one source line.
func (f Flow) line(s string) Flow {
	s = clean(s)
	if f.fence.mark != "" {
		if f.fence.holds(s) {
			return f.code(s)
		}
		f.fence = fence{} // the quote ends, and with it the code in it
	}
	depth, s := quote(s, deepest)
	if depth != f.depth {
		f = f.flush(false)
		f.depth, f.para = depth, para{}
	}
	more := goesOn(s)
	if len(f.rows) > 1 && isRow(s) && more || len(f.rows) == 1 && isDivider(s, f.rows[0]) {
		f.rows = append(f.rows, s)
		return f
	}
	f = f.flush(more)
	if more && isRow(s) || breaks(s) && (more || isItem(s)) {
		f.rows, f.rowsAt = []string{s}, f.at
		return f
	}
	return f.text(s)
}

// flush draws the rows that are held back: a table, or a line that waits for what the next one says. When that goes on with
// its paragraph, a backslash at its end is no more than the end of a line.
func (f Flow) flush(more bool) Flow {
	rows := f.rows
	f.rows = nil
	switch len(rows) {
	case 0:
		return f
	case 1:
		s, at := rows[0], f.at
		if more && breaks(s) {
			s = s[:len(s)-1]
		}
		f.at = f.rowsAt
		f = f.text(s)
		f.at = at
		return f
	}
	f.para = para{}
	return f.put(table(f.theme, rows, f.room())...)
}

// room is how many columns there are beside the marks of a quote.
func (f Flow) room() int { return max(1, f.w-2*f.depth) }

// put appends drawn lines, behind the marks of the quote that they are in.
func (f Flow) put(drawn ...string) Flow {
	lead := f.theme.Dim.Paint(strings.Repeat("> ", f.depth))
	for _, l := range drawn {
		f.lines = append(f.lines, lead+l)
	}
	return f
}

// text draws a line that is no row of a table.
func (f Flow) text(s string) Flow {
	if mark, indent := opening(s); mark != "" {
		f.fence, f.para = fence{mark, indent, f.depth}, para{}
		if item := strings.TrimSpace(s[:indent]); item != "" {
			return f.put(s[:bullet(s)])
		}
		return f
	}
	title, isHeading := heading(s)
	switch {
	case isHeading:
		f.para = para{}
		return f.put(f.title(title)...)
	case f.para.plain && underlines(s):
		return f.raise()
	case isRule(s):
		f.para = para{}
		return f.put(f.theme.Dim.Paint(strings.Repeat(f.theme.Box.Across, f.room())))
	case s == "":
		f.para = para{}
		return f.put("")
	}
	if n := bullet(s); !f.para.open || isItem(s) {
		f.para = para{true, n < 4 && !isItem(s), f.at, len(f.lines)}
	}
	return f.put(f.paragraph(s)...)
}

// raise draws the paragraph above the line at hand again, as a heading.
func (f Flow) raise() Flow {
	source := strings.TrimSuffix(f.seen[f.para.from:f.at], "\n")
	f.lines = slices.Clip(f.lines[:f.para.top])
	f.para = para{}
	for l := range strings.SplitSeq(source, "\n") {
		_, s := quote(clean(l), f.depth)
		if breaks(s) {
			s = s[:len(s)-1]
		}
		f = f.put(f.title(strings.TrimSpace(s))...)
	}
	return f
}

// title is bold as a whole.
func (f Flow) title(s string) []string {
	text, spans := inline(f.theme, s, look{strong: true})
	return paint(f.theme, kit.WrapAll(text, f.room()), text, spans)
}

// paragraph is a line of text, behind its bullet if it is an item of a list.
func (f Flow) paragraph(s string) []string {
	lead := s[:bullet(s)]
	s = s[len(lead):]
	if isItem(lead) {
		if mark, rest := f.box(s); mark != "" {
			lead, s = lead+mark, rest
		}
	}
	text, spans := inline(f.theme, s, look{})
	text = lead + text
	return paint(f.theme, hang(text, f.room()), text, shifted(spans, len(lead)))
}

// box is the mark of a task that is to be done, or is done.
func (f Flow) box(s string) (mark, rest string) {
	switch {
	case strings.HasPrefix(s, "[ ] "):
		return f.theme.Marks.Todo + " ", s[4:]
	case strings.HasPrefix(s, "[x] ") || strings.HasPrefix(s, "[X] "):
		return f.theme.Marks.Done + " ", s[4:]
	}
	return "", s
}
