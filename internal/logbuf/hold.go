package logbuf

// held are lines in their order about which somebody may have to decide before they are passed on.
type held struct {
	late  func(Line) (Verdict, error)
	take  func(Line) error
	lines []Line
}

// mostHeld bounds them: what waits longer waits in its file.
const mostHeld = 10_000

func (h *held) full() bool { return len(h.lines) >= mostHeld }

// put takes a line.
func (h *held) put(l Line) error {
	if h.late == nil {
		return h.take(l)
	}
	h.lines = append(h.lines, l)
	return nil
}

// pass passes on what is wanted of the lines that are decided.
func (h *held) pass() error {
	for len(h.lines) > 0 {
		v, err := h.late(h.lines[0])
		if err != nil || v == Undecided {
			return err
		}
		l := h.lines[0]
		h.lines = h.lines[1:]
		if v == Wanted {
			if err := h.take(l); err != nil {
				return err
			}
		}
	}
	h.lines = nil
	return nil
}
