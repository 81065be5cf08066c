package tui

import (
	"bytes"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/canvas"
)

// TestAScreenAtRestIsDrawnOnceASecond: signs of life and loads are drawn with the clock, a key at once.
func TestAScreenAtRestIsDrawnOnceASecond(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	pane := canvas.New(&out)
	if _, err := pane.Write([]byte("\x1b[?1049h")); err != nil {
		t.Fatal(err)
	}
	m := screenOf(pictures()["normal"], 80, 24)
	var d tea.Model = drawn{guarded: guarded{m, newRecord(nil)}, canvas: pane, clock: func() time.Time { return noon }}
	tell := func(msg tea.Msg) (frame string, later bool) {
		out.Reset()
		next, cmd := d.Update(msg)
		d = next
		if view := d.View(); view != canvas.Aside {
			t.Fatalf("the library is told to draw %q", view)
		}
		return out.String(), cmd != nil
	}
	if frame, _ := tell(tea.WindowSizeMsg{Width: 80, Height: 24}); !strings.Contains(frame, "fleet") {
		t.Fatalf("the first frame is %q", frame)
	}
	c := m.state.Components[0]
	beat := state.Heartbeat{Name: c.Name, Instance: c.Instance, At: m.now.Add(time.Minute)}
	for range 10 {
		if frame, later := tell(eventsMsg{[]state.Event{beat}, m.now.Add(time.Minute)}); frame != "" || later {
			t.Fatalf("a heartbeat was drawn: %q, or has something drawn later: %v", frame, later)
		}
	}
	waited := d.(drawn)
	waited.pace = canvas.Pace{} // long ago
	d = waited
	if frame, _ := tell(tickMsg(m.now.Add(time.Minute))); frame == "" {
		t.Error("the clock was not drawn")
	}
	waited = d.(drawn)
	waited.pace = canvas.Pace{}
	d = waited
	if frame, _ := tell(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("x")}); !strings.Contains(frame, "x") {
		t.Errorf("a key was not drawn: %q", frame)
	}
	still := d.(drawn)
	still.pace, still.still = canvas.Pace{}, true
	d = still
	notice := eventsMsg{[]state.Event{state.Notice{Text: "something happened"}}, m.now}
	if frame, later := tell(notice); frame != "" || later {
		t.Errorf("without motion, what happened was drawn before the clock: %q, or soon: %v", frame, later)
	}
	if frame, _ := tell(tickMsg(m.now.Add(time.Minute))); !strings.Contains(frame, "something happened") {
		t.Errorf("with the clock it was not drawn: %q", frame)
	}
	if frame, later := tell(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("y")}); frame != "" || !later {
		t.Errorf("a key right behind it: %q, later: %v", frame, later)
	}
}
