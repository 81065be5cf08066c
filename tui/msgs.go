package tui

import (
	"time"

	"github.com/woodwork-lang/ww/internal/graph"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/events"
	"github.com/woodwork-lang/ww/tui/logs"
	"github.com/woodwork-lang/ww/tui/order"
)

// Every message that Update knows beside those of bubbletea.
type (
	// eventsMsg is what happened in the app since the last one, at most ten times a second.
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
	// doneMsg says how an order ended: with err and what failed, or with a line worth telling.
	doneMsg struct {
		well, failed string
		err          error
	}
	// breakersMsg is the breakers as their callers tell of them.
	breakersMsg struct {
		rows []state.Breaker
		err  error
	}
	// whyMsg is what is known about a component that was asked for.
	whyMsg struct {
		of      order.Explain
		entries []state.Entry
		err     error
	}
	// linesMsg is what a log query found next.
	linesMsg struct {
		query int
		found logs.Tail
		err   error
	}
	// heardMsg is what the components told since the last one.
	heardMsg struct{ events []events.Event }
	// wiringMsg is how the app is connected and configured.
	wiringMsg struct {
		graph  graph.Graph
		config string
		err    error
	}
	// pageMsg is a text that was asked for.
	pageMsg struct {
		title, text string
		err         error
	}
	// replayedMsg is how a replay went, or that it was ended before.
	replayedMsg struct {
		pageMsg

		ended bool
	}
	// talksMsg is the sessions to go on with.
	talksMsg struct {
		talks []state.Talk
		err   error
	}
	// composeMsg is a file that waits for the user's editor.
	composeMsg struct{ path string }
	// composedMsg is what was written in the user's editor.
	composedMsg struct {
		text string
		err  error
	}
	// printedMsg says that plain lines are in the terminal.
	printedMsg struct{}
	// leftPlainMsg says that the line below the plain lines is gone.
	leftPlainMsg struct{}
	// lostMsg says that no more events will come.
	lostMsg struct{}
	// backgroundMsg is the terminal's answer to what colour its background has.
	backgroundMsg struct{ light bool }
)
