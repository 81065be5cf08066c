package cli

import (
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
)

// TestWhatHadFailedStaysWhenTheScreenIsGone: with a screen it stood nowhere else; without one it was said when it happened.
func TestWhatHadFailedStaysWhenTheScreenIsGone(t *testing.T) {
	sum := engine.Summary{Components: 2, Stopped: 2, Turns: 3, Answered: 2, Failed: []state.Turn{{ID: "t-3", End: &event.End{Status: event.StatusFailed, Error: "notes: no such\x1b[2J disk"}}}}
	for ui, want := range map[string]bool{"tui": true, "stream": false} {
		var out strings.Builder
		p := newStopPrinter(&out, nil)
		p.broken = []state.Component{{Name: "notes", Reason: "exit status 1", LastLines: []string{"one", "two", "three", "ImportError: four"}}}
		close(p.done)
		p.summary(sum, devOptions{UI: ui})
		text := out.String()
		for _, line := range []string{"✗ notes had failed: exit status 1", "    two", "    ImportError: four", "✗ turn t-3 failed: notes: no such"} {
			if strings.Contains(text, line+"\n") != want && strings.Contains(text, line) != want {
				t.Errorf("%s: %q is there: %v\n%s", ui, line, !want, text)
			}
		}
		if strings.Contains(text, "one\n") || strings.Contains(text, "\x1b") || !strings.Contains(text, "3 turns, 2 answered.") {
			t.Errorf("%s:\n%q", ui, text)
		}
	}
}
