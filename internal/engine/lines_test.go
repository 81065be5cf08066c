package engine

import (
	"errors"
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
	ends := `ww notes-b level=ERROR msg="component ends" status=3 reason="the process ended: exit status 3"`
	tests := map[string]struct {
		log  string
		want []string
	}{
		"crashed twice":   {"stderr notes-a no module\n" + "ww notes-a level=ERROR msg=\"component ends\"\n" + "stderr notes-b loading\nstderr notes-b no module\n" + ends + "\n", []string{"loading", "no module"}},
		"its end is all":  {"stderr notes-a no module\n" + ends + "\n", []string{"the process ended: exit status 3"}},
		"said by ww":      {"stderr brain-a old\nww brain-b loading\n" + `ww brain-b level=ERROR msg="component ends" status=1 reason="brain.script:31:5: \"weather\" is none"` + "\n", []string{"loading", `brain.script:31:5: "weather" is none`}},
		"one word":        {"ww brain-b level=ERROR msg=\"component ends\" status=1 reason=timeout\n", []string{"timeout"}},
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

func TestASetbackIsToldWithTheLastWordsOfWhatEnded(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"notes does not start: exit status 4; its last line: no such table":  &StartError{Unit: "notes", Reason: "exit status 4", Lines: []string{"loading", "no such table", " "}},
		"notes does not start: exit status 4: no such table":                 &StartError{Unit: "notes", Reason: "exit status 4: no such table", Lines: []string{"no such table"}},
		"notes does not start: not ready after 4 s; it is not started again": &StartError{Unit: "notes", Reason: "not ready after 4 s; it is not started again", Lines: []string{"gs 0x0"}},
		"notes does not start: exit status 4":                                &StartError{Unit: "notes", Reason: "exit status 4"},
		"something else":                                                     errors.New("something else"),
	} {
		if got := withLastWords(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
