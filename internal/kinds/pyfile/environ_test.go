package pyfile

import (
	"slices"
	"testing"

	"github.com/woodwork-lang/ww/internal/component"
)

// What a file prints is in its log at once, also when it is killed; whoever wants it otherwise says so.
func TestPythonDoesNotKeepItsOutputBack(t *testing.T) {
	t.Setenv("PYTHONFAULTHANDLER", "0")
	h := &Host{env: component.Env{Spec: component.Spec{App: component.App{Tag: "t"}}}}
	got := h.environ()
	if !slices.Contains(got, "PYTHONUNBUFFERED=1") {
		t.Errorf("its output is kept back: %v", got)
	}
	if slices.Contains(got, "PYTHONFAULTHANDLER=1") || !slices.Contains(got, "PYTHONFAULTHANDLER=0") {
		t.Errorf("what the user has set does not count: %v", got)
	}
}
