package cli

import (
	"context"
	"fmt"
	"sync"

	"github.com/woodwork-lang/ww/internal/state"
)

// stuck ends the waiting for a turn when a component that it needs has failed for good: the turn stays in a journal, but
// nobody starts that component again before a person does.
type stuck struct {
	needs  []string // the components behind the input
	mu     sync.Mutex
	seen   state.State             // the instances of the app
	giveUp context.CancelCauseFunc // of the turn that is asked now
}

// stuckError says for whom a turn waits.
type stuckError struct{ c state.Component }

// Error implements error.
func (e *stuckError) Error() string {
	return fmt.Sprintf("it waits for %s, which failed (%s); it stays in its journal and goes on when %s is back: ww restart %s",
		e.c.Name, e.c.Reason, e.c.Name, e.c.Name)
}

// take looks at a change of the components.
func (s *stuck) take(e state.Event) {
	switch e.(type) {
	case state.ComponentChanged, state.ComponentRemoved:
	default:
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen.Apply(e)
	if c := s.failed(); c != nil && s.giveUp != nil {
		s.giveUp(&stuckError{*c})
	}
}

// failed is a component that the turns need and of which no instance is left that could come back by itself. The caller
// holds mu.
func (s *stuck) failed() *state.Component {
	for _, name := range s.needs {
		var last *state.Component
		hope := false
		for _, c := range s.seen.Components {
			if c.Name == name {
				last = &c
				hope = hope || c.State != state.Failed
			}
		}
		if last != nil && !hope {
			return last
		}
	}
	return nil
}

// turn is a context for asking one turn.
func (s *stuck) turn(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.giveUp = cancel
	if c := s.failed(); c != nil {
		cancel(&stuckError{*c})
	}
	return ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.giveUp = nil
		cancel(nil)
	}
}
