package config

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

func TestABrokenSaveIsShownWithItsPlaceInTheFile(t *testing.T) {
	t.Parallel()
	source := "brain = llm echo {\n    to: brian\n}\n"
	at := diag.Span{File: "main.ww", Start: diag.Pos{Line: 2, Col: 9, Offset: 27}, End: diag.Pos{Line: 2, Col: 14, Offset: 32}}
	problems := diag.List{{Severity: diag.Error, Code: "E_UNKNOWN_REF", Summary: `no component is called "brian"`, Span: at}}
	for _, ascii := range []bool{false, true} {
		m := New(theme.New(theme.Options{Profile: termenv.Ascii, ASCII: ascii}), keymap.Map{}).In(kit.Place{Title: "config", W: 70, H: 24, Focused: true})
		m = m.With(problems, diag.Sources{"main.ww": []byte(source)}, 7, "replace brain: main.ww:2").Resolved("brain = {}\n")
		view := ansi.Strip(m.View(time.Time{}))
		for _, want := range []string{"version 7 keeps running", "E_UNKNOWN_REF", "main.ww:2:9", "to: brian", "^^^^^", "the last reload", "replace brain: main.ww:2"} {
			if !strings.Contains(view, want) {
				t.Errorf("ascii %v: no %q:\n%s", ascii, want, view)
			}
		}
		if ascii && strings.ContainsFunc(view, func(r rune) bool { return r > 126 }) {
			t.Errorf("not ASCII:\n%s", view)
		}
	}
}
