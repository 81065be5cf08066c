package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/woodwork-lang/ww/tui/order"
)

// TestEveryTabIsNamed: from 60 columns on no tab is a bare number, whichever is shown and wherever the focus is; below that
// the one that is shown has its name, and how to come to the others.
func TestEveryTabIsNamed(t *testing.T) {
	t.Parallel()
	for w := 40; w <= 200; w++ {
		for tab := range order.Panes {
			for _, keys := range []string{"tab", "z"} {
				next, _ := screenOf(pictures()["normal"], w, 24).show(order.Show{Pane: tab})
				m, _ := press(next.(model), "esc", keys)
				head := strings.Join(strings.Split(ansi.Strip(m.View()), "\n")[1:3], "\n")
				for p := range order.Panes {
					if w >= onePaneBelow && !strings.Contains(head, tabName(p)) {
						t.Fatalf("%d columns, %s, %s: no %s in\n%s", w, tabName(tab), keys, tabName(p), head)
					}
				}
				if w < onePaneBelow && !strings.Contains(head, "of 7") {
					t.Fatalf("%d columns, %s, %s:\n%s", w, tabName(tab), keys, head)
				}
			}
		}
	}
}

// TestTheShownTabIsMarked without colours, too.
func TestTheShownTabIsMarked(t *testing.T) {
	t.Parallel()
	for _, w := range []int{40, 60, 61, 80, 100, 117, 118, 120, 160, 200} {
		for tab := range order.Panes {
			next, _ := screenOf(pictures()["normal"], w, 24).show(order.Show{Pane: tab})
			view := next.(model).View()
			if name := tabName(tab); !strings.Contains(view, name+"]") && !strings.Contains(view, "›"+string(rune('1'+int(tab)))+" "+name) {
				t.Errorf("%d columns: %s is not marked\n%s", w, name, view)
			}
		}
	}
}
