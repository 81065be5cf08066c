package diag

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

const (
	tabWidth = 4
	// longest is how many cells of a line are shown when there is no terminal whose width would say.
	longest = 160
	// lead is how many cells are shown before the caret in a line that is cut on its left.
	lead = 24
)

// excerpt is one source line as it is printed, and where the caret stands under it, in cells.
type excerpt struct {
	text         string
	start, width int
}

// cell is one character as it is printed.
type cell struct {
	text  string
	width int
}

// excerpt finds the first line of a span and cuts it to the cells that there is room for.
func (s Sources) excerpt(at Span, room int) (excerpt, bool) {
	src, ok := s[at.File]
	if !ok || at.Start.Line == 0 || at.Start.Offset > len(src) || at.Start.Offset < 0 {
		return excerpt{}, false
	}
	from, to := lineAround(src, at.Start.Offset)
	row, start, width := layout(src[from:to], at.Start.Offset-from, min(at.End.Offset, to)-from)
	if room == 0 {
		room = longest
	}
	return cut(row, start, width, room), true
}

// lineAround is the range of the line that holds an offset, without its line end and without a byte order mark. Of a line
// of megabytes it is the part around the offset: nobody sees more, and there may be a thousand problems in it.
func lineAround(src []byte, off int) (from, to int) {
	const reach = 4096 // bytes on each side, more than any terminal has cells
	from, to = max(0, off-reach), min(len(src), off+reach)
	for from > 0 && from < off && !utf8.RuneStart(src[from]) {
		from++
	}
	if n := bytes.LastIndexAny(src[from:off], "\r\n"); n >= 0 {
		from += n + 1
	}
	if n := bytes.IndexAny(src[off:to], "\r\n"); n >= 0 {
		to = off + n
	}
	for to < len(src) && to > off && !utf8.RuneStart(src[to]) {
		to--
	}
	if mark := []byte("\uFEFF"); from == 0 && off >= len(mark) && bytes.HasPrefix(src, mark) {
		from = len(mark)
	}
	return from, to
}

// layout turns a line into cells. start and width are where the bytes [first, last) come to stand; a caret is
// at least one cell wide.
func layout(line []byte, first, last int) (row []cell, start, width int) {
	text := string(line)
	row = make([]cell, 0, len(line))
	col, end := 0, -1
	start = -1
	for i := 0; i < len(line); {
		if i >= first && start < 0 {
			start = col
		}
		if i >= last && end < 0 {
			end = col
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		c := printed(r, text[i:i+n], col)
		row = append(row, c)
		col += c.width
		i += n
	}
	if start < 0 {
		start = col
	}
	if end < 0 {
		end = col
	}
	return row, start, max(end-start, 1)
}

// printed is a character as it is shown in column col; text is how it was written.
func printed(r rune, text string, col int) cell {
	if r == '\t' {
		n := tabWidth - col%tabWidth
		return cell{strings.Repeat(" ", n), n}
	}
	if shown := stand(r); shown != r || r == utf8.RuneError {
		return cell{string(shown), runeWidth(shown)}
	}
	return cell{text, runeWidth(r)}
}

// cut keeps the part of a row around the caret that fits into room cells. What was cut off is marked by an ellipsis.
func cut(row []cell, start, width, room int) excerpt {
	total := 0
	for _, c := range row {
		total += c.width
	}
	if total <= room {
		return excerpt{text: rowText(row), start: start, width: width}
	}
	left := 0 // the first cell shown
	if start+min(width, room/2) > room-1 {
		left = min(start-min(lead, room/3), total-room+1) // no room is left empty on the right
	}
	var out strings.Builder
	used, at := 0, 0
	if left > 0 {
		out.WriteString("…")
		used = 1
	}
	shift := left - used
	for _, c := range row {
		if at >= left {
			if used+c.width > room-1 {
				out.WriteString("…")
				break
			}
			for ; used < at-shift; used++ { // half of a wide character was cut away
				out.WriteByte(' ')
			}
			out.WriteString(c.text)
			used += c.width
		}
		at += c.width
	}
	start -= shift
	return excerpt{text: out.String(), start: start, width: max(min(width, room-start), 1)}
}

func rowText(row []cell) string {
	var out strings.Builder
	for _, c := range row {
		out.WriteString(c.text)
	}
	return out.String()
}
