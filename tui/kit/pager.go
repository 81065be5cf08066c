package kit

// Pager scrolls through drawn lines.
type Pager struct{ Top int }

// Move scrolls by so many lines, downwards when by is positive.
func (p Pager) Move(by, lines, height int) Pager {
	p.Top = max(0, min(p.Top+by, lines-max(1, height)))
	return p
}

// Of is the part of lines that is shown.
func (p Pager) Of(lines []string, height int) []string {
	p = p.Move(0, len(lines), height)
	return lines[p.Top:min(len(lines), p.Top+max(1, height))]
}
