package tui

import (
	"time"

	"github.com/woodwork-lang/ww/internal/state"
)

// Every message that Update knows beside those of bubbletea.
type (
	// eventsMsg is what happened in the app since the last one, at most thirty times a second.
	eventsMsg struct {
		events []state.Event
		at     time.Time
	}
	// tickMsg moves the clock: ages and countdowns follow it.
	tickMsg time.Time
	// sentMsg answers a submitted message.
	sentMsg struct {
		turn string
		err  error
	}
	// restartedMsg answers an order to restart.
	restartedMsg struct {
		name string
		err  error
	}
	// lostMsg says that no more events will come.
	lostMsg struct{}
	// backgroundMsg is the terminal's answer to what colour its background has.
	backgroundMsg struct{ light bool }
)
