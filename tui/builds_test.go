package tui

import (
	"bytes"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/tui/canvas"
)

// A frame's time is that of every change since the frame before and of its own drawing; what waits for its frame is in the next.
func TestAFrameTellsHowLongItTookToBuild(t *testing.T) {
	t.Parallel()
	var out, times bytes.Buffer
	now := noon
	tick := func() time.Time { now = now.Add(time.Millisecond); return now } // what is measured takes a millisecond
	d := tea.Model(drawn{
		guarded: guarded{screenOf(pictures()["normal"], 80, 24), newRecord(nil)}, canvas: canvas.New(&out),
		clock: func() time.Time { return noon }, builds: &builds{out: &times, clock: tick},
	})
	tell := func(msg tea.Msg) {
		d, _ = d.Update(msg)
		d.View()
	}
	tell(tea.WindowSizeMsg{Width: 80, Height: 24})
	tell(tickMsg(noon)) // has to wait for its frame
	waited := d.(drawn)
	waited.pace = canvas.Pace{} // long ago
	d = waited
	tell(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("x")})
	if got, want := times.String(), "2000\n3000\n"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}
