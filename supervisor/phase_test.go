package supervisor

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

var phases = []Phase{Pending, Starting, Ready, Backoff, Stopping, Exited, Failed}

// TestPhaseTable walks every pair of phase and trigger, and compares with the table that the package comment shows.
func TestPhaseTable(t *testing.T) {
	t.Parallel()
	triggers := []trigger{start, spawned, ready, crash, giveUp, stop, gone}
	var got strings.Builder
	for _, p := range phases {
		fmt.Fprint(&got, p)
		for _, tr := range triggers {
			to, ok := p.next(tr)
			if !ok && to != p {
				t.Errorf("%v: a refused trigger moved to %v", p, to)
			}
			word := "."
			if ok {
				word = to.String()
			}
			fmt.Fprint(&got, " ", word)
		}
		fmt.Fprintln(&got)
	}
	if want := documented(t); got.String() != want {
		t.Errorf("table is\n%s\nthe package comment says\n%s", got.String(), want)
	}
}

// documented reads the table out of doc.go.
func documented(t *testing.T) string {
	t.Helper()
	src, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for line := range strings.Lines(string(src)) {
		f := strings.Fields(strings.TrimPrefix(line, "//"))
		if len(f) == 8 && f[0] != "start" && strings.HasPrefix(line, "//\t") {
			fmt.Fprintln(&rows, strings.Join(f, " "))
		}
	}
	return rows.String()
}

func TestZeroPhaseGoesNowhere(t *testing.T) {
	t.Parallel()
	for tr := start; tr <= gone; tr++ {
		if to, ok := Phase(0).next(tr); ok {
			t.Errorf("trigger %d moved no phase to %v", tr, to)
		}
	}
}
