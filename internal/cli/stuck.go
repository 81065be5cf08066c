package cli

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/woodwork-lang/ww/internal/state"
)

// stuck ends the waiting for a turn when a component that it needs has failed for good: the turn stays in a journal, but
// nobody starts that component again before a person does.
type stuck struct {
	needs  []string // the components behind the input
	mu     sync.Mutex
	failed map[string]state.Component
	giveUp context.CancelCauseFunc // of the turn that is asked now
}

// stuckError says for whom a turn waits.
type stuckError struct{ c state.Component }

// Error implements error.
func (e *stuckError) Error() string {
	return fmt.Sprintf("it waits for %s, which failed (%s); it stays in its journal and goes on when %s is back: ww restart %s",
		e.c.Name, e.c.Reason, e.c.Name, e.c.Name)
}

// take looks at a change of a component.
func (s *stuck) take(c state.Component) {
	if !slices.Contains(s.needs, c.Name) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.State != state.Failed {
		delete(s.failed, c.Name)
		return
	}
	if s.failed == nil {
		s.failed = map[string]state.Component{}
	}
	s.failed[c.Name] = c
	if s.giveUp != nil {
		s.giveUp(&stuckError{c})
	}
}

// turn is a context for asking one turn.
func (s *stuck) turn(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.giveUp = cancel
	for _, c := range s.failed {
		cancel(&stuckError{c})
	}
	return ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.giveUp = nil
		cancel(nil)
	}
}
