package chat

import (
	"strings"

	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

// flow turns the Markdown that models write into lines of a width, as far as a reader needs it: paragraphs are
// wrapped, list items keep their indent, headings stand out, code is left alone. It takes text as it arrives:
// finished source lines are drawn once, only the last, unfinished one is drawn again.
type flow struct {
	theme *theme.Theme
	w     int
	seen  string // everything that was added
	lines []string
	rest  string // the unfinished line
	code  bool   // inside a fence
}

// add appends text and returns the grown flow.
func (f flow) add(text string) flow {
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

// all returns the lines including the unfinished one.
func (f flow) all() []string {
	if f.rest == "" {
		return f.lines
	}
	return f.line(f.rest).lines
}

// line draws one source line.
func (f flow) line(s string) flow {
	s = kit.CleanLine(strings.TrimRight(s, " \t\r"))
	if strings.HasPrefix(strings.TrimLeft(s, " "), "```") {
		f.code = !f.code
		return f
	}
	var drawn []string
	switch title := strings.TrimLeft(s, "#"); {
	case f.code:
		drawn = f.block(s)
	case len(title) < len(s) && strings.HasPrefix(title, " "):
		text, _ := inline(strings.TrimSpace(title))
		for _, l := range kit.Wrap(text, f.w) {
			drawn = append(drawn, f.theme.Strong.Paint(l))
		}
	default:
		text, spans := inline(s)
		drawn = paint(f.theme, hang(text, f.w), text, spans)
	}
	// Two answers may have grown from the same one; neither may write into the other's lines.
	f.lines = append(f.lines[:len(f.lines):len(f.lines)], drawn...)
	return f
}

// block draws a line of code behind a bar. A long one is broken anywhere: code must not be cut.
func (f flow) block(s string) []string {
	bar := f.theme.Dim.Paint(f.theme.Box.Down) + " "
	var lines []string
	for room := max(2, f.w-2); kit.Width(s) > room; {
		head := kit.Cut(s, room)
		lines, s = append(lines, bar+head), s[len(head):]
	}
	return append(lines, bar+s)
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
