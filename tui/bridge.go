package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/state"
)

// frame is the least time between two batches: what happens by itself is not drawn more often.
const frame = time.Second / 10

// bridge carries what happens in the app to the screen. It is the one goroutine of this package.
type bridge struct {
	events <-chan []state.Event
	record *record
	send   func(tea.Msg) // blocks while the screen is busy; meanwhile events wait with their sender
	quit   func()
}

// run ends with ctx. An event is shown at once when the screen has been quiet, else with the next batch.
func (b bridge) run(ctx context.Context) {
	var waiting batch
	closed := time.NewTimer(frame)
	open := false
	flush := func() {
		b.send(eventsMsg{waiting.take(), time.Now()})
		open = false
		closed.Reset(frame)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.record.crashed:
			b.quit()
			return
		case events, ok := <-b.events:
			if !ok {
				b.events = nil
				b.send(eventsMsg{waiting.take(), time.Now()})
				b.send(lostMsg{})
				continue
			}
			waiting.add(events)
			if open {
				flush()
			}
		case <-closed.C:
			open = true
			if len(waiting.events) > 0 {
				flush()
			}
		}
	}
}
