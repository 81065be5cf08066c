package tui

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLayout(t *testing.T) {
	t.Parallel()
	tests := []struct {
		w, h  int
		focus pane
		want  screen
		zoom  bool
	}{
		{0, 0, rightPane, screen{}, false},
		{20, 5, rightPane, screen{W: 20, H: 5, Fleet: rect{0, 0, 20, 4}, Status: rect{0, 4, 20, 1}}, false},
		{200, 11, rightPane, screen{W: 200, H: 11, Fleet: rect{0, 0, 200, 10}, Status: rect{0, 10, 200, 1}}, false},
		{59, 15, rightPane, screen{W: 59, H: 15, Framed: true, Header: rect{0, 0, 59, 1}, Tabs: rect{0, 1, 59, 1}, Right: rect{0, 2, 59, 12}, Status: rect{0, 14, 59, 1}}, false},
		{59, 15, fleetPane, screen{W: 59, H: 15, Framed: true, Header: rect{0, 0, 59, 1}, Tabs: rect{0, 1, 59, 1}, Fleet: rect{0, 2, 59, 12}, Status: rect{0, 14, 59, 1}}, false},
		{60, 15, rightPane, screen{W: 60, H: 15, Framed: true, Header: rect{0, 0, 60, 1}, Tabs: rect{0, 1, 60, 1}, Fleet: rect{0, 2, 28, 12}, Right: rect{28, 2, 32, 12}, Status: rect{0, 14, 60, 1}}, false},
		{80, 24, fleetPane, screen{W: 80, H: 24, Framed: true, Header: rect{0, 0, 80, 1}, Tabs: rect{0, 1, 80, 1}, Fleet: rect{0, 2, 36, 21}, Right: rect{36, 2, 44, 21}, Status: rect{0, 23, 80, 1}}, false},
		{120, 40, rightPane, screen{W: 120, H: 40, Framed: true, Header: rect{0, 0, 120, 1}, Fleet: rect{0, 1, 50, 38}, Right: rect{50, 1, 70, 38}, Status: rect{0, 39, 120, 1}}, false},
		{200, 60, rightPane, screen{W: 200, H: 60, Framed: true, Header: rect{0, 0, 200, 1}, Fleet: rect{0, 1, 88, 58}, Right: rect{88, 1, 112, 58}, Status: rect{0, 59, 200, 1}}, false},
		{120, 40, fleetPane, screen{W: 120, H: 40, Framed: true, Header: rect{0, 0, 120, 1}, Tabs: rect{0, 1, 120, 1}, Fleet: rect{0, 2, 120, 37}, Status: rect{0, 39, 120, 1}}, true},
		{120, 40, rightPane, screen{W: 120, H: 40, Framed: true, Header: rect{0, 0, 120, 1}, Tabs: rect{0, 1, 120, 1}, Right: rect{0, 2, 120, 37}, Status: rect{0, 39, 120, 1}}, true},
		{120, 9, rightPane, screen{W: 120, H: 9, Fleet: rect{0, 0, 120, 8}, Status: rect{0, 8, 120, 1}}, true},
	}
	for _, tt := range tests {
		if d := cmp.Diff(tt.want, layout(tt.w, tt.h, tt.focus, tt.zoom)); d != "" {
			t.Errorf("%d×%d (-want +got):\n%s", tt.w, tt.h, d)
		}
	}
}

// TestLayoutCoversTheScreen: every cell belongs to exactly one part.
func TestLayoutCoversTheScreen(t *testing.T) {
	t.Parallel()
	for w := 1; w < 210; w++ {
		for h := 1; h < 70; h++ {
			for i, focus := range []pane{rightPane, fleetPane, rightPane, fleetPane} {
				zoom := i > 1
				s := layout(w, h, focus, zoom)
				area := 0
				for _, r := range []rect{s.Header, s.Tabs, s.Fleet, s.Right, s.Status} {
					if r.shown() {
						area += r.W * r.H
					}
					if r.X < 0 || r.Y < 0 || r.X+r.W > w || r.Y+r.H > h {
						t.Fatalf("%d×%d: %+v leaves the screen", w, h, r)
					}
				}
				if area != w*h {
					t.Fatalf("%d×%d: %s", w, h, fmt.Sprintf("%d of %d cells are covered", area, w*h))
				}
			}
		}
	}
}
