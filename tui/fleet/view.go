package fleet

import (
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/tui/kit"
)

const (
	suspectAfter = 15 * time.Second // without a sign of life: then a hang is to be told
	markChange   = 2 * time.Second  // how long a new state stands out
	pulse        = time.Second      // how long a heart stands out after its beat
)

// Widths of the columns.
const (
	wordWidth = 8
	kindWidth = 7
	pidWidth  = 7
	beatWidth = 5
	loadWidth = 5
	minName   = 6
)

// From which width of the pane on each kind of row fits.
const (
	tableFrom = 46
	shortFrom = 2 + minName + 1 + wordWidth + 1 + beatWidth + 1 + loadWidth
	tallFrom  = 24
)

// maxNote is how many rows the note below the list takes at most.
const maxNote = 8

// View draws the pane as it is at now.
func (m Model) View(now time.Time) string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	w, h := m.w, m.h
	if m.framed {
		w, h = kit.Inner(w, h)
	}
	lines, foot := m.list(now, w, h)
	if !m.framed {
		return strings.Join(kit.Block(lines, w, h), "\n")
	}
	return kit.Frame{Title: "fleet", Foot: foot, Focused: m.focused}.Render(m.theme, lines, m.w, m.h)
}

// list draws the rows that fit around the selection, and says which ones when some do not.
func (m Model) list(now time.Time, w, h int) ([]string, string) {
	if len(m.rows) == 0 {
		none := "no components yet"
		if len(m.all) > 0 {
			none = "nothing fits the filter"
		}
		return []string{m.theme.Dim.Paint(kit.Fit(none, w))}, m.how()
	}
	draw, each := m.shape(w, h)
	var lines []string
	head, top, bottom := m.window(w, h, each)
	if head > 0 {
		lines = append(lines, m.heading(w))
	}
	for i := top; i < bottom; i++ {
		lines = append(lines, draw(m.rows[i], i == m.selected && m.focused, now, w)...)
	}
	lines = m.withNote(lines, now, w, h)
	foot := m.how()
	if bottom-top < len(m.rows) {
		foot = strings.TrimPrefix(foot+" "+m.theme.Marks.Dot+" ", " "+m.theme.Marks.Dot+" ") + fmt.Sprintf("%d to %d of %d", top+1, bottom, len(m.rows))
	}
	return lines, foot
}

// withNote puts the note at the foot of a list that leaves room for it.
func (m Model) withNote(lines []string, now time.Time, w, h int) []string {
	note := m.note(now, w, min(h-len(lines), maxNote))
	if len(note) == 0 {
		return lines
	}
	for len(lines)+len(note) < h {
		lines = append(lines, "")
	}
	return append(lines, note...)
}

// window is how many lines stand above the rows, and which rows are on the screen when each takes so many lines.
func (m Model) window(w, h, each int) (head, top, bottom int) {
	if w >= tableFrom && h > 2 {
		head = 1
	}
	if room := m.noteRoom(); w >= tallFrom && h >= 3*room { // a list that is longer than the screen leaves room for the note, too
		h -= room
	}
	fit := max(1, (h-head)/each)
	top = max(0, min(m.selected-fit/2, len(m.rows)-fit))
	return head, top, min(len(m.rows), top+fit)
}

// Click selects the row at a line of the pane, counted from its top.
func (m Model) Click(y int) Model {
	w, h := m.w, m.h
	if m.framed {
		w, h = kit.Inner(w, h)
		y--
	}
	_, each := m.shape(w, h)
	head, top, bottom := m.window(w, h, each)
	if i := top + (y-head)/each; y >= head && i < bottom {
		m = m.pick(i)
	}
	return m.enable()
}

// noteRoom is how many rows a note wants, when there is something to note.
func (m Model) noteRoom() int {
	if m.noted() < 0 {
		return 0
	}
	return noteRows
}

type drawRow func(r row, selected bool, now time.Time, w int) []string

// shape picks how a row is drawn and how many lines it takes: the table where it fits, two lines a component
// where there are few, else one short line.
func (m Model) shape(w, h int) (drawRow, int) {
	switch {
	case w >= tableFrom:
		return m.tableRow, 1
	case w >= tallFrom && 2*len(m.rows) <= h-m.noteRoom():
		return m.tallRow, 2
	}
	return m.shortRow, 1
}
