package kit

import "testing"

func TestAListMovesNoFurtherThanItMust(t *testing.T) {
	t.Parallel()
	const rows, height = 20, 5
	steps := []struct{ by, selected, from, to int }{
		{0, 0, 0, 5}, {3, 3, 0, 5}, {1, 4, 0, 5}, {1, 5, 1, 6}, {-1, 4, 1, 6}, {-4, 0, 0, 5}, {100, 19, 15, 20}, {-2, 17, 15, 20}, {-100, 0, 0, 5},
	}
	var w Window
	for i, s := range steps {
		w = w.Move(s.by, rows, height)
		from, to := w.Range(rows, height)
		if w.Selected != s.selected || from != s.from || to != s.to {
			t.Errorf("step %d: row %d of %d…%d, want row %d of %d…%d", i, w.Selected, from, to, s.selected, s.from, s.to)
		}
	}
	if w := w.To(3, 0, height); w.Selected != 0 {
		t.Errorf("row %d of an empty list", w.Selected)
	}
	if from, to := (Window{Top: 18, Selected: 18}).Range(4, height); from != 0 || to != 4 {
		t.Errorf("a list that has become short shows %d…%d", from, to)
	}
}
