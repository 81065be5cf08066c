package kit

import (
	"strings"

	"github.com/woodwork-lang/ww/tui/theme"
)

// Frame is a box with a title, around lines of text.
type Frame struct {
	Title   string // top left
	Right   string // top right; bottom right when there is no room there, or nowhere
	Foot    string // bottom left
	Focused bool   // marked by a sign and by colour
	Split   int    // this row of the body is a line across; 0 means none
}

// Inner is the size that a frame of w×h leaves for its body.
func Inner(w, h int) (int, int) { return max(0, w-4), max(0, h-2) }

// Render draws the frame around body, exactly w columns and h rows. What does not fit is cut. Body lines keep
// their own ink; the frame resets nothing.
func (f Frame) Render(t *theme.Theme, body []string, w, h int) string {
	if w < 4 || h < 2 {
		return strings.Join(Block(body, max(w, 0), max(h, 0)), "\n")
	}
	ink := t.Dim
	if f.Focused {
		ink = t.Accent
	}
	iw, ih := Inner(w, h)
	down := ink.Paint(t.Box.Down)
	lines := make([]string, 0, h)
	lines = append(lines, f.top(t, ink, w))
	for i, l := range Block(body, iw, ih) {
		if f.Split > 0 && i == f.Split {
			lines = append(lines, ink.Paint(t.Box.TeeLeft+strings.Repeat(t.Box.Across, w-2)+t.Box.TeeRight))
			continue
		}
		lines = append(lines, down+" "+l+" "+down)
	}
	lines = append(lines, f.bottom(t, ink, w))
	return strings.Join(lines, "\n")
}

// HasRight says that there is room for what stands on the right.
func (f Frame) HasRight(t *theme.Theme, w int) bool { return f.rightOnTop(t, w) || f.rightAtFoot(w) }

func (f Frame) rightAtFoot(w int) bool { return Width(f.Foot)+Width(f.Right)+9 <= w }

func (f Frame) rightOnTop(t *theme.Theme, w int) bool {
	title := Width(f.Title) + 2
	if f.Focused {
		title += Width(t.Marks.Focus) + 1
	}
	return title+Width(f.Right)+6 <= w
}

func (f Frame) top(t *theme.Theme, ink theme.Ink, w int) string {
	title, right := " "+f.Title+" ", ""
	if f.Focused {
		title = " " + t.Marks.Focus + title
	}
	if f.Right != "" && f.rightOnTop(t, w) {
		right = " " + f.Right + " "
	}
	room := max(0, w-4-Width(right))
	if Width(title) > room {
		title = FitTail(title, room, t.Marks.Ellipsis)
	}
	fill := strings.Repeat(t.Box.Across, max(0, w-3-Width(title)-Width(right)))
	if f.Focused {
		title = t.Strong.Paint(title)
	}
	return ink.Paint(t.Box.TopLeft) + title + ink.Paint(fill) + t.Dim.Paint(right) + ink.Paint(t.Box.Across+t.Box.TopRight)
}

func (f Frame) bottom(t *theme.Theme, ink theme.Ink, w int) string {
	foot := f.Foot
	if f.Right != "" && !f.rightOnTop(t, w) && f.rightAtFoot(w) {
		return f.bottomBoth(t, ink, w)
	}
	if foot != "" {
		foot = FitTail(" "+foot+" ", min(w-4, Width(foot)+2), t.Marks.Ellipsis)
	}
	fill := strings.Repeat(t.Box.Across, max(0, w-2-Width(foot)))
	return ink.Paint(t.Box.BottomLeft) + t.Dim.Paint(foot) + ink.Paint(fill+t.Box.BottomRight)
}

// bottomBoth has at the bottom what had no room beside the title.
func (f Frame) bottomBoth(t *theme.Theme, ink theme.Ink, w int) string {
	foot, right := "", " "+f.Right+" "
	if f.Foot != "" {
		foot = " " + f.Foot + " "
	}
	fill := strings.Repeat(t.Box.Across, w-3-Width(foot)-Width(right))
	return ink.Paint(t.Box.BottomLeft) + t.Dim.Paint(foot) + ink.Paint(fill) + t.Dim.Paint(right) + ink.Paint(t.Box.Across+t.Box.BottomRight)
}

// Block makes lines exactly w columns wide and h rows high.
func Block(lines []string, w, h int) []string {
	out := make([]string, h)
	for i := range out {
		if i < len(lines) {
			out[i] = Fit(lines[i], w)
			continue
		}
		out[i] = strings.Repeat(" ", w)
	}
	return out
}
