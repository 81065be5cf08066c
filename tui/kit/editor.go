package kit

import (
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"

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

// insert puts text at the cursor. A paste may bring anything.
func (e Editor) insert(s string) Editor {
	s = Typed(s)
	if room := max(0, MaxInput-len(e.text)); len(s) > room {
		s = strings.ToValidUTF8(s[:room], "")
	}
	return Editor{e.text[:e.pos] + s + e.text[e.pos:], e.pos + len(s)}.settle()
}

// settle moves the cursor behind the character it has come to be in: an accent joins the letter before it.
func (e Editor) settle() Editor {
	at := e.lineStart()
	for at < e.pos {
		at = e.after(at)
	}
	e.pos = at
	return e
}

func (e Editor) at(pos int) Editor {
	e.pos = pos
	return e
}

func (e Editor) cut(from, to int) Editor {
	return Editor{e.text[:from] + e.text[to:], from}.settle()
}

func (e Editor) after(pos int) int {
	if pos >= len(e.text) {
		return len(e.text)
	}
	return pos + len(first(e.text[pos:]))
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
	l := lineup{w: w - 1}
	for at := 0; at < len(e.text); {
		next := e.after(at)
		drawn, end := Clean(e.text[at:next]), e.text[at:next] == "\n"
		if end {
			drawn = " "
		}
		switch here := focused && at == e.pos; {
		case here:
			l.put(t.Reverse(drawn), Width(drawn))
			l.cursor = len(l.rows)
		case !end:
			l.put(drawn, Width(drawn))
		}
		if end {
			l.flush()
		}
		at = next
	}
	if focused && e.pos == len(e.text) {
		l.put(t.Reverse(" "), 0)
		l.cursor = len(l.rows)
	}
	l.flush()
	return l.rows, l.cursor
}

// lineup fills rows of w columns one after the other.
type lineup struct {
	w, col, cursor int
	row            strings.Builder
	rows           []string
}

func (l *lineup) put(s string, width int) {
	if l.col+width > l.w && l.col > 0 {
		l.flush()
	}
	l.row.WriteString(s)
	l.col += width
}

func (l *lineup) flush() {
	l.rows = append(l.rows, l.row.String())
	l.row.Reset()
	l.col = 0
}
