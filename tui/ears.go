package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/tui/events"
)

// maxHeard bounds the events that wait for the screen. What comes beyond it is counted: an event is a hint, not the truth.
const maxHeard = 1024

// ears hear the app's events once somebody has asked for them. They are not a value, as follower is not.
type ears struct{ heard chan events.Event }

// listen begins to hear, once.
func (c commands) listen() tea.Cmd {
	if c.ears.heard != nil {
		return nil
	}
	heard := make(chan events.Event, maxHeard)
	c.ears.heard = heard
	hear := c.guard(func() tea.Msg {
		lost := 0 // only this goroutine counts: the backend calls one at a time
		err := c.backend.Listen(c.ctx, func(m event.Message) {
			m.Dropped += lost
			select {
			case heard <- events.Event{Message: m, At: time.Now()}:
				lost = 0
			default:
				lost++
			}
		})
		if err != nil && c.ctx.Err() == nil {
			return doneMsg{failed: "the events cannot be heard", err: err}
		}
		return nil
	})
	return tea.Batch(hear, c.hear())
}

// hear waits for the next events and gathers what comes with them.
func (c commands) hear() tea.Cmd {
	heard := c.ears.heard
	return c.guard(func() tea.Msg {
		var msg heardMsg
		select {
		case e := <-heard:
			msg.events = append(msg.events, e)
		case <-c.ctx.Done():
			return nil
		}
		full := time.After(batchPause)
		for len(msg.events) < maxHeard {
			select {
			case e := <-heard:
				msg.events = append(msg.events, e)
			case <-full:
				return msg
			}
		}
		return msg
	})
}
