package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTheLastLinesAreThoseOfTheLastProcess: a component that fails again and again says the same each time, and its end is told
// beside the lines.
func TestTheLastLinesAreThoseOfTheLastProcess(t *testing.T) {
	t.Parallel()
	ends := `ww notes-b level=ERROR msg="component ends" status=3 reason="exit status 3"`
	tests := map[string]struct {
		log  string
		want []string
	}{
		"crashed twice":   {"stderr notes-a no module\n" + "ww notes-a level=ERROR msg=\"component ends\"\n" + "stderr notes-b loading\nstderr notes-b no module\n" + ends + "\n", []string{"loading", "no module"}},
		"its end is all":  {"stderr notes-a no module\n" + ends + "\n", []string{`level=ERROR msg="component ends" status=3 reason="exit status 3"`}},
		"nothing is said": {"", nil},
	}
	for name, tt := range tests {
		dir, text := t.TempDir(), ""
		for l := range strings.Lines(tt.log) {
			text += "2026-11-27T08:38:09.799809Z " + l
		}
		if err := os.WriteFile(filepath.Join(dir, "notes.log"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, lastLines(t.Context(), dir, "notes")); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
