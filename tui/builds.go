package tui

import (
	"fmt"
	"io"
	"time"
)

// builds tells how long frames take to build: all that is done with what happened since the frame before, and the drawing of
// it, up to the text for the terminal. nil measures nothing. Only the event loop calls it.
type builds struct {
	out   io.Writer // a line each, in microseconds
	clock func() time.Time
	spent time.Duration // since the last frame
}

// during measures work that a frame needs.
func (b *builds) during(work func()) {
	if b == nil {
		work()
		return
	}
	began := b.clock()
	work()
	b.spent += b.clock().Sub(began)
}

// built says that the frame is there.
func (b *builds) built() {
	if b == nil {
		return
	}
	_, _ = fmt.Fprintln(b.out, b.spent.Microseconds()) // a figure that is not written is not counted
	b.spent = 0
}
