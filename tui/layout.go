package tui

// rect is a part of the screen. A rect without area is not shown.
type rect struct{ X, Y, W, H int }

func (r rect) shown() bool { return r.W > 0 && r.H > 0 }

// screen is where everything is.
type screen struct {
	W, H                       int
	Header, Tabs, Fleet, Right rect
	Status                     rect
	Framed                     bool // panes have frames
}

// bodyHeight is how much stands between the header and the status line.
func (s screen) bodyHeight() int { return max(s.Fleet.H, s.Right.H) }

// Sizes at which the arrangement changes.
const (
	onePaneBelow  = 60  // columns: one pane and a tab bar
	listOnlyBelow = 12  // rows: the states and the status line
	tableFrom     = 100 // columns: the fleet shows its whole table
	roomyFrom     = 160
	namesFrom     = 69 // columns of the right part: the names of all tabs have room in its title
)

// layout arranges a screen of w×h. It is the only place that does. With zoom the pane with the focus has all of it.
func layout(w, h int, focus pane, zoom bool) screen {
	s := screen{W: w, H: h, Framed: true}
	if w <= 0 || h <= 0 {
		return screen{}
	}
	if h < listOnlyBelow {
		s.Framed = false
		s.Fleet = rect{0, 0, w, h - 1}
		s.Status = rect{0, h - 1, w, 1}
		return s
	}
	s.Header = rect{0, 0, w, 1}
	s.Status = rect{0, h - 1, w, 1}
	if w < onePaneBelow || zoom {
		s.Tabs = rect{0, 1, w, 1}
		only := rect{0, 2, w, h - 3}
		if focus == fleetPane {
			s.Fleet = only
		} else {
			s.Right = only
		}
		return s
	}
	left, top := fleetWidth(w), 1
	if w-left < namesFrom {
		s.Tabs, top = rect{0, 1, w, 1}, 2
	}
	s.Fleet = rect{0, top, left, h - 1 - top}
	s.Right = rect{left, top, w - left, h - 1 - top}
	return s
}

func fleetWidth(w int) int {
	switch {
	case w >= roomyFrom:
		return min(64+(w-roomyFrom), 88)
	case w >= tableFrom:
		return 50
	}
	return min(28+(w-onePaneBelow)*8/20, 40)
}
