package markdown

import (
	"strings"

	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

// isRow says that a line can be a row of a table.
func isRow(s string) bool { return strings.Contains(s, "|") && len(s) <= longest }

// isDivider says that a line stands below the head of a table: a dash or more for each of its cells.
func isDivider(s, head string) bool {
	all := cells(s)
	for _, c := range all {
		dashes := strings.TrimSuffix(strings.TrimPrefix(c, ":"), ":")
		if dashes == "" || strings.Trim(dashes, "-") != "" {
			return false
		}
	}
	return len(all) > 0 && len(all) == len(cells(head))
}

// cells are the cells of a row. A bar in code is text: who writes a table forgets to escape it.
func cells(s string) []string {
	s = strings.TrimPrefix(strings.TrimSpace(s), "|")
	var all []string
	var cell strings.Builder
	end := false
	for i := 0; i < len(s); {
		n := 1
		switch {
		case s[i] == '\\' && i+1 < len(s):
			n = 2
		case s[i] == '`':
			n = max(codeSpan(s[i:]), len(s[i:])-len(strings.TrimLeft(s[i:], "`")))
		}
		if end = s[i] == '|'; end {
			all = append(all, strings.TrimSpace(cell.String()))
			cell.Reset()
		} else {
			cell.WriteString(strings.ReplaceAll(s[i:i+n], `\|`, "|"))
		}
		i += n
	}
	if !end {
		all = append(all, strings.TrimSpace(cell.String()))
	}
	return all
}

// side is where the text of a column stands.
type side int

const (
	left side = iota
	middle
	right
)

func sides(divider string) []side {
	var all []side
	for _, c := range cells(divider) {
		switch begins, ends := strings.HasPrefix(c, ":"), strings.HasSuffix(c, ":"); {
		case begins && ends:
			all = append(all, middle)
		case ends:
			all = append(all, right)
		default:
			all = append(all, left)
		}
	}
	return all
}

// cell is the text of a cell, and what of it stands out.
type cell struct {
	text  string
	spans []span
}

// between columns stands a line with a space on each side.
const gap = 3

// table draws rows of which the first is the head and the second its divider. What is too wide is wrapped in its column; where
// columns have no room at all, each row is a list of its cells.
func table(t *theme.Theme, source []string, w int) []string {
	at := sides(source[1])
	var rows [][]cell
	for i, s := range source {
		if i == 1 {
			continue
		}
		row := make([]cell, len(at))
		for k, c := range cells(s) {
			if k < len(row) {
				row[k].text, row[k].spans = inline(t, c, look{strong: i == 0})
			}
		}
		rows = append(rows, row)
	}
	widths, fits := share(rows, w-gap*(len(at)-1))
	if !fits {
		return listed(t, rows, w)
	}
	return ruled(t, rows, widths, at)
}

// share gives each column what it needs, and of a room that is too small each as much as is fair: those that need little keep
// it. Below the width of words there is no sense in columns.
func share(rows [][]cell, room int) (widths []int, fits bool) {
	const least = 7
	want, total := make([]int, len(rows[0])), 0
	for k := range want {
		for _, r := range rows {
			want[k] = max(want[k], widest(r[k].text), 1)
		}
		total += want[k]
	}
	widths = make([]int, len(want))
	if total <= room {
		copy(widths, want)
		return widths, true
	}
	left, open := room, len(want)
	for open > 0 {
		fair, given := left/open, false
		for k := range want {
			if widths[k] == 0 && want[k] <= fair {
				widths[k], left, open, given = want[k], left-want[k], open-1, true
			}
		}
		if given {
			continue
		}
		if fair < least {
			return nil, false
		}
		for k := range want {
			if widths[k] == 0 {
				widths[k] = left / open
				left, open = left-widths[k], open-1
			}
		}
	}
	return widths, true
}

// widest is how many columns the widest line of a text takes.
func widest(s string) int {
	n := 0
	for l := range strings.SplitSeq(s, "\n") {
		n = max(n, kit.Width(l))
	}
	return n
}

// ruled draws the columns, with a line below the head, and between rows when one of them has several lines.
func ruled(t *theme.Theme, rows [][]cell, widths []int, at []side) []string {
	rule := make([]string, len(widths))
	for k, n := range widths {
		rule[k] = strings.Repeat(t.Box.Across, n)
	}
	line := t.Dim.Paint(strings.Join(rule, t.Box.Across+t.Cross()+t.Box.Across))
	var blocks [][]string
	tall := false
	for i, r := range rows {
		block := rowLines(t, r, widths, at)
		tall = tall || i > 0 && len(block) > 1
		blocks = append(blocks, block)
	}
	var out []string
	for i, b := range blocks {
		if i == 1 || i > 1 && tall {
			out = append(out, line)
		}
		out = append(out, b...)
	}
	if len(blocks) == 1 {
		out = append(out, line)
	}
	return out
}

// rowLines are the lines of a row, as many as its highest cell has.
func rowLines(t *theme.Theme, row []cell, widths []int, at []side) []string {
	columns, high := make([][]string, len(row)), 1
	for k, c := range row {
		columns[k] = paint(t, kit.WrapAll(c.text, widths[k]), c.text, c.spans)
		high = max(high, len(columns[k]))
	}
	out := make([]string, high)
	for i := range out {
		parts := make([]string, len(row))
		for k := range row {
			text := ""
			if i < len(columns[k]) {
				text = columns[k][i]
			}
			parts[k] = stand(text, widths[k], at[k])
		}
		out[i] = strings.TrimRight(strings.Join(parts, " "+t.Dim.Paint(t.Box.Down)+" "), " ")
	}
	return out
}

// stand puts a text on its side of a column.
func stand(s string, w int, at side) string {
	switch free := w - kit.Width(s); {
	case free > 0 && at == right:
		return strings.Repeat(" ", free) + s
	case free > 1 && at == middle:
		return kit.Fit(strings.Repeat(" ", free/2)+s, w)
	}
	return kit.Fit(s, w)
}

// listed draws each row as a list: a line for each cell, behind the name of its column.
func listed(t *theme.Theme, rows [][]cell, w int) []string {
	var out []string
	for i, r := range rows[1:] {
		if i > 0 {
			out = append(out, "")
		}
		for k, c := range r {
			name := rows[0][k].text
			lines := paint(t, kit.WrapAll(name+": "+c.text, max(1, w-2)), name+": "+c.text, shifted(c.spans, len(name)+2))
			for n, l := range lines {
				switch {
				case n == 0 && k == 0:
					l = "- " + l
				default:
					l = "  " + l
				}
				out = append(out, l)
			}
		}
	}
	if len(rows) == 1 {
		for _, c := range rows[0] {
			out = append(out, kit.WrapAll(c.text, w)...)
		}
	}
	return out
}
