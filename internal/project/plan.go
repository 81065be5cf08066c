package project

import (
	"fmt"
	"strings"
)

// Op is what a step does with a component.
type Op string

// The operations. A whole app starts and stops; a reload keeps, changes, replaces, adds and removes.
const (
	OpSame    Op = "same"    // nothing changes
	OpLive    Op = "live"    // the running process takes new values
	OpReplace Op = "replace" // a new generation beside the old one, then the old one goes
	OpAdd     Op = "add"     // a new component of a running app
	OpRemove  Op = "remove"  // a component that is no longer wanted
	OpStart   Op = "start"
	OpStop    Op = "stop"
)

// Step is one operation and why it is done.
type Step struct {
	ID        int // from 1, in the order of the plan
	Op        Op
	Component string
	Cause     string // in words, as in "changed: model" or "functions.py saved"
	// After is the steps that must be done before this one takes effect. Processes may be started earlier: an input
	// that waits for its chain starts beside it and accepts turns later.
	After []int
}

// Plan is the way from one project to another.
type Plan struct {
	Steps []Step
}

// Empty reports whether there is nothing to do.
func (p Plan) Empty() bool {
	for _, s := range p.Steps {
		if s.Op != OpSame {
			return false
		}
	}
	return true
}

// Step finds what the plan does with a component.
func (p Plan) Step(component string) (Step, bool) {
	for _, s := range p.Steps {
		if s.Component == component {
			return s, true
		}
	}
	return Step{}, false
}

// String is the plan for people, one line a step.
func (p Plan) String() string {
	var wide, names int
	for _, s := range p.Steps {
		wide, names = max(wide, len(s.Op)), max(names, len(s.Component))
	}
	var b strings.Builder
	for _, s := range p.Steps {
		line := fmt.Sprintf("%2d  %-*s  %-*s", s.ID, wide, s.Op, names, s.Component)
		if s.Cause != "" {
			line += "  (" + s.Cause + ")"
		}
		if len(s.After) > 0 {
			line += "  after " + strings.Trim(fmt.Sprint(s.After), "[]")
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
