package kit

// Window is which rows of a list are on the screen: it follows the selection and moves no further than it must, so that
// nothing jumps under the eye.
type Window struct {
	Top, Selected int
}

// Move selects another row; by is negative upwards.
func (w Window) Move(by, rows, height int) Window { return w.To(w.Selected+by, rows, height) }

// To selects a row and brings it onto a screen of so many rows.
func (w Window) To(row, rows, height int) Window {
	w.Selected = max(0, min(row, rows-1))
	return w.fit(rows, height)
}

func (w Window) fit(rows, height int) Window {
	height = max(1, height)
	if w.Selected < w.Top {
		w.Top = w.Selected
	}
	if w.Selected >= w.Top+height {
		w.Top = w.Selected - height + 1
	}
	w.Top = max(0, min(w.Top, rows-height))
	return w
}

// Range is the rows from, inclusive, to, exclusive, that are shown.
func (w Window) Range(rows, height int) (from, to int) {
	w = w.fit(rows, height)
	return w.Top, min(rows, w.Top+max(1, height))
}
