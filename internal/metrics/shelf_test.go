package metrics

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func turns(t *testing.T, snaps []Snapshot) uint64 {
	t.Helper()
	s := merge(t, snaps...)
	n := uint64(0)
	for _, f := range s.Families {
		if f.Name == "ww_turns_total" {
			for _, x := range f.Series {
				n += x.Count
			}
		}
	}
	return n
}

func alive(names ...string) func() (func(string) bool, error) {
	return func() (func(string) bool, error) {
		return func(n string) bool { return slices.Contains(names, n) }, nil
	}
}

func counting(n int) Snapshot {
	s := New()
	for range n {
		s.Turns.With("in", "ok").Inc()
		s.TurnTime.With("in").Observe(1)
		s.InFlight.With("in").Set(7)
	}
	return s.Snapshot()
}

func rest(t *testing.T, s Shelf, answered ...string) []Snapshot {
	t.Helper()
	out, err := s.Rest(func() []string { return answered })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatTheDeadCountedIsKeptOnce(t *testing.T) {
	s := Shelf{Dir: filepath.Join(t.TempDir(), ShelfDir)}
	if got := rest(t, s); got != nil {
		t.Fatalf("got %v of nobody", got)
	}
	for i, name := range []string{"in-1", "in-2", "in-3"} {
		for n := range i + 2 { // each keeps its numbers again and again
			if err := s.Put(name, counting(n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	steps := []struct {
		name     string
		alive    []string
		answered []string
		want     uint64
	}{
		{"all live and answer", []string{"in-1", "in-2", "in-3"}, []string{"in-1", "in-2", "in-3"}, 0},
		{"one does not answer", []string{"in-1", "in-2", "in-3"}, []string{"in-1", "in-2"}, 3},
		{"one is dead", []string{"in-2", "in-3"}, []string{"in-2", "in-3"}, 1},
		{"another one too", []string{"in-2"}, []string{"in-2"}, 4},
		{"all", nil, nil, 6},
	}
	for _, st := range steps {
		for range 2 { // again changes nothing
			if err := s.Retire(alive(st.alive...)); err != nil {
				t.Fatal(err)
			}
			if got := turns(t, rest(t, s, st.answered...)); got != st.want {
				t.Errorf("%s: %d turns, want %d", st.name, got, st.want)
			}
		}
	}
	for _, f := range merge(t, rest(t, s)...).Families {
		if f.Kind == KindGauge {
			t.Errorf("%s of the dead is shown", f.Name)
		}
	}
	if err := s.Clear(); err != nil {
		t.Fatal(err)
	}
	if got := turns(t, rest(t, s)); got != 0 {
		t.Errorf("%d turns after a new start", got)
	}
}

// Whoever adds up dies behind the sum and before the files are gone: nothing counts twice.
func TestADeathWhileAddingUpCountsNothingTwice(t *testing.T) {
	s := Shelf{Dir: filepath.Join(t.TempDir(), ShelfDir)}
	if err := s.Put("in-1", counting(5)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(s.Dir, "in-1.json")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Retire(alive()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil { // as if it had not been removed
		t.Fatal(err)
	}
	if got := turns(t, rest(t, s)); got != 5 {
		t.Errorf("%d turns before, want 5", got)
	}
	if err := s.Retire(alive()); err != nil {
		t.Fatal(err)
	}
	if got := turns(t, rest(t, s)); got != 5 {
		t.Errorf("%d turns after, want 5", got)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
}

func TestNumbersThatCannotBeReadAreSaidAndLost(t *testing.T) {
	s := Shelf{Dir: filepath.Join(t.TempDir(), ShelfDir)}
	for _, name := range []string{"in-1", "in-2", "past"} {
		if err := s.Put(name, counting(2)); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"in-1", "past"} {
		if err := os.WriteFile(filepath.Join(s.Dir, bad+".json"), []byte(`{"v":1`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := s.Rest(func() []string { return nil })
	var shelf *ShelfError
	if !errors.As(err, &shelf) || turns(t, out) != 2 {
		t.Errorf("%d turns, error %v", turns(t, out), err)
	}
	if err := s.Retire(alive()); !errors.As(err, &shelf) {
		t.Errorf("got %v", err)
	}
	if got := turns(t, rest(t, s)); got != 2 { // said once; from here on all is well
		t.Errorf("%d turns", got)
	}
}
