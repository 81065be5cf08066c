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

// mostNamed is how many components a sentence names.
const mostNamed = 5

// ModeNote says what a centralized app does not promise; empty for a distributed one.
func ModeNote(p *project.Project) string {
	central := p.Centralized()
	if len(central) == 0 {
		return ""
	}
	who := strings.Join(central, ", ") + " go"
	switch n := len(central); {
	case n == 1:
		who = central[0] + " goes"
	case n > mostNamed:
		who = fmt.Sprintf("%s and %d others go", strings.Join(central[:mostNamed-1], ", "), n-mostNamed+1)
	}
	return fmt.Sprintf("%s by way of %s: while it is away or slow, their turns wait; ww migrate --mode distributed shows the way out", who, p.Master())
}
