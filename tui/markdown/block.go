package markdown

import (
	"strings"

	"github.com/woodwork-lang/ww/tui/kit"
)

// fence is what began code, and so what ends it: three or more of the same sign.
type fence struct {
	mark   string
	indent int // which the code has too
	depth  int // of the quote that it is in
}

// opening is the mark that begins code in a line, and how far in. It may stand behind the bullet of an item.
func opening(s string) (mark string, indent int) {
	rest := strings.TrimLeft(s, " ")
	if isItem(s) {
		rest = strings.TrimLeft(s[bullet(s):], " ")
	}
	for _, sign := range []string{"`", "~"} {
		n := len(rest) - len(strings.TrimLeft(rest, sign))
		if n >= 3 && (sign == "~" || !strings.Contains(rest[n:], sign)) {
			return rest[:n], len(s) - len(rest)
		}
	}
	return "", 0
}

// holds says that a line is still inside: code in a quote ends with the quote.
func (x fence) holds(s string) bool {
	depth, _ := quote(s, x.depth)
	return depth == x.depth
}

// inner is a line of the code, without what stands before all of them.
func (x fence) inner(s string) (code string, end bool) {
	_, s = quote(s, x.depth)
	if bare := strings.Trim(s, " \t"); strings.HasPrefix(bare, x.mark) && strings.Trim(bare, x.mark[:1]) == "" {
		return "", true
	}
	for n := x.indent; n > 0 && s != "" && (s[0] == ' ' || s[0] == '\t'); s = s[1:] {
		n--
		if s[0] == '\t' {
			n -= 3
		}
	}
	return s, false
}

// code takes a line of code, which is drawn behind a bar. A long one is broken anywhere: code must not be cut.
func (f Flow) code(s string) Flow {
	s, end := f.fence.inner(s)
	if end {
		f.fence = fence{}
		return f
	}
	bar := f.theme.Dim.Paint(f.theme.Box.Down) + " "
	var lines []string
	for room := max(2, f.room()-2); kit.Width(s) > room; {
		head := kit.Cut(s, room)
		lines, s = append(lines, bar+head), s[len(head):]
	}
	return f.put(append(lines, bar+s)...)
}

// heading is the text of a line of one to six #.
func heading(s string) (title string, ok bool) {
	s = strings.TrimLeft(s, " ")
	title = strings.TrimLeft(s, "#")
	if n := len(s) - len(title); n == 0 || n > 6 || title != "" && title[0] != ' ' {
		return "", false
	}
	if open := strings.TrimRight(title, "#"); open == "" || open[len(open)-1] == ' ' {
		title = open // it ended with some of them too
	}
	return strings.TrimSpace(title), true
}

// underlines says that a line makes a heading of the paragraph above it.
func underlines(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) >= 3 && (strings.Trim(s, "=") == "" || strings.Trim(s, "-") == "")
}

// isRule says that a line is one of three or more dashes, stars or underscores.
func isRule(s string) bool {
	s = strings.ReplaceAll(s, " ", "")
	return len(s) >= 3 && (strings.Trim(s, "-") == "" || strings.Trim(s, "*") == "" || strings.Trim(s, "_") == "")
}

// breaks says that a line ends with a backslash that is not escaped.
func breaks(s string) bool {
	return (len(s)-len(strings.TrimRight(s, `\`)))%2 == 1
}

// goesOn says that a line goes on with the paragraph above it, if there is one.
func goesOn(s string) bool {
	mark, _ := opening(s)
	_, title := heading(s)
	return s != "" && mark == "" && !title && !isRule(s) && !isItem(s)
}

// deepest is how deep quotes in quotes are told apart.
const deepest = 4

// quote is how deep a line is quoted, and the line without the marks of that.
func quote(s string, most int) (depth int, rest string) {
	for depth < most {
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
		return kit.WrapAll(s, w)
	}
	lines := kit.WrapAll(s[indent:], w-indent)
	for i, l := range lines {
		if i == 0 {
			lines[i] = s[:indent] + l
			continue
		}
		lines[i] = strings.Repeat(" ", indent) + l
	}
	return lines
}

// isItem says that a line begins an item of a list.
func isItem(s string) bool { return strings.TrimLeft(s[:bullet(s)], " ") != "" }

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
	if digits > 0 && digits < 10 && (strings.HasPrefix(text[digits:], ". ") || strings.HasPrefix(text[digits:], ") ")) {
		return indent + digits + 2
	}
	return indent
}
