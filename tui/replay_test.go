package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/tui/order"
)

// TestAReplayCanBeEnded: while one goes on the screen says so, with the key that ends it, from a text field, too; a second one
// does not begin.
func TestAReplayCanBeEnded(t *testing.T) {
	t.Parallel()
	for _, w := range []int{40, 60, 80, 120} {
		m := screenOf(pictures()["normal"], w, 24)
		next, _ := m.Update(tea.KeyMsg{Type: tea.KeyCtrlG})
		if m = next.(model); strings.Contains(m.View(), "replay") {
			t.Fatalf("there is none to end:\n%s", m.View())
		}
		next, cmd := m.obey(order.Replay{How: "all", Session: "endless"})
		m = next.(model)
		ended := make(chan tea.Msg, 1)
		go func() { ended <- cmd() }()
		if head := strings.Split(m.View(), "\n")[0]; !strings.Contains(head, "ctrl+g ends it") {
			t.Fatalf("%d columns: the screen does not say how to end it:\n%s", w, head)
		}
		if next, cmd := m.obey(order.Replay{How: "all", Session: "another"}); cmd != nil || !next.(model).flash.bad {
			t.Error("a second replay begins beside the first")
		}
		if !m.typing() {
			t.Fatal("not in a text field")
		}
		next, _ = m.Update(tea.KeyMsg{Type: tea.KeyCtrlG})
		next, _ = next.(model).Update(<-ended)
		m = next.(model)
		if view := m.View(); strings.Contains(strings.Split(view, "\n")[0], "replaying") || m.over.sheet != nil || m.flash.bad {
			t.Errorf("%d columns, after its end:\n%s", w, view)
		}
	}
	m := screenOf(pictures()["normal"], 80, 24)
	next, cmd := m.obey(order.Replay{How: "all", Session: "s-1"})
	next, _ = next.(model).Update(cmd())
	if m = next.(model); m.over.sheet == nil || m.replaying.session != "" {
		t.Errorf("one that ends by itself is not shown:\n%s", m.View())
	}
}
