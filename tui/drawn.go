package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/canvas"
)

// drawn puts the frames of the screen on the terminal when they are due. The library gets an empty one instead, but for
// plain lines, which are its own.
type drawn struct {
	guarded

	canvas *canvas.Canvas
	pace   canvas.Pace
	w, h   int
	clock  func() time.Time
	still  bool // what happens by itself is drawn once a second
	builds *builds
	due    bool // the next View draws
}

// drawMsg says that a frame may be due that had to wait.
type drawMsg struct{}

// Update implements tea.Model.
func (d drawn) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, alarm := msg.(drawMsg); alarm {
		d.pace, d.due = d.pace.Due(d.clock())
		return d, nil
	}
	var next tea.Model
	var cmd tea.Cmd
	d.builds.during(func() { next, cmd = d.guarded.Update(msg) })
	d.guarded = next.(guarded)
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		d.w, d.h = size.Width, size.Height
		d.canvas.Forget()
	}
	how := haste(msg)
	if _, clock := msg.(tickMsg); d.still && how == canvas.Soon && !clock {
		how = canvas.Later
	}
	var wait time.Duration
	d.pace, d.due, wait = d.pace.Changed(how, d.clock())
	if wait <= 0 {
		return d, cmd
	}
	return d, tea.Batch(cmd, tea.Tick(wait, func(time.Time) tea.Msg { return drawMsg{} }))
}

// View implements tea.Model.
func (d drawn) View() string {
	if m, ok := d.Model.(model); ok && m.plain.on {
		return d.guarded.View()
	}
	if d.due {
		var frame string
		d.builds.during(func() { frame = d.guarded.View() })
		d.builds.built()
		_ = d.canvas.Draw(frame, d.w, d.h) // a terminal that cannot be written to ends the program by itself
	}
	return canvas.Aside
}

// haste is how soon what a message changed is to be seen: what people do and the answers to it at once.
func haste(msg tea.Msg) canvas.Haste {
	switch msg := msg.(type) {
	case tickMsg, linesMsg, heardMsg, breakersMsg:
		return canvas.Soon
	case eventsMsg:
		if quiet(msg.events) {
			return canvas.Later
		}
		return canvas.Soon
	}
	return canvas.Now
}

// quiet says that events tell of nothing but ages, loads and what processes use.
func quiet(events []state.Event) bool {
	for _, e := range events {
		switch e.(type) {
		case state.Heartbeat, state.Used:
		default:
			return false
		}
	}
	return true
}
