package bus

import (
	"fmt"
	"slices"
)

// State is where a component stands in its life.
type State string

// The states of a component.
const (
	StateInitializing State = "initializing" // it loads, or waits for its next start
	StateReady        State = "ready"        // it takes messages and has none
	StateActive       State = "active"       // ready, and at work; derived from its load, never written down
	StateShuttingDown State = "shutting_down"
	StateFailed       State = "failed"
	StateTerminated   State = "terminated"
)

// States lists them in the order of a life.
func States() []State {
	return []State{StateInitializing, StateReady, StateActive, StateShuttingDown, StateFailed, StateTerminated}
}

// Next is the table of the transitions that are allowed: the only one there is. Runners, records and tests use it.
func (s State) Next() []State {
	switch s {
	case StateInitializing:
		return []State{StateReady, StateFailed, StateShuttingDown, StateTerminated}
	case StateReady:
		return []State{StateActive, StateShuttingDown, StateFailed}
	case StateActive:
		return []State{StateReady, StateShuttingDown, StateFailed}
	case StateShuttingDown:
		return []State{StateTerminated, StateFailed}
	case StateFailed:
		return []State{StateInitializing, StateTerminated} // a restart, a changed file, or by hand
	}
	return nil
}

// May says whether a component may go from s to another state. To stay is no transition.
func (s State) May(to State) bool { return slices.Contains(s.Next(), to) }

// Usable says whether a component in this state takes messages: one at work does, too.
func (s State) Usable() bool { return s == StateReady || s == StateActive }

// TransitionError refuses a step that is not in the table. Nothing has changed.
type TransitionError struct {
	ID       string
	From, To State
}

// Error implements error.
func (e *TransitionError) Error() string {
	return fmt.Sprintf("%s: from %s to %s: no such transition", e.ID, e.From, e.To)
}
