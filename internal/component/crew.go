package component

import "time"

// crew is goroutines that have just worked, and wait a moment for more of it. A new one would have to grow its stack again, which
// was a twentieth of what a component that waits for the disk did.
type crew chan func()

// rest is how long one of a crew waits.
const rest = 10 * time.Millisecond

// Go runs f in a goroutine of its own.
func (c crew) Go(f func()) {
	select {
	case c <- f:
	default:
		go c.work(f)
	}
}

func (c crew) work(f func()) {
	pause := time.NewTimer(rest)
	defer pause.Stop()
	for {
		f()
		pause.Reset(rest)
		select {
		case f = <-c:
		case <-pause.C:
			return
		}
	}
}
