package kit

import (
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/rivo/uniseg"

	"github.com/woodwork-lang/ww/tui/theme"
)

// MaxInput bounds what a text field takes, in bytes. A paste beyond it is cut.
const MaxInput = 64 << 10

// Editor is a text field of several lines. It is a plain value: a copy is another field. The text area of bubbles
// is not used because its copies share state, and because importing it makes every process look for clipboard
// programs when it starts.
type Editor struct {
	text string
	pos  int // byte offset, always between two grapheme clusters
}

// Value is the text.
func (e Editor) Value() string { return e.text }

// Empty says that nothing was written.
func (e Editor) Empty() bool { return e.text == "" }

// With returns a field with that text and the cursor at its end.
func (e Editor) With(text string) Editor {
	return Editor{}.insert(text)
}

// Update takes a key press. It returns false for a key that means nothing to a text field, and for up and down
// when the cursor is in the first or last line, so that its owner may use them.
func (e Editor) Update(k tea.KeyMsg) (Editor, bool) {
	if k.Type == tea.KeyRunes && !k.Alt || k.Type == tea.KeySpace {
		return e.insert(string(k.Runes)), true
	}
	switch k.String() {
	case "alt+enter", "ctrl+j":
		return e.insert("\n"), true
	case "left", "ctrl+b":
		return e.at(e.before(e.pos)), true
	case "right", "ctrl+f":
		return e.at(e.after(e.pos)), true
	case "alt+left", "ctrl+left", "alt+b":
		return e.at(e.wordBefore()), true
	case "alt+right", "ctrl+right", "alt+f":
		return e.at(e.wordAfter()), true
	case "home", "ctrl+a":
		return e.at(e.lineStart()), true
	case "end", "ctrl+e":
		return e.at(e.lineEnd()), true
	case "up":
		return e.upLine()
	case "down":
		return e.downLine()
	}
	return e.erase(k.String())
}

func (e Editor) erase(k string) (Editor, bool) {
	switch k {
	case "backspace", "ctrl+h":
		return e.cut(e.before(e.pos), e.pos), true
	case "delete", "ctrl+d":
		return e.cut(e.pos, e.after(e.pos)), true
	case "ctrl+w", "alt+backspace":
		return e.cut(e.wordBefore(), e.pos), true
	case "ctrl+u":
		return e.cut(e.lineStart(), e.pos), true
	case "ctrl+k":
		return e.cut(e.pos, e.lineEnd()), true
	}
	return e, false
}

// insert puts text at the cursor. A paste brings carriage returns and anything else, so it is cleaned first.
func (e Editor) insert(s string) Editor {
	s = Clean(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
	if room := max(0, MaxInput-len(e.text)); len(s) > room {
		s = strings.ToValidUTF8(s[:room], "")
	}
	e.text = e.text[:e.pos] + s + e.text[e.pos:]
	e.pos += len(s)
	// A combining mark joins the cluster before it.
	for at := 0; at < e.pos; {
		at = e.after(at)
		if at > e.pos {
			e.pos = at
		}
	}
	return e
}

func (e Editor) at(pos int) Editor {
	e.pos = pos
	return e
}

func (e Editor) cut(from, to int) Editor {
	return Editor{e.text[:from] + e.text[to:], from}
}

func (e Editor) after(pos int) int {
	if pos >= len(e.text) {
		return len(e.text)
	}
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(e.text[pos:], -1)
	return pos + len(cluster)
}

func (e Editor) before(pos int) int {
	start := strings.LastIndexByte(e.text[:max(0, pos-1)], '\n') + 1
	for at := start; at < pos; {
		next := e.after(at)
		if next >= pos {
			return at
		}
		at = next
	}
	return start
}

func (e Editor) lineStart() int { return strings.LastIndexByte(e.text[:e.pos], '\n') + 1 }

func (e Editor) lineEnd() int {
	if i := strings.IndexByte(e.text[e.pos:], '\n'); i >= 0 {
		return e.pos + i
	}
	return len(e.text)
}

func (e Editor) wordBefore() int {
	left := strings.TrimRightFunc(e.text[:e.pos], unicode.IsSpace)
	return strings.LastIndexFunc(left, unicode.IsSpace) + 1
}

func (e Editor) wordAfter() int {
	right := strings.TrimLeftFunc(e.text[e.pos:], unicode.IsSpace)
	end := strings.IndexFunc(right, unicode.IsSpace)
	if end < 0 {
		return len(e.text)
	}
	return len(e.text) - len(right) + end
}

// upLine goes to the same column of the line above.
func (e Editor) upLine() (Editor, bool) {
	start := e.lineStart()
	if start == 0 {
		return e, false
	}
	col := Width(e.text[start:e.pos])
	e.pos = start - 1
	return e.at(e.column(e.lineStart(), col)), true
}

func (e Editor) downLine() (Editor, bool) {
	end := e.lineEnd()
	if end == len(e.text) {
		return e, false
	}
	col := Width(e.text[e.lineStart():e.pos])
	return e.at(e.column(end+1, col)), true
}

// column returns the place in the line that begins at start which is nearest to col.
func (e Editor) column(start, col int) int {
	at := start
	for at < len(e.text) && e.text[at] != '\n' {
		next := e.after(at)
		if Width(e.text[start:next]) > col {
			break
		}
		at = next
	}
	return at
}

// View draws the field w columns wide, at most h rows, around the cursor. Without focus there is no cursor.
func (e Editor) View(t *theme.Theme, w, h int, focused bool) []string {
	if w <= 1 || h <= 0 {
		return nil
	}
	rows, cursor := e.rows(t, w, focused)
	if len(rows) > h {
		top := min(max(0, cursor-h+1), len(rows)-h)
		rows = rows[top : top+h]
	}
	return rows
}

// Rows is how many rows the whole text takes at that width.
func (e Editor) Rows(w int) int {
	if w <= 1 {
		return 1
	}
	rows, _ := e.rows(nil, w, false)
	return len(rows)
}

// rows breaks the text wherever a row is full, and says in which row the cursor is. One column stays free for a
// cursor at the end of a full row.
func (e Editor) rows(t *theme.Theme, w int, focused bool) ([]string, int) {
	var rows []string
	var row strings.Builder
	col, cursor := 0, 0
	flush := func() {
		rows = append(rows, row.String())
		row.Reset()
		col = 0
	}
	for at := 0; at < len(e.text); {
		next := e.after(at)
		cluster := e.text[at:next]
		if n := Width(cluster); cluster != "\n" && col+n > w-1 {
			flush()
		}
		here := focused && at == e.pos
		if here {
			cursor = len(rows)
		}
		switch {
		case cluster == "\n":
			if here {
				row.WriteString(t.Reverse(" "))
			}
			flush()
		case here:
			row.WriteString(t.Reverse(cluster))
		default:
			row.WriteString(cluster)
		}
		if cluster != "\n" {
			col += Width(cluster)
		}
		at = next
	}
	if focused && e.pos == len(e.text) {
		cursor = len(rows)
		row.WriteString(t.Reverse(" "))
	}
	flush()
	return rows, cursor
}
