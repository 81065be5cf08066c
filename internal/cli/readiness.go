package cli

import (
	"github.com/woodwork-lang/ww/internal/state"
)

// readiness waits for the app to be ready, or for a component that will never be.
type readiness struct {
	done   chan struct{} // closed when it is decided
	failed *state.Component
	over   bool
}

func newReadiness(s state.State) *readiness {
	r := &readiness{done: make(chan struct{})}
	if s.Ready {
		r.decide(nil)
	}
	for _, c := range s.Components {
		if c.State == state.Failed && !s.Ready {
			r.decide(&c)
		}
	}
	return r
}

func (r *readiness) take(e state.Event) {
	switch e := e.(type) {
	case state.AppReady:
		r.decide(nil)
	case state.ComponentChanged:
		if e.Component.State == state.Failed {
			c := e.Component
			r.decide(&c)
		}
	}
}

func (r *readiness) decide(failed *state.Component) {
	if r.over {
		return
	}
	r.over, r.failed = true, failed
	close(r.done)
}
