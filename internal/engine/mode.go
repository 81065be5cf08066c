package engine

import (
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/project"
)

// Mode says in a word who hands the messages of an app on.
func Mode(p *project.Project) string {
	central, all := len(p.Centralized()), len(p.Components)
	if p.Master() != "" {
		all--
	}
	switch central {
	case 0:
		return project.Distributed
	case all:
		return project.Centralized
	}
	return "mixed"
}

// ModeNote says what a centralized app does not promise; empty for a distributed one.
func ModeNote(p *project.Project) string {
	central := p.Centralized()
	if len(central) == 0 {
		return ""
	}
	who := strings.Join(central, ", ") + " go"
	if len(central) == 1 {
		who = central[0] + " goes"
	}
	return fmt.Sprintf("%s by way of %s: while it is away or slow, their turns wait; ww migrate --mode distributed shows the way out", who, p.Master())
}

// ModeNote is what the app that runs does not promise.
func (e *Engine) ModeNote() string { return ModeNote(e.project()) }
