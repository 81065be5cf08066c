package engine

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/internal/watch"
)

// Who saves may ask for the reload, too, as ww migrate does. The look at the files comes later then; and when the new
// generation has died in between, it is not tried once more, which only a person may ask for.
func TestALateLookAtTheFilesDoesNotTryAgainWhatWentBack(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "main.ww")
	if err := os.WriteFile(file, []byte("you = input command_line { to: brain }\nbrain = llm echo {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, problems := project.Source{File: file}.Load()
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	e := &Engine{o: Options{Project: p, App: app.App{File: file}}}
	e.news, e.hub, e.watcher = make(chan struct{}, 1), newHub(state.State{}), watch.New(watch.Options{})
	e.wants = &wants{d: app.Desired{Generation: 2, Components: []app.Wanted{{Name: "brain", Kind: "llm", Type: "echo", Hash: "older"}}}}
	e.use(p)
	go e.watcher.Run(t.Context())

	if r, err := e.reload(t.Context(), false, false); err != nil || r.Changed {
		t.Fatalf("the files are what runs, but: %+v, %v", r, err)
	}
	e.rolls.cameBack("brain")
	e.refuse(errors.New("it died at once"))
	if r, err := e.reload(t.Context(), false, true); err != nil || r.Changed || !r.Plan.Empty() {
		t.Errorf("a late look: %+v, %v, want nothing to do", r, err)
	}
	if why := e.refused.Load(); why == nil || *why != "it died at once" {
		t.Errorf("nobody is told any more that brain went back, and why: %v", why)
	}
	if r, err := e.reload(t.Context(), true, false); err != nil || r.Plan.Empty() {
		t.Errorf("whoever asks for it: %+v, %v, want brain replaced", r, err)
	}
}
