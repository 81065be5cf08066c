package canvas

import "time"

// Haste is how soon a change is to be seen.
type Haste int

// From the most to the least.
const (
	Now   Haste = iota // somebody waits for it: the answer to a key
	Soon               // it happened by itself
	Later              // nothing but ages and loads: with the next change, or when a second is over
)

// gap is the least time between the last frame and one of such haste.
func (h Haste) gap() time.Duration {
	if h == Now {
		return time.Second / 60
	}
	return time.Second / 10
}

// Pace decides when frames are drawn. The zero Pace has drawn none.
type Pace struct {
	last  time.Time // of the last frame
	alarm time.Time // when the next is to be drawn; zero when there is nothing to draw
}

// Changed tells of a change. Draw says that the frame is due; else a wait above zero asks for a call of Due after it.
func (p Pace) Changed(h Haste, now time.Time) (_ Pace, draw bool, wait time.Duration) {
	if h == Later {
		return p, false, 0
	}
	due := p.last.Add(h.gap())
	if !now.Before(due) {
		return Pace{last: now}, true, 0
	}
	if !p.alarm.IsZero() && !p.alarm.After(due) { // that is waited for
		return p, false, 0
	}
	p.alarm = due
	return p, false, due.Sub(now)
}

// Due is called when a wait is over, and says whether there is still something to draw.
func (p Pace) Due(now time.Time) (Pace, bool) {
	if p.alarm.IsZero() || now.Before(p.alarm) {
		return p, false
	}
	return Pace{last: now}, true
}
